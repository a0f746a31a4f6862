from dataclasses import replace

import pytest

from helpdesk.files.limits import KINDS, check_files, type_by_name
from helpdesk.model.files import NewFile
from helpdesk.model.settings import Settings

DESK = Settings()


def reasons(*files: NewFile, settings: Settings = DESK) -> list[tuple[str, str, str]]:
    problems = check_files(files, settings)[1]
    return [(problem.reason, problem.label, problem.detail) for problem in problems]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.png", "image/png"),
        ("A.PNG", "IMAGE/PNG"),
        ("a.jpg", "image/jpeg"),
        ("a.pdf", "application/octet-stream"),
        ("README", "text/plain"),
        ("a.csv", "text/csv"),
        ("a.yml", "text/yaml"),
        ("a.7z", "application/x-7z-compressed"),
    ],
)
def test_listed_kinds_pass(name: str, kind: str) -> None:
    assert reasons(NewFile(name, kind, b"x")) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.exe", "application/octet-stream"),
        ("a.exe", "image/png"),
        ("a.png", "application/x-msdownload"),
        ("README", "application/octet-stream"),
        ("a.png.bat", "image/png"),
    ],
)
def test_a_kind_must_be_listed_by_name_and_by_type(name: str, kind: str) -> None:
    ((reason, label, _detail),) = reasons(NewFile(name, kind, b"x"))
    assert (reason, label) == ("file_type", name)


def test_the_list_is_a_setting_and_an_empty_one_allows_all() -> None:
    exe = NewFile("a.exe", "application/x-msdownload", b"x")
    assert reasons(exe, settings=Settings(file_types=())) == []
    assert reasons(exe, settings=Settings(file_types=("exe", "application/x-msdownload"))) == []
    assert reasons(NewFile("a.png", "image/png", b"x"), settings=Settings(file_types=(".PDF",)))


def test_limits_name_the_file_and_the_limit() -> None:
    small = replace(DESK, max_files=2, max_file_size=3, max_files_size=5)
    big = NewFile("big.txt", "text/plain", b"1234")
    assert reasons(big, settings=small) == [("file_too_large", "big.txt", "3")]
    three = NewFile("c.txt", "text/plain", b"1")
    assert reasons(three, three, three, settings=small) == [("too_many_files", "", "2")]
    two = NewFile("b.txt", "text/plain", b"123")
    assert reasons(two, two, settings=small) == [("files_too_large", "", "5")]


def test_pictures_in_a_body_do_not_count_for_the_number() -> None:
    inline = NewFile("image-1.png", "image/png", b"1", inline=True)
    assert reasons(inline, inline, settings=replace(DESK, max_files=1)) == []


def test_files_are_dropped_where_attachments_are_off() -> None:
    files = [NewFile("a.exe", "x/y", b"1")] * 9
    assert check_files(files, replace(DESK, allow_attachments=False)) == ((), ())


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.md", "text/markdown"),
        ("a.mp4", "video/mp4"),
        ("a.unheard", "text/plain"),
        ("a", "text/plain"),
    ],
)
def test_a_missing_type_is_told_by_the_extension(name: str, kind: str) -> None:
    assert type_by_name(name) == kind


def test_the_stock_list_is_known_in_full() -> None:
    assert set(DESK.file_types) == set(KINDS)
