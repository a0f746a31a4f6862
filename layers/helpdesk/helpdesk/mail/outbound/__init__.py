"""Mail that goes out: who hears of what, what it says, sent once each, what SES reports."""
