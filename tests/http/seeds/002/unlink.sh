curl -X DELETE "https://osticket.local/api/tickets-subtickets-unlink.php/781259.json" \
-H "X-API-Key: YOUR_API_KEY"
