"""The admin API: keys, the catalogue and settings, for the console and for scripts.

A dialect is this module: `endpoint` asks it for `refuse`; handlers read with `read`, answer with
`show`. It imports no more than a refusal needs: pydantic stays with those who read a body.
"""

from dialects.admin.refuse import refuse

__all__ = ["refuse"]
