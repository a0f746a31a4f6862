"""Mutation testing (docs/mutation-testing.md): the changes of a module (`changes`), the tests that
reach each of them (`reach`), and a run of these (`runs`).
"""
