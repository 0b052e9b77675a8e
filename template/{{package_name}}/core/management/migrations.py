# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Reads and runs the revisions in `migrations/versions`, and compares the database with the models.

It uses Alembic's Python API, and runs `migrations/env.py` on the connection that it is given.
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
from ..db import make_engine
from ..db.driver.engine import READ_ONLY
from ..db.driver.migrations import lift_limits, migration_guard, sql_url
from .discovery import PROJECT
from .errors import CommandError
from .sql_text import unformatted

logging.getLogger("alembic").setLevel(logging.WARNING)  # the commands print what happens

REVISION_OPTIONS = ("autogenerate", "branch_label", "version_path", "rev_id", "depends_on")

Heads = tuple[str, ...]
Steps = Callable[[Heads, MigrationContext], Iterable[RevisionStep]]


@asynccontextmanager
async def connect(
    url: str | None = None, *, to_migrate: bool = False
) -> AsyncGenerator[AsyncConnection]:
    """Connect to a database; the connection and its engine are closed at the end.

    Args:
        url: of the database; by default DATABASE_URL.
        to_migrate: exclude concurrent migrations. Otherwise the connection only reads.
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
    """The URL whose dialect `--sql` prints: the server's own, if it answers."""
    return await sql_url(settings.database_url)


class Migrations:
    """The revisions and their database.

    Args:
        connection: to the database; None to print SQL or to write files only.
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
        """All revisions, oldest first."""
        return list(self.script.walk_revisions())[::-1]

    def heads(self) -> Heads:
        """The ids of the revisions that no other follows: one, unless branches need a merge."""
        return tuple(self.script.get_heads())

    def current(self) -> Heads:
        """The ids of the database's current revisions: none before the first migration."""
        return MigrationContext.configure(self.connection).get_current_heads()

    def applied(self) -> set[str]:
        """The ids of all applied revisions."""
        current = self.known(self.current())
        return {script.revision for script in self.script.iterate_revisions(current, "base")}

    def pending(self) -> list[Script]:
        """The revisions that are not applied, in the order in which they will be."""
        applied = self.applied()
        return [script for script in self.all() if script.revision not in applied]

    def plan(self, target: str, current: Heads) -> list[RevisionStep]:
        """List the steps from the current revisions to another, up or down.

        Args:
            target: a revision's id or its beginning, "head", "base", or a number of steps such
                as "+1" or "-1".
            current: the revisions to start from.

        Raises:
            CommandError: no such revision, or no path to it.
        """
        revisions = self.script.revision_map
        current = self.known(current)
        if not target:
            raise UnknownTarget(target, "it is empty")
        try:
            if self.is_below(target, current):
                down = self.script.iterate_revisions(current, target, select_for_downgrade=True)
                return [MigrationStep.downgrade_from_script(revisions, script) for script in down]
            up = self.script.iterate_revisions(target, current, implicit_base=True)
            return [MigrationStep.upgrade_from_script(revisions, script) for script in up][::-1]
        except MultipleHeads as error:
            raise SeveralHeads(error.heads) from None
        except RevisionError as error:
            raise UnknownTarget(target, str(error)) from None

    def find(self, revision: str) -> Script:
        """Find a revision by its id, the beginning of its id, or "head".

        Raises:
            CommandError: no such revision.
        """
        steps = self.plan(revision, ())
        if not steps:
            raise UnknownTarget(revision, "it is not a revision")
        return steps[-1].revision

    def require_one_head(self) -> None:
        """Check that the revisions have one head.

        Raises:
            SeveralHeads: they have more.
        """
        heads = self.heads()
        if len(heads) > 1:
            raise SeveralHeads(heads)

    def known(self, current: Heads) -> Heads:
        """Return these revisions after checking that each has a file.

        Raises:
            CommandError: the database is at a revision without a file.
        """
        try:
            self.script.revision_map.get_revisions(current)
        except ResolutionError as error:
            raise CommandError(
                f"the database is at revision {error.argument}, which is not in migrations/versions",
                "Another version of the code migrated it. Use that version, or add its revisions here.",
            ) from None
        return current

    def is_below(self, target: str, current: Heads) -> bool:
        """Whether `target` is reached from `current` by downgrades."""
        if target == "base" or target.startswith(("+", "-")):
            return not target.startswith("+")
        revision = self.script.revision_map.get_revision(target)
        below = {script.revision for script in self.script.iterate_revisions(current, "base")}
        return revision is not None and revision.revision in below.difference(current)

    def drift(self, *, plugins: Iterable[str] = (), **options: Any) -> UpgradeOps:
        """Compare the database with the models: the operations that would make them equal.

        Args:
            plugins: names of further Alembic plugins that take part.
            options: what these read from `MigrationContext.opts`.
        """
        from . import comparison  # a process that only migrates does not need it

        found = UpgradeOps()

        def compare(heads: Heads, context: MigrationContext) -> list[RevisionStep]:
            context.opts["autogenerate_plugins"] += [*comparison.PLUGINS, *plugins]
            context.opts.update(options)
            script = produce_migrations(context, context.opts["target_metadata"])
            found.ops.extend(script.upgrade_ops.ops if script.upgrade_ops else [])
            return []

        self.run(compare, dont_mutate=True)
        return found

    def write(
        self, message: str, upgrade: UpgradeOps, downgrade: DowngradeOps, **options: Any
    ) -> Script:
        """Write a revision after the head.

        Args:
            message: its name.
            upgrade: its operations.
            downgrade: the operations that revert them.
            options: other options of Alembic's `revision`, such as `rev_id`.
        """
        defaults = dict.fromkeys(REVISION_OPTIONS)
        arguments = {**defaults, "sql": False, "head": "head", "splice": False, **options}
        revision = RevisionContext(self.config, self.script, {**arguments, "message": message})
        revision.generated_revisions[0].upgrade_ops = upgrade
        revision.generated_revisions[0].downgrade_ops = downgrade

        def render(heads: Heads, context: MigrationContext) -> list[RevisionStep]:
            revision.run_no_autogenerate(heads, for_text(context))
            return []

        self.run(render, dont_mutate=True)
        with redirect_stdout(StringIO()):  # drops Alembic's message about the file
            (script,) = revision.generate_scripts()
        if script is None:
            raise RuntimeError("Alembic wrote no revision")
        return script

    def source(self, operations: OpContainer) -> str:
        """Render operations as a revision contains them."""
        lines: list[str] = []

        def render(heads: Heads, context: MigrationContext) -> list[RevisionStep]:
            rendering = AutogenContext(for_text(context), autogenerate=False)
            lines.extend(block(render_op_text(rendering, found)) for found in operations.ops)
            return []

        self.run(render, dont_mutate=True)
        return "\n".join(lines)

    def run(self, steps: Steps, **options: Any) -> None:
        """Run `migrations/env.py`.

        Args:
            steps: receives the current revisions and Alembic's context; returns the steps to run.
            options: of Alembic's `EnvironmentContext`.
        """
        with EnvironmentContext(self.config, self.script, fn=steps, **options):
            self.script.run_env()


def for_text(context: MigrationContext) -> MigrationContext:
    """Return a context that writes SQL into a revision, where a % must not be doubled."""
    return MigrationContext.configure(dialect=unformatted(context.dialect), opts=context.opts)


def block(code: str) -> str:
    """Indent the block of a `with`, which Alembic leaves to the template."""
    first, _, rest = code.partition("\n")
    return f"{first}\n{indent(rest, '    ')}" if first.startswith("with ") else code


def title(script: Script) -> str:
    """A revision as the commands print it: its id and its docstring's first line."""
    first_line = script.doc.partition("\n")[0]
    return f"{script.revision} {first_line}"


class UnknownTarget(CommandError):
    """The target does not exist, or cannot be reached."""

    def __init__(self, target: str, reason: str) -> None:
        super().__init__(
            f"cannot migrate to {target!r}: {reason.rstrip('.')}",
            "Use an id that `manage.py showmigrations` lists, its beginning, head, base, +1 or -1.",
        )


class SeveralHeads(CommandError):
    """Two branches added revisions after the same one."""

    def __init__(self, heads: Iterable[str]) -> None:
        super().__init__(
            f"the revisions have several heads: {', '.join(sorted(heads))}",
            "Join them with `manage.py makemigrations --merge`.",
        )
