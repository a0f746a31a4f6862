"""What every test relies on: moto that does not slow down with what a test has stored."""

from local import moto_fast, moto_index

moto_index.install()
moto_fast.install()
