"""Tags of tickets and the list of tags (docs/zammad.md 9.6)."""
