# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What only developers run: commands that write migrations, open a shell, run the tests."""
