"""Mail: what the desk sends (`outbound`) and in which words (`templates`)."""
