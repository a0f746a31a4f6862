"""The desk: the domain and its storage. It knows no dialect and no HTTP."""
