"""Mail that goes out: who gets which mail, its words, sending each once, what SES reports."""
