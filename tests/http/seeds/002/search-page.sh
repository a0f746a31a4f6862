curl "https://osticket.local/api/tickets-search.php?status=Open&limit=20&offset=20" \
-H "X-API-Key: YOUR_API_KEY"
