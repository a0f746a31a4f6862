"""Notific's REST API (docs/notific.md): service status tickets in JSON and XML.

shapes      the resources: their properties, in the order in which JSON has them
read        from a request's path, query and body to properties; refuses what is malformed
show        from properties to responses
refuse      from errors to responses
tickets, customers, services, operators
            from properties to the desk's operations, and from their results to properties
"""
