curl -s "https://osticket.local/api/tickets-attachment-download.php/29.json" \
-H "X-API-Key: YOUR_API_KEY" \
| jq -r '.content' \
| base64 -d > screenshot.png
