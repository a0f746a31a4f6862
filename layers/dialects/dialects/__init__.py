"""The adapters: each knows one API's words, and none knows another."""
