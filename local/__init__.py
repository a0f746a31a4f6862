"""The local cloud: the whole of template.yaml in one process, without Docker or an AWS account.

`python -m local` starts it; tests use `local.testing`. How it works: docs/local.md.
"""
