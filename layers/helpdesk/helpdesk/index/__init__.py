"""The Index table: search postings and counters, all made from events."""
