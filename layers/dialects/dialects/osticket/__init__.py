"""The osTicket family: the core's API, the API Endpoints plugin's, and the community's v1.

`core`, `plugin` and `v1` stand side by side and do not import each other; what they share stands
here. Wrong methods and unknown paths reach no endpoint: template.yaml words their refusals.
"""
