"""What the endpoints of each noun take and answer, for the OpenAPI document: TAGS, SCHEMAS and
OPERATIONS. `dialects.admin.described` puts them together.
"""
