"""Errors that end a copy, worded for the person at the terminal."""

import re

import click

PASSWORD_IN_URL = re.compile(r"^((?:[\w+]+:/*)?[^:/@]*):.*@")


class CopyError(click.ClickException):
    """The copy is refused or has failed: exit code 1.

    Args:
        problem: a sentence without its full stop, with the value and the rule that it breaks.
        fix: a sentence that says what to do.
    """

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(f"{problem}. {fix}")


def reason(error: BaseException) -> str:
    """Return the first line of the driver's own message, without its full stop."""
    while error.__cause__ is not None:
        error = error.__cause__
    words = str(error.args[-1]) if error.args else type(error).__name__
    return words.strip().partition("\n")[0].rstrip(".")


def without_password(url: str) -> str:
    """Return a URL, valid or not, with its password replaced by `***`."""
    return PASSWORD_IN_URL.sub(r"\1:***@", url)
