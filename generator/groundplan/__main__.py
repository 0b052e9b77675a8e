"""`python -m groundplan`."""

from .cli import main

main()
