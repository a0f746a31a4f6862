"""The desk on an emulator of AWS that it was not written against (docs/decisions/0029)."""
