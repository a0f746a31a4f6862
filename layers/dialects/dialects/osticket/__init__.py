"""The osTicket family: the core's API, the API Endpoints plugin's, and the community's v1.

One dialect, several ways of refusing: `core` answers with bare text, `plugin` with JSON,
`attachments` is the plugin's with words of its own, `v1` has shorter JSON. `endpoint` asks one of
them for `refuse`; handlers read with `read` and answer with `show`, those of v1 with `v1_read` and
`v1_show`. Wrong methods and unknown paths reach no endpoint: template.yaml words their refusals.
"""

from dialects.osticket.refuse import attachments, core, plugin, v1

__all__ = ["attachments", "core", "plugin", "v1"]
