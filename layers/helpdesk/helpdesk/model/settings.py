"""The settings of the whole desk."""

from dataclasses import dataclass
from typing import Literal

FILE_TYPES = (
    *("png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "ico"),
    *("pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods"),
    *("txt", "md", "csv", "json", "xml", "yaml", "yml", "log", "html", "htm", "css", "js"),
    *("zip", "tar", "gz", "tgz", "7z", "rar"),
)
"""File extensions that a stock desk accepts: seed 002's list (docs/osticket.md, row 24)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the whole desk, under osTicket's names where osTicket has them.

    File sizes are in bytes. `file_types` holds extensions and media types; empty allows every
    type. `ban_list` holds addresses in lower case, in which `*` stands for any characters.
    `reminder_alert_active` and the last three are Zammad's: whether staff are notified of pending
    tickets that are due, whether callers may create tags, for how many seconds agents may delete
    their own notes (0: forever), whether time accounting is on.
    """

    helpdesk_title: str = "Support"
    default_dept_id: int = 1
    default_ticket_status_id: int = 1
    default_priority_id: int = 2
    default_help_topic: int = 0
    default_sla_id: int = 1
    default_schedule_id: int = 1
    default_timezone: str = "UTC"
    ticket_number_format: str = "######"
    ticket_sequence: Literal["random", "counter"] = "random"
    max_open_tickets: int = 0
    allow_attachments: bool = True
    max_files: int = 5
    max_file_size: int = 10 * 1024 * 1024
    max_files_size: int = 50 * 1024 * 1024
    file_types: tuple[str, ...] = FILE_TYPES
    ticket_autoresponder: bool = True
    message_autoresponder: bool = False
    message_autoresponder_collabs: bool = True
    ticket_notice_active: bool = True
    email_attachments: bool = True
    ticket_alert_active: bool = True
    ticket_alert_admin: bool = True
    ticket_alert_dept_manager: bool = True
    ticket_alert_dept_members: bool = False
    message_alert_active: bool = True
    message_alert_laststaff: bool = True
    message_alert_assigned: bool = True
    message_alert_dept_manager: bool = False
    note_alert_active: bool = False
    note_alert_laststaff: bool = True
    note_alert_assigned: bool = True
    note_alert_dept_manager: bool = False
    assigned_alert_active: bool = True
    assigned_alert_staff: bool = True
    assigned_alert_team_lead: bool = False
    assigned_alert_team_members: bool = False
    transfer_alert_active: bool = False
    transfer_alert_assigned: bool = False
    transfer_alert_dept_manager: bool = True
    transfer_alert_dept_members: bool = False
    overdue_alert_active: bool = True
    overdue_alert_assigned: bool = True
    overdue_alert_dept_manager: bool = True
    overdue_alert_dept_members: bool = False
    reminder_alert_active: bool = True
    overlimit_notice_active: bool = False
    max_automatic_mails: int = 5_000
    accept_unregistered_email: bool = True
    add_email_collabs: bool = True
    use_email_priority: bool = False
    strip_quoted_reply: bool = True
    reply_separator: str = "-- reply above this line --"
    ban_list: tuple[str, ...] = ("test@example.com",)
    tag_new: bool = True
    note_delete_seconds: int = 600
    time_accounting: bool = True
    status_page: bool = False
