"""What happened (`history`), and how those who must hear of it do (`outbox`)."""
