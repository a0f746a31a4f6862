"""Reads raw mail: bytes to parts (`mime`), parts to text and files (`contents`), header fields to
values (`mail_syntax`). `message` puts these together.

Nothing here raises, whatever bytes it is given, and everything takes linear time
(docs/decisions/0012).
"""
