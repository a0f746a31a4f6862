"""Requesters in the admin API: searched by name or address, shown and changed."""
