"""What happened to a ticket (docs/zammad.md 17.20)."""
