"""Writes models for the tables of a database that other software created; runs in the service's environment.

`groundplan inspectdb` starts it as `python -m groundplan_inspectdb` with the service's Python. It imports
the standard library, the service, and what the service itself depends on: nothing of the program.
"""
