"""The osTicket family: the core's API, the API Endpoints plugin's, and the community's v1.

`core`, `plugin` and `v1` do not import each other; shared code is here. Wrong methods and unknown
paths reach no endpoint: template.yaml has their refusals.
"""
