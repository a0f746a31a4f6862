"""Mail: what comes to the desk (`inbound`), what it sends (`outbound`), how raw mail is read
(`parsing`).
"""
