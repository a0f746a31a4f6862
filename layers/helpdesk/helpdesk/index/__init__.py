"""What the Index table holds: search postings and counters. All of it follows from events."""
