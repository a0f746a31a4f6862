"""API Gateway: from an HTTP request to a function and back."""
