"""Labels of permissions and settings in the console."""

from collections.abc import Mapping
from typing import Literal, NamedTuple


class Permission(NamedTuple):
    """A permission's label; `note` explains it further."""

    words: str
    group: Literal["tickets", "desk"]
    note: str = ""


PERMISSIONS: Mapping[str, Permission] = {
    "can_create_tickets": Permission("Open tickets", "tickets", "Uploads, too."),
    "can_read_tickets": Permission(
        "Read tickets", "tickets", "With their threads and files; it searches and counts as well."
    ),
    "can_search_tickets": Permission(
        "Search tickets", "tickets", "v1's list also shows what was written."
    ),
    "can_update_tickets": Permission(
        "Answer and change tickets", "tickets", "Fields, notes, replies, closing; uploads."
    ),
    "can_delete_tickets": Permission("Delete tickets", "tickets", "For good, with files and mail."),
    "can_read_stats": Permission("See the numbers", "tickets"),
    "can_manage_subtickets": Permission("Link tickets", "tickets", "Parents and children."),
    "can_exec_cron": Permission("Run the clock", "desk", "The desk does this itself each minute."),
    "can_manage_directory": Permission(
        "Keep the catalogue",
        "desk",
        "Departments, topics, agents, templates, people, held mail: it changes all of them.",
    ),
    "can_act_for_others": Permission(
        "Act for others",
        "tickets",
        "Zammad's From; replies in another agent's name; keys that act as another agent.",
    ),
    "can_manage_keys": Permission("Manage keys", "desk", "Up to its own bounds."),
    "can_manage_desk": Permission(
        "Change the desk", "desk", "Settings, addresses that get no more mail, sent mail, queues."
    ),
}
"""Every permission, in the order in which forms show them."""

SETTINGS: Mapping[str, Mapping[str, str]] = {
    "general": {
        "helpdesk_title": "name of the desk in mails",
        "default_timezone": "time zone of times that come without an offset",
        "status_page": "whether `/status` shows the tickets of the services to everybody",
        "tag_new": "whether callers may make tags",
        "time_accounting": "whether time may be accounted",
    },
    "tickets": {
        "default_dept_id": "department of tickets that name none",
        "default_ticket_status_id": "status of new and reopened tickets",
        "default_priority_id": "priority of new tickets",
        "default_help_topic": "topic of new tickets; 0 is none",
        "default_sla_id": "SLA where neither topic nor department has one; 0 is none",
        "default_schedule_id": "working hours where neither department nor SLA has some",
        "ticket_number_format": "how tickets are numbered, `#` for a digit",
        "ticket_sequence": "`random` or `counter`",
        "max_open_tickets": "open tickets that one requester may have; 0 is any number",
        "note_delete_seconds": "seconds for which an agent may delete a note of their own; 0 is "
        "for ever",
        "allow_attachments": "whether files are taken",
        "max_files": "files of one request through osTicket's APIs",
        "max_file_size": "bytes of one file",
        "max_files_size": "bytes of all files of one request",
        "file_types": "extensions and media types that osTicket's APIs take; empty is any",
    },
    "alerts": {
        "ticket_autoresponder": "whether new tickets are confirmed",
        "message_autoresponder": "whether later messages are confirmed",
        "message_autoresponder_collabs": "whether all who take part get what one of them has "
        "written",
        "ticket_notice_active": "whether requesters hear of tickets that an agent opens for them",
        "ticket_alert_active": "alerts of new tickets: whether staff hears at all",
        "ticket_alert_admin": "alerts of new tickets: `AdminEmail`",
        "ticket_alert_dept_manager": "alerts of new tickets: the department's manager",
        "ticket_alert_dept_members": "alerts of new tickets: the department's agents",
        "message_alert_active": "alerts of messages: whether staff hears at all",
        "message_alert_laststaff": "alerts of messages: the last respondent",
        "message_alert_assigned": "alerts of messages: who is assigned",
        "message_alert_dept_manager": "alerts of messages: the department's manager",
        "note_alert_active": "alerts of notes and answers: whether staff hears at all",
        "note_alert_laststaff": "alerts of notes and answers: the last respondent",
        "note_alert_assigned": "alerts of notes and answers: who is assigned",
        "note_alert_dept_manager": "alerts of notes and answers: the department's manager",
        "assigned_alert_active": "alerts of assignments: whether staff hears at all",
        "assigned_alert_staff": "alerts of assignments: the new agent",
        "assigned_alert_team_lead": "alerts of assignments: the team's lead",
        "assigned_alert_team_members": "alerts of assignments: the team's members",
        "transfer_alert_active": "alerts of transfers: whether staff hears at all",
        "transfer_alert_assigned": "alerts of transfers: who is assigned",
        "transfer_alert_dept_manager": "alerts of transfers: the department's manager",
        "transfer_alert_dept_members": "alerts of transfers: the department's agents",
        "overdue_alert_active": "alerts of overdue tickets: whether staff hears at all",
        "overdue_alert_assigned": "alerts of overdue tickets: who is assigned",
        "overdue_alert_dept_manager": "alerts of overdue tickets: the department's manager",
        "overdue_alert_dept_members": "alerts of overdue tickets: the department's agents",
        "reminder_alert_active": "whether who has a pending ticket is reminded when its time has "
        "come, else the department's agents",
        "overlimit_notice_active": "whether a requester with too many open tickets is told so",
        "max_automatic_mails": "confirmations and alerts that mail sets off in a day of UTC; 0 is "
        "any number",
    },
    "mail": {
        "email_attachments": "whether files are mailed along",
        "accept_unregistered_email": "whether mail of unknown senders opens tickets",
        "add_email_collabs": "whether other recipients of a mail take part in its ticket",
        "use_email_priority": "whether a mail's importance sets the priority",
        "strip_quoted_reply": "whether quoted text is cut from replies by mail",
        "reply_separator": "the line above which replies are written",
    },
    "ban_list": {
        "ban_list": "addresses from which nothing is taken; `*` stands for any characters, as in "
        "`*@spam.example`",
    },
}
"""Every setting by the group that the console shows it in."""

GROUPS: Mapping[str, str] = {
    "general": "General",
    "tickets": "Tickets",
    "alerts": "Who hears of what",
    "mail": "Mail",
    "ban_list": "Ban list",
}
"""The names of the groups of settings."""
