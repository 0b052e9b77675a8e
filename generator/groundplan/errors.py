"""What a person at the terminal is told when a command cannot do what it was asked to."""

import click


class Refusal(click.ClickException):
    """A command refuses, and has touched nothing: exit code 1.

    Args:
        problem: a sentence without its full stop, with the value and the rule that it breaks.
        fix: a sentence on what to do about it.
    """

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(f"{problem}. {fix}{'' if fix.endswith(('.', '?')) else '.'}")
        self.problem = problem
        self.fix = fix


class NoTerminal(Refusal):
    """A command needs an answer, and has no terminal to ask: exit code 3."""

    exit_code = 3
