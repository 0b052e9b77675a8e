# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Changes how the database generates values: sequences and identities."""

import re
from collections.abc import Iterable, Iterator

from alembic.operations import ops
from sqlalchemy import Identity, Inspector, MetaData

from ...management.describe import Description
from .keys import tables
from .operations import Statement

# The default of a generated key, and the types that its sequence may have.
SEQUENCE = re.compile(r"nextval\('(.+)'::regclass\)")
INTEGERS = ("SMALLINT", "INTEGER", "BIGINT")


def sequence_types(
    changes: Iterable[ops.MigrateOperation], inspector: Inspector
) -> Iterator[Statement]:
    """Yield the statements that change the sequences of generated keys with their columns' types."""
    for change in changes:
        if not isinstance(change, ops.AlterColumnOp) or change.modify_type is None:
            continue
        kinds = [
            kind and kind.compile(inspector.dialect)
            for kind in (change.existing_type, change.modify_type)
        ]
        for column in inspector.get_columns(change.table_name, change.schema):
            made = SEQUENCE.fullmatch(column["default"] or "")
            if made and column["name"] == change.column_name and kinds[1] in INTEGERS:
                sql = f"ALTER SEQUENCE {made[1]} AS"
                yield Statement(f"{sql} {kinds[1]}", f"{sql} {kinds[0]}")


def generators(
    operations: Iterable[ops.MigrateOperation], inspector: Inspector, models: MetaData
) -> Iterator[Statement]:
    """Yield the statements that change how values are generated, in place of an altered default.

    The values continue after the last one, also after a downgrade.
    """
    quote = inspector.dialect.identifier_preparer.quote
    for group in tables(operations):
        place = [part for part in (group.schema, group.table_name) if part]
        for change in [item for item in group.ops if isinstance(item, ops.AlterColumnOp)]:
            old, new = change.existing_server_default, change.modify_server_default
            if new is False or not (isinstance(old, Identity) or isinstance(new, Identity)):
                continue
            change.modify_server_default = False
            if not change.has_changes():
                group.ops.remove(change)
            name, table = change.column_name, ".".join(map(quote, place))
            alter = f"ALTER TABLE {table} ALTER COLUMN {quote(name)}"
            line = f"Change how {'.'.join([*place, name])} is generated"
            about = Description("~", line, f"alter {name} of {group.table_name}")
            if isinstance(old, Identity) and isinstance(new, Identity):
                then, now = (" SET ".join([alter, *settings(each)]) for each in (new, old))
                yield Statement(then, now, about)
                continue
            columns = inspector.get_columns(group.table_name, group.schema)
            before = {column["name"]: column["default"] for column in columns}[name]
            after = str(getattr(new, "arg", "")) or None
            model = models.tables[".".join(place)]
            if new is None and model.autoincrement_column is model.columns[name]:
                made = ".".join(map(quote, [*place[:-1], f"{group.table_name}_{name}_seq"]))
                after = f"nextval({text(made)}::regclass)"
            owner = f"{table}.{quote(name)}"
            own = f"pg_get_serial_sequence({text(table)}, {text(name)})"
            highest = " ".join(("(SELECT greatest(max(", quote(name), "), 0) + 1 FROM", table, ")"))
            take = f"SELECT setval('next_value', coalesce(nextval({own}), {highest}), false)"
            give = f"SELECT setval({own}, nextval('next_value'), false)"
            create, drop = "CREATE TEMPORARY SEQUENCE next_value", "DROP SEQUENCE next_value"
            former = [*generation(alter, owner, old if isinstance(old, Identity) else before)]
            yield Statement(create, drop, about)
            yield Statement(take, give)
            yield from (Statement(back, sql) for sql, back in reversed(former))
            yield from (
                Statement(sql, back)
                for sql, back in generation(
                    alter, owner, new if isinstance(new, Identity) else after
                )
            )
            yield Statement(give, take)
            yield Statement(drop, create)


def generation(alter: str, owner: str, default: Identity | str | None) -> Iterator[tuple[str, str]]:
    """Yield the statements that create a default, each with the one that drops it."""
    if isinstance(default, Identity):
        always, *options = settings(default)
        yield f"{alter} ADD {always} AS IDENTITY ({' '.join(options)})", f"{alter} DROP IDENTITY"
    elif default is not None:
        sequence = SEQUENCE.fullmatch(default)
        if sequence:
            name = sequence[1].replace("''", "'")
            yield f"CREATE SEQUENCE {name} OWNED BY {owner}", f"DROP SEQUENCE {name}"
        yield f"{alter} SET DEFAULT {default}", f"{alter} DROP DEFAULT"


def settings(identity: Identity) -> Iterator[str]:
    """Yield the options of an identity, also those that are not given."""
    yield f"GENERATED {'ALWAYS' if identity.always else 'BY DEFAULT'}"
    yield f"INCREMENT BY {identity.increment or 1}"
    if identity.start is not None:
        yield f"START WITH {identity.start}"
    for word, limit in (("MINVALUE", identity.minvalue), ("MAXVALUE", identity.maxvalue)):
        yield f"NO {word}" if limit is None else f"{word} {limit}"
    yield f"CACHE {identity.cache or 1}"
    yield "CYCLE" if identity.cycle else "NO CYCLE"


def text(value: str) -> str:
    """Return a text literal."""
    return "'" + value.replace("'", "''") + "'"
