"""Mutation testing (docs/mutation-testing.md): the mutants of a module (`changes`), the tests that
reach each mutant (`reach`), and running them (`runs`).
"""
