"""What docs/data-model.md promises, measured: `make bench`."""
