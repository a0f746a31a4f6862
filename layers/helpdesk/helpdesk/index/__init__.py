"""The Index table: search postings and counters, all derived from events."""
