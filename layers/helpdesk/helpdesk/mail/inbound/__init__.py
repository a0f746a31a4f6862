"""Incoming mail: from raw mail to a ticket or an entry."""
