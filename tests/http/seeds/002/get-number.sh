curl "https://osticket.local/api/tickets-get.php/781258.json" \
-H "X-API-Key: YOUR_API_KEY"
