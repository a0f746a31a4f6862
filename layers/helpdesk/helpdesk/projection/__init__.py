"""The projection of events to the Index table, and other effects of events."""
