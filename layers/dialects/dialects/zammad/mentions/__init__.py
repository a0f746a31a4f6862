"""Who follows a ticket (docs/zammad.md 17.18)."""
