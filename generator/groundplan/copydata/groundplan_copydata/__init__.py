"""Copies all rows of one database into another; runs in the service's own environment.

`groundplan copydata` starts it as `python -m groundplan_copydata` with the service's Python. It imports
the standard library, the service, and what the service itself depends on: nothing of the program.
"""
