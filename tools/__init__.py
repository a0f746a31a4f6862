"""Programs that `make` runs, and what the tests of the built artefacts stand on."""
