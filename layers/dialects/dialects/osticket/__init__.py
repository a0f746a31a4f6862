"""The osTicket family: the core's API, the API Endpoints plugin's, and the community's v1.

One dialect, several ways of refusing: `core` answers with bare text, `plugin` with JSON, and
`attachments` is the plugin's with words of its own.
`endpoint` asks either for `refuse`; handlers read with `read` and answer with `show`.
"""

from dialects.osticket.refuse import attachments, core, plugin

__all__ = ["attachments", "core", "plugin"]
