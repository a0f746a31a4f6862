"""Links between tickets (docs/zammad.md 9.8)."""
