"""Merging tickets (docs/zammad.md 9.7)."""
