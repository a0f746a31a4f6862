"""What an admin looks after: queues and their dead letters."""
