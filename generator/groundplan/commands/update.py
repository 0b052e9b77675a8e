"""Bring a service up to the template's newest version, or change its answers."""

from pathlib import Path

import click


@click.command(
    epilog="It ends with 1 where it refuses, having touched nothing, and where files are in conflict; "
    "`--check` ends with 2 where there is news. `git reset --hard` takes an update back, whole or "
    "cut short."
)
@click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path()
)
@click.option("--check", is_flag=True, help="Say whether there is a newer version, and do no more.")
@click.option("--dry-run", is_flag=True, help="Show what would become of which file.")
@click.option(
    "--to",
    "ref",
    metavar="REF",
    help="A tag, branch or commit; the default is the newest tag. `:current:` changes answers only.",
)
@click.option(
    "--set",
    "answers",
    metavar="KEY=VALUE",
    multiple=True,
    help="Change an answer, such as driver=asyncpg.",
)
@click.option("--template", metavar="ADDRESS", help="Where the template has moved to.")
@click.option("--verify", is_flag=True, help="Run the service's own checks and tests afterwards.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def command(
    folder: Path,
    *,
    check: bool,
    dry_run: bool,
    ref: str | None,
    answers: tuple[str, ...],
    template: str | None,
    verify: bool,
    as_json: bool,
) -> int:
    """Bring the service in FOLDER up to the template's newest version.

    The template's change is merged into what you have made of the service, and left for you to
    look at and to commit.
    """
    besides = {"--dry-run": dry_run, "--set": answers, "--verify": verify}
    if check and any(besides.values()):
        words = " and ".join(word for word, given in besides.items() if given)
        raise click.UsageError(
            f"--check goes with --to, --template and --json only: leave out {words}."
        )
    if dry_run and verify:
        raise click.UsageError(
            "--dry-run changes nothing that --verify could verify: leave out one."
        )
    from ..updates import running

    if check:
        return running.check(folder, ref=ref, template=template, as_json=as_json)
    return running.update(
        folder,
        ref=ref,
        answers=answers,
        template=template,
        dry_run=dry_run,
        verify=verify,
        as_json=as_json,
    )
