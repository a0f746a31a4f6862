curl "https://osticket.local/api/tickets-get.php/123.json" \
-H "X-API-Key: YOUR_API_KEY"
