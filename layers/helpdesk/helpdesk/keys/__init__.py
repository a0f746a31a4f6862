"""API keys: managed by admins (`manage`), asked by the authorizer (`authorize`), known to API
Gateway (`usage_plan`).
"""
