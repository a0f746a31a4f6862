"""Searches: the query language, conditions, and their shared parts (docs/zammad.md 7.6 to 7.8)."""
