curl "https://osticket.local/api/tickets-search.php?status=Open" \
-H "X-API-Key: YOUR_API_KEY"
