curl -X POST "https://osticket.local/api/tickets.json" \
-H "X-API-Key: YOUR_API_KEY" \
-H "Content-Type: application/json" \
-d '{
"name": "Jane Smith",
"email": "jane@example.com",
"subject": "Bug Report: Payment Failed",
"message": "## Problem\n\nPayment fails with error:\n\n```\nERROR: Card declined\n```\n\n**Steps to reproduce:**\n1. Add item to cart\n2. Go to checkout\n3. Enter card details\n4. Click Pay\n\n**Expected:** Payment succeeds\n**Actual:** Error message",
"format": "markdown",
"departmentId": "Billing",
"priority": "High"
}'
