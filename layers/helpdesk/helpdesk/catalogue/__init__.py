"""The catalogue, set up by admins: rows, forms, ticket numbers, the stock data."""
