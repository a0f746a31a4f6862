"""Zammad's REST API (docs/zammad.md).

    read      the parameters of any request: query and body combined, flags, paging, the actor
    names     maps ids and names of states, priorities, groups, types, senders, both ways
    lookup    resolves references in a request: catalogue rows, people
    show      times, headers, the shapes of records
    assets    records with everything they refer to
    refuse    maps errors to responses
    collection  sorted lists in pages, and record shapes by flags, for the generic resources
    staff     access checks for people, organizations and the catalogue
    version   answers that are the same for every caller
    denied    the error texts for keys that the authorizer rejects
    describing  shared parts of the OpenAPI descriptions
    described   the OpenAPI description of the whole family

Each resource is a package with `read`, `show` and `described`.
"""
