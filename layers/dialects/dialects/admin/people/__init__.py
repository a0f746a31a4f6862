"""People in the admin API: those who ask, found by name or address, shown and changed."""
