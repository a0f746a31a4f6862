"""Monitoring for admins: queues and their dead letters, the set-up, and what needs attention."""
