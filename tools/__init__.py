"""Programs that `make` runs, and helpers for the tests of the built artefacts."""
