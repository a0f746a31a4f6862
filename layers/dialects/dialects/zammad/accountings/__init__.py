"""Time spent on tickets (docs/zammad.md 17.19)."""
