"""Where the desk's data is kept: the tables (`table`, `transact`), S3 (`objects`) and AWS (`aws`).

Every function that calls AWS can raise `Throttled`, where AWS asked for a pause and did nothing,
and `Unavailable`, where AWS failed or did not answer and it is not known whether it did something.
What reads several items by their keys can raise `ChangedUnderYou`, where DynamoDB leaves some out
again and again. So can everything above that calls such a function. Docstrings name only what else
is raised.
"""
