"""From events to the Index table, and to all else that follows from them."""
