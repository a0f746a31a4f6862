"""The history of a ticket (docs/zammad.md 17.20)."""
