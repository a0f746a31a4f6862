"""The one reader of addresses in requests and forms: `jane@example.com`, or a name with it."""

from helpdesk.addresses import is_address


def read(written: str) -> tuple[str, str]:
    """The name and the address that a text is, as in a From of mail (RFC 5322, 3.4).

    Returns:
        The name, empty if there is none; and the address. A text with no address, several, or an
        invalid one is returned unchanged as the address, for the desk to refuse.
    """
    written = written.strip()
    if is_address(written):
        return "", written
    # Hardly a request needs it, and it costs a cold start the reading of header fields.
    from helpdesk.mail_syntax.addresses import mailboxes  # noqa: PLC0415

    # A longer text, or one of several lines, is not a single mailbox, and need not be parsed.
    single = len(written) <= _LONGEST_MAILBOX and len(written.splitlines()) == 1
    found = mailboxes(written) if single else ()
    if len(found) != 1 or not is_address(found[0].address):
        return "", written
    return found[0].name, found[0].address


_LONGEST_MAILBOX = 1_000
