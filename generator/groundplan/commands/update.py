"""Update a service to the template's newest version, or change its answers."""

from pathlib import Path

import click


@click.command(
    epilog="Exit code 1: the update was refused and changed nothing, files are in conflict, or the "
    "checks of --verify failed. Exit code 2 with --check: a newer version exists. `git reset --hard` "
    "undoes an update, even one that was interrupted."
)
@click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path()
)
@click.option("--check", is_flag=True, help="Only report whether a newer version exists.")
@click.option("--dry-run", is_flag=True, help="Show the changes without making them.")
@click.option(
    "--to",
    "ref",
    metavar="REF",
    help="The version to update to: a tag, branch or commit; the newest tag by default. `:current:` changes only answers.",
)
@click.option(
    "--set",
    "answers",
    metavar="KEY=VALUE",
    multiple=True,
    help="Change an answer, such as driver=asyncpg.",
)
@click.option("--template", metavar="ADDRESS", help="The template's new address, if it has moved.")
@click.option("--verify", is_flag=True, help="Run the service's checks and tests afterwards.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
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
    """Update the service in FOLDER to the template's newest version.

    Merges the template's changes with yours, and leaves the result uncommitted for you to review.
    """
    others = {"--dry-run": dry_run, "--set": answers, "--verify": verify}
    if check and any(others.values()):
        words = " and ".join(word for word, given in others.items() if given)
        raise click.UsageError(
            f"--check cannot be combined with {words}, only with --to, --template and --json."
        )
    if dry_run and verify:
        raise click.UsageError(
            "--dry-run changes nothing that --verify could check. Leave out one of them."
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
