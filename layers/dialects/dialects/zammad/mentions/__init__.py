"""Followers of a ticket (docs/zammad.md 17.18)."""
