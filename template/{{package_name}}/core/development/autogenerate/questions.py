# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Find renames: a comparison alone cannot tell them from a drop and an addition."""

from collections.abc import Callable, Iterator

from alembic.operations import ops

from .answers import Answers
from .renames import Renames
from .values import python_type

Compare = Callable[[Renames], ops.UpgradeOps]


def find_renames(compare: Compare, answers: Answers) -> Renames:
    """Ask about each missing table or column that a new one may replace.

    Args:
        compare: compares the models with the database, given the renames found so far.
        answers: answers the questions.

    Raises:
        AnswerNeeded: a question is open.
    """
    renames = Renames({}, {})
    found = compare(renames)
    renames.tables.update(renamed_tables(found, answers))
    answers.require_all()
    if renames.tables:
        found = compare(renames)
    for group in found.ops:
        if isinstance(group, ops.ModifyTableOps):
            columns = dict(renamed_columns(group, renames, answers))
            if columns:
                renames.columns[group.table_name] = columns
    answers.require_all()
    return renames


def renamed_tables(found: ops.UpgradeOps, answers: Answers) -> Iterator[tuple[str, str]]:
    """Yield old and new names of tables."""
    new = {
        made.table_name: shape(made) for made in found.ops if isinstance(made, ops.CreateTableOp)
    }
    gone = [dropped for dropped in found.ops if isinstance(dropped, ops.DropTableOp)]
    for dropped in sorted(gone, key=lambda operation: operation.table_name):
        was = {column.name for column in dropped.to_table().columns}
        likely = sorted(new, key=lambda name: (-len(was & new[name]), name))
        name = answers.renamed("table", dropped.table_name, likely) if likely else None
        if name is not None:
            del new[name]
            yield dropped.table_name, name


def shape(made: ops.CreateTableOp) -> set[str]:
    """Return the names of a table's columns."""
    return {column.name for column in made.to_table().columns}


def renamed_columns(
    group: ops.ModifyTableOps, renames: Renames, answers: Answers
) -> Iterator[tuple[str, str]]:
    """Yield old and new names of a table's columns."""
    table = group.table_name
    new = {made.column.name: made.column for made in group.ops if isinstance(made, ops.AddColumnOp)}
    gone = [dropped.to_column() for dropped in group.ops if isinstance(dropped, ops.DropColumnOp)]
    for column in sorted(gone, key=lambda column: column.name):
        kind = python_type(column)
        likely = sorted(new, key=lambda name: (python_type(new[name]) is not kind, name))
        old = f"{table}.{column.name}"
        for known in (old, f"{renames.old_table(table)}.{column.name}"):
            if known in answers.renames:
                answers.used.add(known)
                new_name = answers.renames[known].rpartition(".")[2]
                answers.renames[old] = f"{table}.{new_name}" if new_name else ""
        full = [f"{table}.{name}" for name in likely]
        name = answers.renamed("column", old, full) if likely else None
        if name is not None:
            bare = name.rpartition(".")[2]
            del new[bare]
            yield column.name, bare
