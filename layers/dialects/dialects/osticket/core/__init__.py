"""osTicket's own API: tickets from JSON, XML and mail; answers are bare text."""
