"""Parser of raw mail: bytes to parts (`mime`), parts to text and files (`contents`), header fields
to values (`mail_syntax`). `message` combines these.

Nothing here raises, whatever bytes it is given, and everything takes linear time
(docs/decisions/0012).
"""
