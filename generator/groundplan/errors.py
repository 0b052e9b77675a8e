"""The errors of commands, as shown at the terminal."""

import click


class Refusal(click.ClickException):
    """A command refuses and has changed nothing: exit code 1.

    Args:
        problem: a sentence without its full stop, with the value and the rule that it breaks.
        fix: a sentence that says what to do.
    """

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(f"{problem}. {fix}{'' if fix.endswith(('.', '?')) else '.'}")
        self.problem = problem
        self.fix = fix


class NoTerminal(Refusal):
    """A command needs an answer, but there is no terminal to ask at: exit code 3."""

    exit_code = 3
