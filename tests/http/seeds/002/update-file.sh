FILE_B64=$(base64 -w 0 /path/to/audit-report.pdf)
curl -X PATCH "https://osticket.local/api/tickets-update.php/781258.json" \
-H "X-API-Key: YOUR_API_KEY" \
-H "Content-Type: application/json" \
-d '{
"note": "Security audit completed. Report attached.",
"noteTitle": "Audit Result",
"attachments": [
{"SECURITY-AUDIT.pdf": "data:application/pdf;base64,'"$FILE_B64"'"}
]
}'
