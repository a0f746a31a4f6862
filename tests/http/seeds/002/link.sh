curl -X POST "https://osticket.local/api/tickets-subtickets-create.php/781200.json" \
-H "X-API-Key: YOUR_API_KEY" \
-H "Content-Type: application/json" \
-d '{"childId": "781259"}'
