# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What only developers run; images and wheels leave it out. `commands/NAME.py` is the command NAME."""
