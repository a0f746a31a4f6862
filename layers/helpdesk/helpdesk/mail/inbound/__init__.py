"""Raw mail that comes in, and what becomes of it."""
