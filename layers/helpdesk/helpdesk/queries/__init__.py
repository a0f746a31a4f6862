"""Lists and counts of tickets, and searches for people."""
