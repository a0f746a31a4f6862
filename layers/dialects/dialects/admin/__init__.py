"""The admin API: keys, the catalogue and settings, for the console and for scripts."""
