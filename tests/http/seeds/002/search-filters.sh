curl "https://osticket.local/api/tickets-search.php?query=payment&status=Open&department=Support&limit=50" \
-H "X-API-Key: YOUR_API_KEY"
