"""Descriptions of the endpoints of each noun, for the OpenAPI document: TAGS, SCHEMAS and
OPERATIONS. `dialects.admin.described` combines them.
"""
