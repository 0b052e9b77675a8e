# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Alembic's operations in words: a line each for people, and a name for the revision of them all."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from alembic.operations import ops

from ..development.autogenerate.operations import Convert, Fill, Rename, RenameColumn, RenameTable

LONGEST_NAME = 40  # characters; Alembic cuts the file's name there


class Change(NamedTuple):
    """One operation.

    Attributes:
        sign: "+" for what is made, "-" for what is dropped, "~" for what is altered, ">" for what is
            renamed.
        line: what is done.
        name: the same in a few words; empty for what goes without saying.
    """

    sign: str
    line: str
    name: str

    def __str__(self) -> str:
        return f"{self.sign} {self.line}"


def changes(operations: ops.OpContainer) -> list[Change]:
    """The operations in the order in which they are run."""
    every = list(flat(operations))
    tables = {op.table_name for op in every if isinstance(op, ops.CreateTableOp | ops.DropTableOp)}
    return [describe(op, tables) for op in every]


def suggest_name(changes: Sequence[Change]) -> str:
    """A name for the revision of these changes: "create posts", "add slug to posts and more"."""
    names = list(dict.fromkeys(change.name for change in changes if change.name))
    name, count = joined(names), len(names)
    while len(name) > LONGEST_NAME and count > 1:
        count -= 1
        name = f"{joined(names[:count])} and more"
    return name


def joined(names: Sequence[str]) -> str:
    """The names with commas between them, each verb said once: "create posts, comments"."""
    verbs = [name.partition(" ")[0] for name in names]
    return ", ".join(
        name.removeprefix(f"{verb} ") if verb == before else name
        for name, verb, before in zip(names, verbs, ["", *verbs], strict=False)
    )


def flat(operations: ops.OpContainer) -> Iterator[ops.MigrateOperation]:
    """The operations without the containers that group them by table."""
    for operation in operations.ops:
        if isinstance(operation, ops.OpContainer):
            yield from flat(operation)
        else:
            yield operation


def describe(operation: ops.MigrateOperation, tables: set[str]) -> Change:
    """Put one operation in words.

    Args:
        operation: what is done.
        tables: those that are made or dropped whole, so that their indexes need no mention.
    """
    match operation:
        case ops.CreateTableOp(table_name=table):
            return Change("+", f"Create table {table}", f"create {table}")
        case ops.DropTableOp(table_name=table):
            return Change("-", f"Drop table {table}", f"drop {table}")
        case RenameTable(table_name=table, new_table_name=new):
            return Change(">", f"Rename table {table} to {new}", f"rename {table} to {new}")
        case RenameColumn(table_name=table, old=old, new=new):
            name = f"rename {old} to {new} in {table}"
            return Change(">", f"Rename column {table}.{old} to {new}", name)
        case Rename(sql=sql):
            return Change(">", sql, "")
        case Fill(table=table, column=column):
            return Change("~", f"Fill column {table}.{column}", f"fill {column} of {table}")
        case Convert(alter=alter):
            return describe(alter, tables)
        case ops.AddColumnOp(table_name=table, column=column):
            name = f"add {column.name} to {table}"
            return Change("+", f"Add column {table}.{column.name}", name)
        case ops.DropColumnOp(table_name=table, column_name=column):
            return Change("-", f"Drop column {table}.{column}", f"drop {column} from {table}")
        case ops.AlterColumnOp(table_name=table, column_name=column):
            line = f"Alter column {table}.{column}: {', '.join(alterations(operation))}"
            return Change("~", line, f"alter {column} of {table}")
        case ops.CreateIndexOp(index_name=index, table_name=table):
            name = f"index {index}"
            words = "" if table in tables else f"create {name}"
            return Change("+", f"Create {name} on {table}", words)
        case ops.DropIndexOp(index_name=index, table_name=table):
            name = f"index {index}"
            words = "" if table in tables else f"drop {name}"
            return Change("-", f"Drop {name} on {table}", words)
        case ops.AddConstraintOp():
            constraint = operation.to_constraint()
            name = f"constraint {constraint.name}"
            return Change("+", f"Add {name} on {constraint.table.name}", f"add {name}")
        case ops.DropConstraintOp(constraint_name=constraint, table_name=table):
            name = f"constraint {constraint}"
            return Change("-", f"Drop {name} on {table}", f"drop {name}")
        case _:
            words = type(operation).__name__.removesuffix("Op")
            return Change("~", words, words)


def alterations(operation: ops.AlterColumnOp) -> Iterator[str]:
    """What becomes different about a column."""
    if operation.modify_type is not None:
        yield f"type {operation.existing_type} to {operation.modify_type}"
    if operation.modify_nullable is not None:
        yield "NULL allowed" if operation.modify_nullable else "NOT NULL"
    if operation.modify_server_default is not False:
        yield "server default"
    if operation.modify_comment is not False:
        yield "comment"
