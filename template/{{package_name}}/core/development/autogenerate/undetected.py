# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Lists what the models use and a comparison cannot detect."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Enum, MetaData, Table
from sqlalchemy.schema import ColumnCollectionConstraint

from ...db.driver.migrations import REWRITES_CONDITIONS
from .dialect import UNDETECTED_TYPES

COMPARED = ("foreign_key_constraint", "primary_key_constraint", "unique_constraint")


def undetected(models: MetaData, dialect: str) -> list[str]:
    """Return a line for each kind of change that is not detected, with the places that use it."""
    places: dict[str, list[str]] = defaultdict(list)
    for table in models.sorted_tables:
        for kind, name in of_table(table, f"{dialect}_"):
            places[kind].append(name)
    return [f"  ? Changes of {kind} are not detected: {', '.join(places[kind])}" for kind in places]


def of_table(table: Table, prefix: str) -> Iterator[tuple[str, str]]:
    """Yield what is not detected in a table, and its name."""
    if any(key.startswith(prefix) for key in table.dialect_kwargs):
        yield "table options", table.name
    if table.primary_key.deferrable:
        yield "a deferrable primary key", table.name
    for constraint in sorted(table.constraints, key=lambda item: str(item.name)):
        name = constraint.__visit_name__
        unknown = name not in COMPARED and not name.endswith("check_constraint")
        if isinstance(constraint, ColumnCollectionConstraint) and unknown:
            yield name.replace("_", " ") + "s", f"{table.name}.{constraint.name}"
    for index in sorted(table.indexes, key=lambda item: str(item.name)):
        options = [key for key in index.dialect_kwargs if key.startswith(prefix)]
        if not REWRITES_CONDITIONS and any(not key.endswith("_where") for key in options):
            yield "index options", f"{table.name}.{index.name}"
    for column in table.columns:
        for kind, words in UNDETECTED_TYPES.items():
            native = not isinstance(column.type, Enum) or column.type.native_enum
            if isinstance(column.type, kind) and native:
                yield words, f"{table.name}.{column.name}"
