"""Outgoing mail: recipients, content, sending each mail once, and SES's reports."""
