"""Labels of permissions and settings in the console."""

from collections.abc import Mapping
from typing import Literal, NamedTuple


class Permission(NamedTuple):
    """A permission's label; `note` explains it further."""

    words: str
    group: Literal["tickets", "desk"]
    note: str = ""


PERMISSIONS: Mapping[str, Permission] = {
    "can_create_tickets": Permission("Open tickets", "tickets", "Includes uploads."),
    "can_read_tickets": Permission(
        "Read tickets", "tickets", "With threads and files; includes searching and statistics."
    ),
    "can_search_tickets": Permission(
        "Search tickets", "tickets", "v1's list also returns the threads."
    ),
    "can_update_tickets": Permission(
        "Answer and change tickets", "tickets", "Fields, notes, replies, closing; uploads."
    ),
    "can_delete_tickets": Permission(
        "Delete tickets", "tickets", "Permanently, with files and mail."
    ),
    "can_read_stats": Permission("See the numbers", "tickets"),
    "can_manage_subtickets": Permission("Link tickets", "tickets", "Parents and children."),
    "can_exec_cron": Permission("Run the clock", "desk", "The desk runs it itself every minute."),
    "can_manage_directory": Permission(
        "Keep the catalogue",
        "desk",
        "Can change departments, topics, agents, templates, people and held mail.",
    ),
    "can_act_for_others": Permission(
        "Act for others",
        "tickets",
        "Zammad's From; replies in another agent's name; keys that act as another agent.",
    ),
    "can_manage_keys": Permission(
        "Manage keys", "desk", "Only with permissions and bounds of its own."
    ),
    "can_manage_desk": Permission(
        "Change the desk", "desk", "Settings, suppressed addresses, sent mail, queues."
    ),
}
"""Every permission, in the order in which forms show them."""

SETTINGS: Mapping[str, Mapping[str, str]] = {
    "general": {
        "helpdesk_title": "name of the desk in mails",
        "default_timezone": "time zone of times without an offset",
        "status_page": "whether `/status` shows the tickets of the services without a key",
        "tag_new": "whether callers may create tags",
        "time_accounting": "whether time accounting is enabled",
    },
    "tickets": {
        "default_dept_id": "department of tickets that specify none",
        "default_ticket_status_id": "status of new and reopened tickets",
        "default_priority_id": "priority of new tickets",
        "default_help_topic": "topic of new tickets; 0 is none",
        "default_sla_id": "SLA if neither topic nor department has one; 0 is none",
        "default_schedule_id": "working hours if neither department nor SLA has any",
        "ticket_number_format": "format of ticket numbers, `#` for a digit",
        "ticket_sequence": "`random` or `counter`",
        "max_open_tickets": "maximum of open tickets per requester; 0 is no limit",
        "note_delete_seconds": "seconds during which an agent may delete their own note; 0 is "
        "no limit",
        "allow_attachments": "whether files are accepted",
        "max_files": "maximum number of files per request through osTicket's APIs",
        "max_file_size": "maximum size of a file in bytes",
        "max_files_size": "maximum size of all files of a request in bytes",
        "file_types": "extensions and media types that osTicket's APIs accept; empty is any",
    },
    "alerts": {
        "ticket_autoresponder": "whether new tickets are confirmed",
        "message_autoresponder": "whether later messages are confirmed",
        "message_autoresponder_collabs": "whether all collaborators are mailed each other's "
        "messages",
        "ticket_notice_active": "whether requesters are notified of tickets that an agent opens "
        "for them",
        "ticket_alert_active": "alerts of new tickets: whether any are sent",
        "ticket_alert_admin": "alerts of new tickets: `AdminEmail`",
        "ticket_alert_dept_manager": "alerts of new tickets: the department's manager",
        "ticket_alert_dept_members": "alerts of new tickets: the department's agents",
        "message_alert_active": "alerts of messages: whether any are sent",
        "message_alert_laststaff": "alerts of messages: the last respondent",
        "message_alert_assigned": "alerts of messages: the assigned agent or team",
        "message_alert_dept_manager": "alerts of messages: the department's manager",
        "note_alert_active": "alerts of notes and answers: whether any are sent",
        "note_alert_laststaff": "alerts of notes and answers: the last respondent",
        "note_alert_assigned": "alerts of notes and answers: the assigned agent or team",
        "note_alert_dept_manager": "alerts of notes and answers: the department's manager",
        "assigned_alert_active": "alerts of assignments: whether any are sent",
        "assigned_alert_staff": "alerts of assignments: the new agent",
        "assigned_alert_team_lead": "alerts of assignments: the team's lead",
        "assigned_alert_team_members": "alerts of assignments: the team's members",
        "transfer_alert_active": "alerts of transfers: whether any are sent",
        "transfer_alert_assigned": "alerts of transfers: the assigned agent or team",
        "transfer_alert_dept_manager": "alerts of transfers: the department's manager",
        "transfer_alert_dept_members": "alerts of transfers: the department's agents",
        "overdue_alert_active": "alerts of overdue tickets: whether any are sent",
        "overdue_alert_assigned": "alerts of overdue tickets: the assigned agent or team",
        "overdue_alert_dept_manager": "alerts of overdue tickets: the department's manager",
        "overdue_alert_dept_members": "alerts of overdue tickets: the department's agents",
        "reminder_alert_active": "whether the owner of a pending ticket, or else the department's "
        "agents, are reminded when it is due",
        "overlimit_notice_active": "whether a requester with too many open tickets is notified",
        "max_automatic_mails": "maximum of confirmations and alerts caused by mail per UTC day; "
        "0 is no limit",
    },
    "mail": {
        "email_attachments": "whether mail includes attachments",
        "accept_unregistered_email": "whether mail from unknown senders opens tickets",
        "add_email_collabs": "whether other recipients of a mail become collaborators",
        "use_email_priority": "whether a mail's importance sets the priority",
        "strip_quoted_reply": "whether quoted text is removed from replies by mail",
        "reply_separator": "the line above which people write their replies",
    },
    "ban_list": {
        "ban_list": "addresses from which nothing is accepted; `*` matches any characters, as in "
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
