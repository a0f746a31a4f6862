"""The osTicket family: the core's API, the API Endpoints plugin's, and the community's v1.

One dialect, two ways of refusing so far: `core` answers with bare text, `plugin` with JSON.
`endpoint` asks either for `refuse`; handlers read with `read` and answer with `show`.
"""

from dialects.osticket.refuse import core, plugin

__all__ = ["core", "plugin"]
