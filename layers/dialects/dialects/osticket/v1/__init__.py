"""The community's v1 API: the same tickets in a shorter JSON."""
