"""API keys: managed by admins (`manage`), checked by the authorizer (`authorize`), counted by API
Gateway (`usage_plan`).
"""
