"""The API Endpoints plugin's API: read, search, change and link tickets, in JSON and XML."""
