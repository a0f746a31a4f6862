"""The API families. Each family translates between one API and the desk; none imports another.

A family is a package with the same files in every family:

    read        from a request's path and query to the desk's operations; needs no pydantic
    bodies      from a request's body, where pydantic models describe bodies
    show        from the desk's results to responses
    refuse      from errors to responses: `refuse(error, request)`
    described   what the endpoints take and answer, for the OpenAPI document

`osticket` has three APIs, each with these files. The modules beside the families are shared:

    endpoint        events to requests, responses to events, the handlers' decorator
    content_encoding  compressed bodies
    credentials     where requests carry their key
    parameters      whole numbers and ids in paths and queries
    negotiation     Accept headers
    json_reading    JSON bodies to values
    xml_reading     XML bodies to elements
    xml_writing     text to XML markup
    addresses       addresses with a name beside them
    models          values to pydantic models, ValidationError to Invalid
    data_url        data URLs and base64
    charsets        names of charsets
    answers         JSON responses, and responses too large for Lambda
    describing      parts of OpenAPI documents
    explorer        Swagger UI
"""
