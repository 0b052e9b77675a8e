# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Writes the files of revisions."""

from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from textwrap import indent
from time import sleep, time
from typing import Any, NamedTuple
from uuid import uuid4

from alembic.autogenerate import render_op_text
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import OpContainer
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import ClauseElement

from ..management.migrations import Heads, Migrations
from ..management.sql_text import escaped, unformatted
from .autogenerate.dialect import NEEDED_FIRST


class Code(NamedTuple):
    """The code of a revision: the statements of its functions, and their imports."""

    upgrade: str = ""
    downgrade: str = ""
    imports: str = ""


EMPTY = Code()


def render(migrations: Migrations, upgrade: OpContainer, downgrade: OpContainer) -> Code:
    """Return the code of operations, and of those that revert them."""
    found: list[Code] = []

    def rendered(heads: Heads, context: MigrationContext) -> list[RevisionStep]:
        rendering = AutogenContext(for_text(context), autogenerate=False)
        up, down = (
            "\n".join(block(render_op_text(rendering, operation)) for operation in part.ops)
            for part in (upgrade, downgrade)
        )
        first = [line for part, line in NEEDED_FIRST.items() if part in up]
        up = "\n".join([*first, up])
        found.append(Code(up, down, "\n".join(sorted(rendering.imports))))
        return []

    migrations.run(rendered, dont_mutate=True)
    return found[0]


def write(
    migrations: Migrations,
    message: str,
    code: Code = EMPTY,
    *,
    rev_id: str | None = None,
    after: Sequence[str] = ("head",),
) -> Path:
    """Write a revision, by default with a new id after the head, and return its file."""
    await_next_second(migrations.script)
    with redirect_stdout(StringIO()):  # drops Alembic's message about the file
        script = migrations.script.generate_revision(
            rev_id or uuid4().hex[-12:],
            message,
            refresh=True,
            head=[*after],
            upgrades=indent(code.upgrade, "    "),
            downgrades=indent(code.downgrade, "    "),
            imports=code.imports,
        )
    if script is None:
        raise RuntimeError("Alembic wrote no revision")
    return Path(script.path)


def await_next_second(script: ScriptDirectory) -> None:
    """Wait until the newest revision is a second old: another of the same second may replace it."""
    heads = (found for found in script.get_revisions(script.get_heads()) if found)
    newest = max((Path(head.path).stat().st_mtime for head in heads), default=0.0)
    sleep(min(1.0, max(0.0, int(newest) + 1 - time())))


def for_text(context: MigrationContext) -> MigrationContext:
    """Return a context that writes SQL into a revision, where a % is not doubled.

    A colon is escaped where the revision makes a `text()` of the SQL, which would take it for a
    parameter.
    """
    revision = MigrationContext.configure(dialect=unformatted(context.dialect), opts=context.opts)
    impl: Any = revision.impl
    render = impl.render_ddl_sql_expr

    def as_sql(expression: ClauseElement, *, is_index: bool = False, **options: Any) -> str:
        sql: str = render(expression, is_index=is_index, **options)
        return sql if is_index else escaped(sql)

    impl.render_ddl_sql_expr = as_sql
    return revision


def block(code: str) -> str:
    """Indent the block of a `with`, which Alembic leaves to the template."""
    first, _, rest = code.partition("\n")
    return f"{first}\n{indent(rest, '    ')}" if first.startswith("with ") else code
