"""SES: outgoing mail, and incoming mail by SMTP."""
