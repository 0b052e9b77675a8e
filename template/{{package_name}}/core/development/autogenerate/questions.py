# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Find renames: a comparison alone cannot tell them from a drop and an addition."""

from collections.abc import Container, Iterable, Iterator

import click
from alembic.operations import ops
from sqlalchemy import Inspector, MetaData

from ...management.describe import flat
from ...management.errors import CommandError
from ...management.sql_text import text_pattern
from .answers import Answers
from .kinds import python_type
from .renames import Compare, Renames


def find_renames(
    compare: Compare, answers: Answers, inspector: Inspector, models: MetaData
) -> Renames:
    """Ask about each missing table or column that a new one may replace."""
    renames = Renames({}, {}, text_pattern(inspector.dialect))
    tables = inspector.get_table_names()
    renames.tables.update(given(answers, "", "", tables, models.tables))
    found = compare(renames)
    require_no_rename_in_schemas(found)
    renames.tables.update(renamed_tables(found, answers))
    answers.require_all()
    for name in tables:
        table = renames.new_table(name)
        if table in models.tables:
            old = [column["name"] for column in inspector.get_columns(name)]
            columns = given(
                answers, f"{name}.", f"{table}.", old, [*models.tables[table].columns.keys()]
            )
            if columns:
                renames.columns[table] = columns
    if renames:
        found = compare(renames)
    for group in found.ops:
        if isinstance(group, ops.ModifyTableOps):
            columns = dict(renamed_columns(group, renames, answers))
            if columns:
                renames.columns.setdefault(group.table_name, {}).update(columns)
    answers.require_used(renames_only=True)
    answers.require_all()
    return renames


def require_no_rename_in_schemas(found: ops.UpgradeOps) -> None:
    """Refuse what may be a rename of a table, or of a column, in a schema that models name."""
    gone: dict[str, str] = {}
    new: dict[str, str] = {}
    for operation in flat(found):
        match operation:
            case ops.DropTableOp(schema=str(schema), table_name=name):
                gone[schema] = name
            case ops.CreateTableOp(schema=str(schema), table_name=name):
                new[schema] = name
            case ops.DropColumnOp(schema=str(schema), table_name=table, column_name=name):
                gone[f"{schema}.{table}"] = name
            case ops.AddColumnOp(schema=str(schema), table_name=table, column=column):
                new[f"{schema}.{table}"] = column.name
            case _:
                pass
    for place in gone.keys() & new.keys():
        raise CommandError(
            f"{place}.{gone[place]} is gone, {place}.{new[place]} is new, and names in a schema are not compared",
            f"If it is renamed, write the revision by hand: `manage.py makemigrations --empty`. "
            f"If not, drop {gone[place]} in a revision before the one that adds {new[place]}.",
        )


def given(
    answers: Answers, before: str, after: str, existing: Iterable[str], models: Container[str]
) -> dict[str, str]:
    """Return the given renames of tables, or of a table's columns: they may swap or reuse names.

    `before` precedes an old name, and `after` a new one: the table's name and a dot, or nothing.
    """
    existing = list(existing)
    found: dict[str, str] = {}
    for name in existing:
        for key in {before + name, after + name} & answers.renames.keys():
            table, dot, new = answers.renames[key].rpartition(".")
            if table + dot in {before, after} and new in models and new != name:
                found[name] = new
                answers.used.add(key)
    for name, new in list(found.items()):
        if new not in existing or new in found:
            continue
        if not before:
            raise click.UsageError(
                f"{name} cannot be renamed to {new!r}: {new} exists. Rename it too, or drop it in an "
                f"earlier revision, made from models without {new}."
            )
        drops = [key for key in (before + new, after + new) if answers.renames.get(key) == ""]
        if not drops:
            raise click.UsageError(
                f"{before}{name} cannot be renamed to {new!r}: {after}{new} exists. "
                f"Rename it too, or drop it with --rename {before}{new}:"
            )
        answers.used.update(drops)
        found[new] = f"{new:.50}_dropped"
    return found


def renamed_tables(found: ops.UpgradeOps, answers: Answers) -> Iterator[tuple[str, str]]:
    """Yield old and new names of tables."""
    new = {
        made.table_name: {column.name for column in made.to_table().columns}
        for made in found.ops
        if isinstance(made, ops.CreateTableOp)
    }
    gone = [dropped for dropped in found.ops if isinstance(dropped, ops.DropTableOp)]
    for dropped in sorted(gone, key=lambda operation: operation.table_name):
        was = {column.name for column in dropped.to_table().columns}
        likely = sorted(new, key=lambda name: (-len(was & new[name]), name))
        name = answers.renamed("table", dropped.table_name, likely) if likely else None
        if name is not None:
            del new[name]
            yield dropped.table_name, name


def renamed_columns(
    group: ops.ModifyTableOps, renames: Renames, answers: Answers
) -> Iterator[tuple[str, str]]:
    """Yield old and new names of a table's columns."""
    table = group.table_name
    before = f"{renames.old_table(table)}."
    new = {made.column.name: made.column for made in group.ops if isinstance(made, ops.AddColumnOp)}
    gone = [dropped.to_column() for dropped in group.ops if isinstance(dropped, ops.DropColumnOp)]
    for column in sorted(gone, key=lambda column: column.name):
        kind = python_type(column)
        likely = sorted(new, key=lambda name: (python_type(new[name]) is not kind, name))
        old = f"{table}.{column.name}"
        for known in (old, f"{before}{column.name}"):
            if known in answers.renames:
                answers.used.add(known)
                answer = answers.renames[known]
                if answer.startswith(before):
                    answer = f"{table}.{answer.removeprefix(before)}"
                answers.renames[old] = answer
        full = [f"{table}.{name}" for name in likely]
        name = answers.renamed("column", old, full) if likely else None
        if name is not None:
            bare = name.rpartition(".")[2]
            del new[bare]
            yield column.name, bare
