"""The stock mail templates: name -> (subject, HTML body), subjects as osTicket's
(docs/osticket.md 4.5); the last one is for Zammad's pending reminders.

An admin may change every one; set-up installs them once. A desk that was set up before a template
was introduced uses it from here. `%{name}` is replaced by a value. Only the HTML is written here:
the plain text of a mail is made from it.

The values of a mail:

=======================  =======================================================================
`ticket.number`          the ticket's number; also `.subject`, `.status`, `.priority`
`ticket.name`            who asked; also `.email`
`ticket.dept.name`       the department; also `ticket.topic.name`
`ticket.create_date`     when the ticket was opened; also `.due_date`
`recipient.name`         who gets the mail
`message`                what was written, as safe HTML; also `poster.name`, who wrote it
`company.name`           the desk's name
`assignee.name`          who has the ticket: in mail to staff only; also `comments`
`ticket.services`        the services that a ticket is about: in mail to subscribers only; also
                         `ticket.times`, and `unsubscribe`, the link that ends such mail
=======================  =======================================================================

A template with another name is refused. Of one that is stored already, the name is left as it is
written.
"""

VARIABLES = (
    "ticket.number",
    "ticket.subject",
    "ticket.name",
    "ticket.email",
    "ticket.status",
    "ticket.topic.name",
    "ticket.create_date",
    "recipient.name",
    "company.name",
    "message",
    "comments",
    "poster.name",
    "ticket.dept.name",
    "ticket.priority",
    "ticket.due_date",
    "assignee.name",
    "ticket.services",
    "ticket.times",
    "unsubscribe",
)
"""The names of all values."""

_FACTS = (
    "<p>Number: %{ticket.number}<br>"
    "From: %{ticket.name} &lt;%{ticket.email}&gt;<br>"
    "Subject: %{ticket.subject}<br>"
    "Department: %{ticket.dept.name}<br>"
    "Priority: %{ticket.priority}</p>"
)

_SIGNED = "<p>%{company.name}</p>"

TEMPLATES: dict[str, tuple[str, str]] = {
    "ticket.autoresp": (
        "Support Ticket Opened [#%{ticket.number}]",
        "<p>Hello %{recipient.name},</p>"
        "<p>your request has reached us. Its number is <b>%{ticket.number}</b>, its subject "
        "&ldquo;%{ticket.subject}&rdquo;. Somebody will look into it and write to you.</p>"
        "<p>To add something, just answer this mail.</p>" + _SIGNED,
    ),
    "ticket.autoreply": (
        "Re: %{ticket.subject} [#%{ticket.number}]",
        "<p>Hello %{recipient.name},</p>"
        "<p>your request has reached us under the number <b>%{ticket.number}</b>. This may help "
        "already:</p>"
        "<div>%{message}</div>"
        "<p>If it does not, just answer this mail.</p>" + _SIGNED,
    ),
    "ticket.alert": (
        "New Ticket Alert",
        "<p>Hello %{recipient.name},</p>"
        "<p>a new ticket has been opened.</p>" + _FACTS + "<hr><div>%{message}</div>",
    ),
    "message.autoresp": (
        "Message Confirmation",
        "<p>Hello %{recipient.name},</p>"
        "<p>your message has been added to your request <b>%{ticket.number}</b>, "
        "&ldquo;%{ticket.subject}&rdquo;.</p>" + _SIGNED,
    ),
    "message.alert": (
        "New Message Alert",
        "<p>Hello %{recipient.name},</p>"
        "<p>there is a new message in a ticket.</p>" + _FACTS + "<hr><div>%{message}</div>",
    ),
    "ticket.activity.notice": (
        "Re: %{ticket.subject} [#%{ticket.number}]",
        "<p>Hello %{recipient.name},</p>"
        "<p>%{poster.name} wrote about the request <b>%{ticket.number}</b>, in which you take "
        "part:</p>"
        "<div>%{message}</div>"
        "<p>To add something, just answer this mail.</p>" + _SIGNED,
    ),
    "ticket.reply": (
        "Re: %{ticket.subject} [#%{ticket.number}]",
        "<p>Hello %{recipient.name},</p><div>%{message}</div>" + _SIGNED,
    ),
    "ticket.notice": (
        "%{ticket.subject} [#%{ticket.number}]",
        "<p>Hello %{recipient.name},</p>"
        "<p>we have opened a request for you. Its number is <b>%{ticket.number}</b>.</p>"
        "<div>%{message}</div>"
        "<p>To add something, just answer this mail.</p>" + _SIGNED,
    ),
    "assigned.alert": (
        "Ticket Assigned to you",
        "<p>Hello %{recipient.name},</p>"
        "<p>a ticket is now yours.</p>" + _FACTS + "<hr><div>%{message}</div>",
    ),
    "note.alert": (
        "New Internal Activity Alert",
        "<p>Hello %{recipient.name},</p>"
        "<p>something new stands in a ticket.</p>" + _FACTS + "<hr><div>%{message}</div>",
    ),
    "transfer.alert": (
        "Ticket #%{ticket.number} transfer - %{ticket.dept.name}",
        "<p>Hello %{recipient.name},</p>"
        "<p>a ticket has moved to %{ticket.dept.name}.</p>" + _FACTS + "<div>%{comments}</div>",
    ),
    "ticket.overdue": (
        "Stale Ticket Alert",
        "<p>Hello %{recipient.name},</p>"
        "<p>a ticket was due on %{ticket.due_date} and is still open. It is with "
        "%{assignee.name}.</p>" + _FACTS,
    ),
    "ticket.overlimit": (
        "Open Tickets Limit Reached",
        "<p>Hello %{recipient.name},</p>"
        "<p>you have as many open requests as this desk takes at a time. A new one can be opened "
        "when one of them is closed; to add to one of them, answer a mail about it.</p>" + _SIGNED,
    ),
    "ticket.overlimit.alert": (
        "Overlimit Notice",
        "<p>Hello %{recipient.name},</p>"
        "<p>%{ticket.name} has as many open tickets as this desk takes at a time, and has been "
        "refused another one. Further refusals are told of tomorrow. One of the open tickets:</p>"
        + _FACTS,
    ),
    "ticket.reminder": (
        "Ticket Reminder",
        "<p>Hello %{recipient.name},</p>"
        "<p>the time that a ticket was to wait for has come. It is still pending.</p>"
        + _FACTS
        + "<hr><div>%{message}</div>",
    ),
    **{
        f"broadcast.{what}": (
            f"{subject}: %{{ticket.subject}} [#%{{ticket.number}}]",
            "<p>Hello %{recipient.name},</p>"
            f"<p>{words} <b>%{{ticket.subject}}</b></p>"
            "<p>%{ticket.services}</p><div>%{message}</div><p>%{ticket.times}</p>"
            + _SIGNED
            + "%{unsubscribe}",
        )
        for what, subject, words in (
            ("created", "New", "there is something new to know of:"),
            ("updated", "Update", "there is news of this:"),
            ("closed", "Closed", "this is over:"),
            ("reopened", "Reopened", "this is not over yet:"),
        )
    },
}
