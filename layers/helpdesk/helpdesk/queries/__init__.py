"""Lists and counts of tickets."""
