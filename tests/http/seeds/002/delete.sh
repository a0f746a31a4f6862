curl -X DELETE "https://osticket.local/api/tickets-delete.php/781258.json" \
-H "X-API-Key: YOUR_API_KEY"
