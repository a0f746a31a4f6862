"""Mail: processing of incoming mail (`inbound`), sending (`outbound`), and the parser of raw mail
(`parsing`).
"""
