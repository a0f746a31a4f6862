"""What happened (`history`), and how it reaches its consumers (`outbox`)."""
