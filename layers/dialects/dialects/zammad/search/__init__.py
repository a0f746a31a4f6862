"""Searches: the query language, conditions, and what both ask for (docs/zammad.md 7.6 to 7.8)."""
