"""Events (`history`), and their delivery to consumers (`outbox`)."""
