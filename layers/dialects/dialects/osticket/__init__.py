"""The osTicket family: the core's API, the API Endpoints plugin's, and the community's v1.

One dialect, several ways of refusing: `core` answers with bare text, `plugin` with JSON,
`attachments` is the plugin's with words of its own, `v1` has shorter JSON; `family` is that of the
path. `endpoint` asks one of them for `refuse`; handlers read with `read` and answer with `show`,
those of v1 with `v1_read` and `v1_show`.
"""

from dialects.osticket.refuse import attachments, core, family, plugin, v1

__all__ = ["attachments", "core", "family", "plugin", "v1"]
