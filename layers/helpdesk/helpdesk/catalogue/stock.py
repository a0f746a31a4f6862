"""The catalogue of a fresh desk: osTicket's stock data (docs/osticket.md 5).

Installed once by the set-up function; later changes by admins are never overwritten.
"""

from helpdesk.catalogue.mail_templates import TEMPLATES
from helpdesk.catalogue.rows import Row
from helpdesk.model.catalogue import (
    CustomField,
    Department,
    Priority,
    Schedule,
    Sla,
    Status,
    Team,
    Template,
    Topic,
)

WORKDAY = (8 * 60, 17 * 60)

DEPARTMENTS = (
    Department(1, "Support"),
    Department(2, "Sales", sla=1),
    Department(3, "Maintenance", public=False),
)

TOPICS = (
    Topic(1, "General Inquiry", priority=2),
    Topic(2, "Feedback", priority=1),
    Topic(10, "Report a Problem", department=3, priority=2),
    Topic(11, "Access Issue", parent=10, priority=3, sla=1),
)

STATUSES = (
    Status(1, "Open", "open", sort=1),
    Status(2, "Resolved", "closed", sort=2, reopens=True),
    Status(3, "Closed", "closed", sort=3, reopens=True),
    Status(4, "Archived", "archived", sort=4),
    Status(5, "Deleted", "deleted", sort=5),
)

PRIORITIES = (
    Priority(1, "Low", "low", urgency=4),
    Priority(2, "Normal", "normal", urgency=3),
    Priority(3, "High", "high", urgency=2),
    Priority(4, "Emergency", "emergency", urgency=1),
)

SLAS = (Sla(1, "Default SLA", hours=18),)

SCHEDULES = (
    Schedule(
        1,
        "Monday - Friday 8am - 5pm with U.S. Holidays",
        days=dict.fromkeys(range(5), WORKDAY),
        holidays=(
            "01-01",
            "01-0-3",  # Martin Luther King Jr. Day: third Monday in January
            "02-0-3",  # Presidents' Day
            "05-0--1",  # Memorial Day: last Monday in May
            "06-19",
            "07-04",
            "09-0-1",  # Labor Day
            "10-0-2",  # Columbus Day
            "11-11",
            "11-3-4",  # Thanksgiving: fourth Thursday in November
            "12-25",
        ),
    ),
)

TEAMS = (Team(1, "Level I Support"),)

FIELDS = (
    CustomField(1, "email", "Email Address", "contact", "email", required=True, sort=1),
    CustomField(2, "name", "Full Name", "contact", required=True, sort=2),
    CustomField(3, "phone", "Phone Number", "contact", "phone", sort=3),
    CustomField(4, "notes", "Internal Notes", "contact", "memo", agents_only=True, sort=4),
    CustomField(20, "subject", "Issue Summary", "ticket", required=True, sort=1),
    CustomField(21, "message", "Issue Details", "ticket", "memo", required=True, sort=2),
    CustomField(22, "priority", "Priority Level", "ticket", "choice", agents_only=True, sort=3),
)

ROWS: dict[str, tuple[Row, ...]] = {
    "departments": DEPARTMENTS,
    "topics": TOPICS,
    "statuses": STATUSES,
    "priorities": PRIORITIES,
    "slas": SLAS,
    "schedules": SCHEDULES,
    "teams": TEAMS,
    "fields": FIELDS,
    "templates": tuple(
        Template(number, name, subject, body)
        for number, (name, (subject, body)) in enumerate(TEMPLATES.items(), start=1)
    ),
}
"""All rows, by the catalogue's kinds."""
