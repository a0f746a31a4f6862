"""Mail: what comes to the desk (`inbound`), what it sends (`outbound`), what became of that
(`feedback`).
"""
