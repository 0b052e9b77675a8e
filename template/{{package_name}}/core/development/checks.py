# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The checks of development: `manage.py check` runs them wherever `development/` exists."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection

from ..management.checks.registry import Message, check_database, warning
from ..management.discovery import PROJECT
from ..management.errors import CommandError
from ..management.migrations import Migrations
from . import lost_edits as lost_edits
from .linter import lint


@check_database("migrations")
def pending_revisions_are_safe(connection: Connection) -> Iterator[Message]:
    migrations = Migrations(connection)
    try:
        applied, pending = migrations.applied(), migrations.pending()
    except CommandError:
        return
    for script in pending if applied else []:  # an empty database has no rows at risk
        path = Path(script.path)
        for finding in lint(path.read_text(encoding="utf-8")):
            yield warning(
                finding.id,
                f"{path.relative_to(PROJECT)}:{finding.line}: {finding.subject}: "
                f"{finding.rule.problem}",
                finding.rule.steps,
            )
