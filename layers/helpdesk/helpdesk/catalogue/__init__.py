"""What admins set up and everybody reads: rows, forms, ticket numbers, the stock data."""
