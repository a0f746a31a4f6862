"""Measures the bounds that docs/data-model.md promises: `make bench`."""
