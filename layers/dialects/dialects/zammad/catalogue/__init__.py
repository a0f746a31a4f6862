"""Groups, roles, states and priorities: rows of the desk's catalogue."""
