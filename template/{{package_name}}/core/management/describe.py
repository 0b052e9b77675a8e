# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Describes Alembic's operations, one line each, for `migrate`, `check` and `makemigrations`."""

from collections.abc import Container, Iterator
from typing import NamedTuple, Protocol, runtime_checkable

from alembic.operations import ops


class Description(NamedTuple):
    """One operation in words.

    Attributes:
        sign: "+" for what is created, "-" for what is dropped, "~" for what is altered, ">" for
            what is renamed.
        line: what the operation does.
        name: the same in a few words, for the revision's name; empty where that needs no mention.
    """

    sign: str
    line: str
    name: str

    def __str__(self) -> str:
        return f"{self.sign} {self.line}"


@runtime_checkable
class Described(Protocol):
    """An operation that defines its own description: one that Alembic does not have."""

    @property
    def description(self) -> Description: ...


def describe(operations: ops.OpContainer) -> list[Description]:
    """Describe operations, in the order in which they are run."""
    every = list(flat(operations))
    tables = {place(op) for op in every if isinstance(op, ops.CreateTableOp | ops.DropTableOp)}
    return [describe_one(op, tables) for op in every]


def place(operation: ops.MigrateOperation) -> str:
    """An operation's table, after its schema."""
    if isinstance(operation, ops.AddConstraintOp):
        return operation.to_constraint().table.fullname
    parts = (getattr(operation, part, None) for part in ("schema", "table_name"))
    return ".".join(filter(None, parts))


def flat(operations: ops.OpContainer) -> Iterator[ops.MigrateOperation]:
    """The operations without the containers that group them by table."""
    for operation in operations.ops:
        if isinstance(operation, ops.OpContainer):
            yield from flat(operation)
        else:
            yield operation


def describe_one(operation: ops.MigrateOperation, tables: Container[str] = ()) -> Description:
    """Describe one operation; the name leaves out indexes of `tables` that are made or dropped."""
    if isinstance(operation, Described):
        return operation.description
    table = place(operation)
    match operation:
        case ops.CreateTableOp():
            return Description("+", f"Create table {table}", f"create {table}")
        case ops.DropTableOp():
            return Description("-", f"Drop table {table}", f"drop {table}")
        case ops.AddColumnOp(column=column):
            name = f"add {column.name} to {table}"
            return Description("+", f"Add column {table}.{column.name}", name)
        case ops.DropColumnOp(column_name=column):
            return Description("-", f"Drop column {table}.{column}", f"drop {column} from {table}")
        case ops.AlterColumnOp(column_name=column):
            line = f"Alter column {table}.{column}: {', '.join(alterations(operation))}"
            return Description("~", line, f"alter {column} of {table}")
        case ops.CreateIndexOp(index_name=index):
            words = "" if table in tables else f"create index {index}"
            return Description("+", f"Create index {index} on {table}", words)
        case ops.DropIndexOp(index_name=index):
            words = "" if table in tables else f"drop index {index}"
            return Description("-", f"Drop index {index} on {table}", words)
        case ops.AddConstraintOp():
            name = f"constraint {operation.to_constraint().name}"
            return Description("+", f"Add {name} on {table}", f"add {name}")
        case ops.DropConstraintOp(constraint_name=constraint):
            name = f"constraint {constraint}"
            return Description("-", f"Drop {name} on {table}", f"drop {name}")
        case ops.CreateTableCommentOp() | ops.DropTableCommentOp():
            return Description("~", f"Alter table {table}: comment", f"alter comment of {table}")
        case _:
            words = type(operation).__name__.removesuffix("Op")
            return Description("~", words, words)


def alterations(operation: ops.AlterColumnOp) -> Iterator[str]:
    """What an operation changes about a column."""
    if operation.modify_type is not None:
        yield f"type {operation.existing_type} to {operation.modify_type}"
    if operation.modify_nullable is not None:
        yield "NULL allowed" if operation.modify_nullable else "NOT NULL"
    if operation.modify_server_default is not False:
        yield "server default"
    if operation.modify_comment is not False:
        yield "comment"
