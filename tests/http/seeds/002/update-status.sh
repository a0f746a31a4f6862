curl -X PATCH "https://osticket.local/api/tickets-update.php/781258.json" \
-H "X-API-Key: YOUR_API_KEY" \
-H "Content-Type: application/json" \
-d '{"statusId": "Resolved"}'
