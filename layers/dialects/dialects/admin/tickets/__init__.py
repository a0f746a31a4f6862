"""Tickets in the admin API: found, shown, answered, changed and deleted within the key's scope."""
