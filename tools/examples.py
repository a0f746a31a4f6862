"""Parameters of the example requests, by function: paths, query strings and bodies."""

from collections.abc import Mapping
from typing import Any

PARAMETERS_OF_PATHS: Mapping[str, str] = {
    "accounting": "1",
    "address": "ann@example.org",
    "article": "1",
    "hash": "0",
    "id": "1",
    "kind": "departments",
    "name": "notify",
    "other": "2",
    "ref": "1.json",
    "source": "1",
    "target": "123456",
    "ticket": "1",
}
"""The values of path parameters in the examples."""

PARAMETERS_OF_FUNCTIONS: Mapping[str, Mapping[str, str]] = {
    # The first user, organization and group beyond the stock rows and reserved ids.
    **{f"Zammad{verb}User": {"id": "3"} for verb in ("Get", "Update", "Delete")},
    **{f"Zammad{verb}Organization": {"id": "2"} for verb in ("Get", "Update", "Delete")},
    **{f"Admin{verb}Person": {"id": "4"} for verb in ("Get", "Update")},
    "AdminOrderRows": {"kind": "statuses"},
    # The admin API's ticket paths have no format suffix.
    **{
        f"Admin{name}": {"ref": "1"}
        for name in (
            *("GetTicket", "UpdateTicket", "DeleteTicket", "CreateEntry"),
            *("GetEntryBody", "GetEntryRaw", "LinkTicket", "MergeTicket"),
        )
    },
    "AdminUnlinkTicket": {"ref": "1", "kind": "normal"},
    "ZammadDeleteRow": {"id": "4"},
    **{
        f"Notific{verb}{whose}": {"id": "4"}
        for verb in ("Get", "Update", "Delete")
        for whose in ("Customer", "Operator")
    },
}
"""The same for functions that need other values than the usual ones."""

SIGNED = "MywxLDI.AAAAAAAAAAAAAAAAAAAAAA"
"""The token in a mail's link: a person, services, and a signature."""

QUERIES: Mapping[str, str] = {
    "OsticketV1UpdateTicket": "id=1",
    "OsticketV1DeleteTicket": "id=1",
    "ZammadListLinks": "link_object=Ticket&link_object_value=1",
    "ZammadListMentions": "mentionable_type=Ticket&mentionable_id=1",
    "ZammadListTicketTags": "object=Ticket&o_id=1",
    "ZammadSearchAll": "query=help",
    "ZammadSearchOrganizations": "query=name:osticket",
    "ZammadSearchRows": "query=users",
    "ZammadSearchTags": "term=print",
    "ZammadSearchTickets": "query=help",
    "ZammadSearchUsers": "query=support",
    "NotificShowUnsubscribe": f"token={SIGNED}",
    "NotificUnsubscribe": f"token={SIGNED}",
}
"""Query strings of the examples that need one."""

LINK = {
    "link_type": "normal",
    "link_object_target": "Ticket",
    "link_object_target_value": 2,
    "link_object_source": "Ticket",
    "link_object_source_value": 1,
}

TICKET_OF_NOTIFIC = {
    "Title": "No VPN",
    "Description": "We are looking into it.",
    "Services": [1],
    "StartTime": "2001-01-01T11:00:00Z",
}

CUSTOMER = {
    "Name": "Ada Lovelace",
    "Email": "ada@example.org",
    "CellPhone": "+49 170 1234567",
    "Services": [1],
}

BODIES: Mapping[str, Any] = {
    "OsticketCreateTicketJson": {
        "name": "Angry User",
        "email": "api@osticket.com",
        "phone": "3185558634X123",
        "subject": "Testing API",
        "ip": "123.211.233.122",
        "message": "data:text/html,MESSAGE <b>HERE</b>",
        "attachments": [{"file.txt": "data:text/plain;charset=utf-8;base64,Y29udGVudA=="}],
    },
    "OsticketCreateTicketXml": """<?xml version="1.0" encoding="UTF-8"?>
<ticket alert="true" autorespond="true" source="API">
  <name>Angry User</name>
  <email>api@osticket.com</email>
  <subject>Testing API</subject>
  <phone ext="123">318-555-8634</phone>
  <message type="text/plain"><![CDATA[Message content here]]></message>
  <attachments>
    <file name="file.txt" type="text/plain" encoding="base64">Y29udGVudA==</file>
  </attachments>
  <ip>123.211.233.122</ip>
</ticket>
""",
    "OsticketCreateTicketEmail": (
        "From: Angry User <api@osticket.com>\r\n"
        "To: support@desk.example\r\n"
        "Subject: Testing mail\r\n"
        "Message-ID: <testing@osticket.com>\r\n"
        "\r\n"
        "MESSAGE HERE\r\n"
    ),
    "OsticketV1CreateTicket": {
        "email": "user@example.com",
        "name": "John Doe",
        "subject": "Printer issue",
        "message": "The office printer is offline.",
        "topic_id": 1,
    },
    "OsticketV1UpdateTicket": {"status_id": 2},
    "OsticketUpdateTicket": {"statusId": "Resolved", "note": "Solved by **restarting** it."},
    "OsticketReplyToTicket": {"message": "It works **again**.", "format": "markdown"},
    "OsticketLinkTickets": {"childId": "2"},
    "OsticketCreateUpload": {},
    "OsticketRunCron": {},
    "ZammadCreateTicket": {
        "title": "Help me!",
        "group": "Users",
        "customer_id": "guess:jane@example.com",
        "article": {
            "subject": "some subject",
            "body": "some message",
            "type": "note",
            "attachments": [
                {"filename": "file.txt", "data": "Y29udGVudA==", "mime-type": "text/plain"}
            ],
        },
    },
    "ZammadUpdateTicket": {
        "state": "open",
        "priority": "3 high",
        "article": {"subject": "some subject of update", "body": "some message of update"},
    },
    "ZammadCreateArticle": {"ticket_id": 1, "subject": "some subject", "body": "some message"},
    "ZammadUpdateArticle": {"internal": True},
    "ZammadAddTag": {"object": "Ticket", "o_id": 1, "item": "printer"},
    "ZammadRemoveTag": {"object": "Ticket", "o_id": 1, "item": "printer"},
    "ZammadCreateTag": {"name": "printer"},
    "ZammadUpdateTag": {"name": "printers"},
    "ZammadAddLink": LINK,
    "ZammadRemoveLink": LINK,
    "ZammadMergeTickets": None,
    "ZammadCreateMention": {"mentionable_type": "Ticket", "mentionable_id": 1},
    "ZammadCreateAccounting": {"time_unit": "15"},
    "ZammadUpdateAccounting": {"time_unit": "20"},
    "ZammadCreateUser": {"firstname": "Ada", "lastname": "Lovelace", "email": "ada@example.org"},
    "ZammadUpdateUser": {"mobile": "+49 170 1234567"},
    "ZammadCreateOrganization": {"name": "Example Corp", "domain": "example.org"},
    "ZammadUpdateOrganization": {"note": "Prefers mail."},
    "ZammadCreateRow": {"name": "Billing"},
    "ZammadUpdateRow": {"note": "Invoices."},
    "NotificCreateTicket": TICKET_OF_NOTIFIC,
    "NotificUpdateTicket": {
        "Id": 1,
        "Description": "It is back.",
        "StartTime": "2001-01-01T11:00:00Z",
        "ClosedTime": "2001-01-01T12:00:00Z",
    },
    "NotificCreateCustomer": CUSTOMER,
    "NotificUpdateCustomer": {**CUSTOMER, "Id": 4, "Email": "ada.lovelace@example.org"},
    "NotificCreateService": {"Name": "VPN", "Description": "Access from outside"},
    "NotificUpdateService": {"Id": 1, "Name": "VPN of the office", "Description": "Slow"},
    "NotificCreateOperator": {"Name": "Grace Hopper", "Email": "grace@example.org"},
    "NotificUpdateOperator": {"Id": 4, "Name": "Grace Hopper", "Email": "hopper@example.org"},
    "NotificUnsubscribe": "List-Unsubscribe=One-Click",
    "AdminCreateKey": {"name": "Shop", "permissions": ["can_create_tickets"]},
    "AdminUpdateKey": {"networks": ["198.51.100.0/24"]},
    "AdminRotateKey": {"overlap_hours": 24},
    "AdminCheckKey": {"address": "198.51.100.7", "permission": "can_create_tickets"},
    "AdminCreateRow": {"name": "Billing"},
    "AdminUpdateRow": {"name": "First Line"},
    "AdminOrderRows": {"ids": [1, 2, 3, 4, 5]},
    "AdminUpdateSettings": {"ticket_autoresponder": False},
    "AdminTakeInHeldMail": {},
    "AdminCreateEntry": {
        "text": "It is on its way.",
        "attachments": [{"name": "note.txt", "type": "text/plain", "data": "Y29udGVudA=="}],
    },
    "AdminLinkTicket": {"kind": "normal", "ticket": "2"},
    "AdminMergeTicket": {"into": "2"},
    "AdminUpdateBanList": {"add": ["*@spam.example"]},
    "AdminUpdatePerson": {"organization": None, "vip": True},
    "AdminUpdateTicket": {"agent": None, "due": "2031-01-31T12:00:00Z"},
    "AdminSendMailAgain": {},
    "AdminConfirmSetup": {},
    "AdminSendTestMail": {"to": "ann@example.org"},
    "AdminPreviewTemplate": {"subject": "[#%{ticket.number}]", "body": "<p>%{message}</p>"},
    "AdminTestTemplate": {"to": "ann@example.org"},
    "AdminResetTemplate": {},
    "AdminRedriveQueue": {"count": 12},
    "AdminPutAside": {"reason": "Answered by phone."},
    "AdminSuppress": {"address": "ann@example.org"},
}
