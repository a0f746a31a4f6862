"""Zammad's REST API (docs/zammad.md).

    read      the parameters of any request: query and body as one, flags, pages, who acts
    names     ids and names of states, priorities, groups, types, senders, both ways
    lookup    what a request names: rows of the catalogue, people
    show      times, headers, the shapes of records
    assets    records with all that they refer to
    refuse    errors to responses
    collection  sorted lists in pages, and records by flags, of the resources that are all alike
    staff     who may ask what of people, organizations and the catalogue
    version   what is the same for everybody
    denied    what a key that opens nothing is told
    describing  what the descriptions of all nouns share, for the OpenAPI document
    described   the family's whole description

Each noun is a package with `read`, `show` and `described`.
"""
