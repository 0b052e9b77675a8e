"""Finish what the end of the machine interrupted, before a command does anything else."""

from pathlib import Path

from . import places

ANSWERS = ".copier-answers.yml"


def resume(start: Path) -> None:
    """Finish an interrupted change to the project that a folder is in, and say so.

    Raises:
        Refusal: one of its files has been edited since.
    """
    for root in (start, *start.parents):
        if (root / ANSWERS).is_file():
            if places.is_left(root):
                _finish(root)
            return


def _finish(root: Path) -> None:
    import click

    from . import journal

    if journal.recover(root):
        click.echo("An interrupted change to this project is finished.", err=True)
