"""Errors that end the command, worded for the person at the terminal."""

import click


class InspectError(click.ClickException):
    """No models are written: exit code 1.

    Args:
        problem: a sentence without its full stop, with the value and the rule that it breaks.
        fix: a sentence that says what to do.
    """

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(f"{problem}. {fix}")
