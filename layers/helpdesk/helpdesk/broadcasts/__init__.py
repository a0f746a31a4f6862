"""Mail to the subscribers of services (docs/notific.md 9)."""
