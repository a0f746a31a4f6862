"""SES: mail that the desk sends, and mail that comes in by SMTP."""
