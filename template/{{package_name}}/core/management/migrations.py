# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The revisions in `migrations/versions` and the database: what is there, and what is to be done.

Alembic is asked through its Python API, with its environment run on a connection of ours.
"""

import logging
from argparse import Namespace
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager, redirect_stdout
from io import StringIO
from textwrap import indent
from typing import Any

from alembic.autogenerate import RevisionContext, produce_migrations, render_op_text
from alembic.autogenerate.api import AutogenContext
from alembic.config import Config
from alembic.operations.ops import DowngradeOps, OpContainer, UpgradeOps
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, MigrationStep, RevisionStep
from alembic.script import Script, ScriptDirectory
from alembic.script.revision import MultipleHeads, ResolutionError, RevisionError
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import NullPool

from ...settings import settings
from ..apps import PROJECT
from ..db import make_engine
from ..db.driver.engine import READ_ONLY
from ..db.driver.migrations import lift_limits, migration_guard, sql_url
from .errors import CommandError

logging.getLogger("alembic").setLevel(logging.WARNING)  # the commands tell what is done

REVISION_OPTIONS = ("autogenerate", "branch_label", "version_path", "rev_id", "depends_on")

Heads = tuple[str, ...]
Steps = Callable[[Heads, MigrationContext], Iterable[RevisionStep]]


@asynccontextmanager
async def connect(
    url: str | None = None, *, to_migrate: bool = False
) -> AsyncGenerator[AsyncConnection]:
    """A connection to a database, closed for good at the end.

    Args:
        url: the database's; by default the one of the settings.
        to_migrate: nobody else migrates meanwhile; otherwise nothing is written.
    """
    engine = make_engine(url or settings.database_url, poolclass=NullPool)
    try:
        if to_migrate:
            lift_limits(engine.sync_engine)
            async with engine.connect() as connection, migration_guard(connection):
                yield connection
        else:
            async with engine.execution_options(**READ_ONLY).connect() as connection:
                yield connection
    finally:
        await engine.dispose()


async def sql_target() -> str:
    """The URL whose dialect SQL is printed in: the database's own, if it can be asked."""
    return await sql_url(settings.database_url)


class Migrations:
    """The revisions, and the database that they are for.

    Args:
        connection: to the database; None where SQL is only printed or files are only written.
    """

    def __init__(self, connection: Connection | None = None) -> None:
        self.connection = connection
        self.config = Config(
            toml_file=PROJECT / "pyproject.toml",
            cmd_opts=Namespace(quiet=True),
            attributes={"connection": connection},
        )
        self.script = ScriptDirectory.from_config(self.config)

    def all(self) -> list[Script]:
        """Every revision, the first one first."""
        return list(self.script.walk_revisions())[::-1]

    def heads(self) -> Heads:
        """The ids of the revisions that no other one follows: one, unless branches wait for a merge."""
        return tuple(self.script.get_heads())

    def current(self) -> Heads:
        """The ids of the revisions that the database is at: none when nothing was applied."""
        return MigrationContext.configure(self.connection).get_current_heads()

    def applied(self) -> set[str]:
        """The ids of all revisions that the database has."""
        current = self.known(self.current())
        return {script.revision for script in self.script.iterate_revisions(current, "base")}

    def pending(self) -> list[Script]:
        """The revisions that the database has not, in the order of applying."""
        applied = self.applied()
        return [script for script in self.all() if script.revision not in applied]

    def plan(self, target: str, current: Heads) -> list[RevisionStep]:
        """The steps from one revision to another, up or down.

        Args:
            target: a revision's id or its beginning, "head", "base", or a number of steps as
                "+1" or "-1".
            current: where to start.

        Raises:
            CommandError: there is no such revision, or no way to it.
        """
        revisions = self.script.revision_map
        current = self.known(current)
        if not target:
            raise NoWay(target, "it is empty")
        try:
            if self.is_below(target, current):
                down = self.script.iterate_revisions(current, target, select_for_downgrade=True)
                return [MigrationStep.downgrade_from_script(revisions, script) for script in down]
            up = self.script.iterate_revisions(target, current, implicit_base=True)
            return [MigrationStep.upgrade_from_script(revisions, script) for script in up][::-1]
        except MultipleHeads as error:
            raise SeveralHeads(error.heads) from None
        except RevisionError as error:
            raise NoWay(target, str(error)) from None

    def find(self, revision: str) -> Script:
        """The revision of an id, of the beginning of one, or "head".

        Raises:
            CommandError: there is no such revision.
        """
        steps = self.plan(revision, ())
        if not steps:
            raise NoWay(revision, "it is not a revision")
        return steps[-1].revision

    def require_one_head(self) -> None:
        """Refuse to go on from several heads.

        Raises:
            SeveralHeads: there are.
        """
        heads = self.heads()
        if len(heads) > 1:
            raise SeveralHeads(heads)

    def known(self, current: Heads) -> Heads:
        """The same, if the files are there.

        Raises:
            CommandError: the database is at a revision that has no file.
        """
        try:
            self.script.revision_map.get_revisions(current)
        except ResolutionError as error:
            raise CommandError(
                f"the database is at revision {error.argument}, which is not in migrations/versions",
                "Other code has migrated it: use that code, or bring its revisions here.",
            ) from None
        return current

    def is_below(self, target: str, current: Heads) -> bool:
        """Whether the way from `current` to `target` leads down."""
        if target == "base" or target.startswith(("+", "-")):
            return not target.startswith("+")
        revision = self.script.revision_map.get_revision(target)
        below = {script.revision for script in self.script.iterate_revisions(current, "base")}
        return revision is not None and revision.revision in below.difference(current)

    def drift(self, *, plugins: Iterable[str] = (), **options: Any) -> UpgradeOps:
        """Compare the database with the models: the operations that would make them equal.

        Args:
            plugins: names of Alembic plugins that take part, in addition to those of
                `migrations/env.py`.
            options: what these read from `MigrationContext.opts`.
        """
        found = UpgradeOps()

        def compare(heads: Heads, context: MigrationContext) -> list[RevisionStep]:
            context.opts["autogenerate_plugins"] = [*context.opts["autogenerate_plugins"], *plugins]
            context.opts.update(options)
            script = produce_migrations(context, context.opts["target_metadata"])
            found.ops.extend(script.upgrade_ops.ops if script.upgrade_ops else [])
            return []

        self.run(compare, dont_mutate=True)
        return found

    def write(
        self, message: str, upgrade: UpgradeOps, downgrade: DowngradeOps, **options: Any
    ) -> Script:
        """Write a revision that follows the head.

        Args:
            message: its name.
            upgrade: what it does.
            downgrade: how that is undone.
            options: what Alembic's `revision` takes besides, such as `rev_id`.
        """
        defaults = dict.fromkeys(REVISION_OPTIONS)
        arguments = {**defaults, "sql": False, "head": "head", "splice": False, **options}
        revision = RevisionContext(self.config, self.script, {**arguments, "message": message})
        revision.generated_revisions[0].upgrade_ops = upgrade
        revision.generated_revisions[0].downgrade_ops = downgrade

        def render(heads: Heads, context: MigrationContext) -> list[RevisionStep]:
            revision.run_no_autogenerate(heads, context)
            return []

        self.run(render, dont_mutate=True)
        with redirect_stdout(StringIO()):  # Alembic's own words about the file
            (script,) = revision.generate_scripts()
        if script is None:
            raise RuntimeError("Alembic wrote no revision")
        return script

    def source(self, operations: OpContainer) -> str:
        """Operations as they would stand in a revision."""
        lines: list[str] = []

        def render(heads: Heads, context: MigrationContext) -> list[RevisionStep]:
            rendering = AutogenContext(context, autogenerate=False)
            lines.extend(block(render_op_text(rendering, found)) for found in operations.ops)
            return []

        self.run(render, dont_mutate=True)
        return "\n".join(lines)

    def run(self, steps: Steps, **options: Any) -> None:
        """Run `migrations/env.py`.

        Args:
            steps: gets the current revisions and Alembic's context, and returns what to run.
            options: of Alembic's `EnvironmentContext`.
        """
        with EnvironmentContext(self.config, self.script, fn=steps, **options):
            self.script.run_env()


def block(code: str) -> str:
    """Code with what belongs to a `with` indented, which Alembic leaves to the template."""
    first, _, rest = code.partition("\n")
    return f"{first}\n{indent(rest, '    ')}" if first.startswith("with ") else code


def title(script: Script) -> str:
    """A revision as the commands print it: its id and the first line of its docstring."""
    first_line = script.doc.partition("\n")[0]
    return f"{script.revision} {first_line}"


class NoWay(CommandError):
    """The target is no revision, or not one that can be reached."""

    def __init__(self, target: str, reason: str) -> None:
        super().__init__(
            f"cannot go to {target!r}: {reason.rstrip('.')}",
            "Give an id that `manage.py showmigrations` lists or its beginning, head, base, +1 or -1.",
        )


class SeveralHeads(CommandError):
    """Revisions were written side by side, on two branches."""

    def __init__(self, heads: Iterable[str]) -> None:
        super().__init__(
            f"there are several heads: {', '.join(sorted(heads))}",
            "Join them by `manage.py makemigrations --merge`.",
        )
