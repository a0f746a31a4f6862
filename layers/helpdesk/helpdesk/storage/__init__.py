"""The desk's storage: the tables (`table`, `transact`), S3 (`objects`) and AWS clients (`aws`).

Every function that calls AWS can raise `Throttled`, if AWS throttled the request and did nothing,
and `Unavailable`, if AWS failed or did not answer and it is not known whether the request took
effect. Functions that read several items by key can raise `ChangedUnderYou`, if DynamoDB keeps
leaving some unprocessed. So can all their callers. Docstrings name only other errors.
"""
