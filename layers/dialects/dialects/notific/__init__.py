"""Notific's REST API (docs/notific.md): service status tickets in JSON and XML.

shapes      the resources: their properties, in the order of the JSON
read        parses a request's path, query and body into properties; refuses malformed ones
show        builds responses from properties
refuse      maps errors to responses
tickets, customers, services, operators
            map properties to the desk's operations, and their results to properties
"""
