"""The desk: the domain and its storage. It is independent of dialects and HTTP."""
