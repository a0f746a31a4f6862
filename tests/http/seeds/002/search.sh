curl "https://osticket.local/api/tickets-search.php?query=login" \
-H "X-API-Key: YOUR_API_KEY"
