# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Renamed tables and columns: the database, shown to Alembic as if it had the new names already.

Alembic then finds what else has changed, and nothing is dropped and made anew.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, NamedTuple

from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.runtime.plugins import Plugin
from alembic.util import DispatchPriority, PriorityDispatchResult
from sqlalchemy import Inspector

REFLECTED = (
    "check_constraints",
    "columns",
    "foreign_keys",
    "indexes",
    "pk_constraint",
    "table_comment",
    "table_options",
    "unique_constraints",
)


class Renames(NamedTuple):
    """What goes by another name now.

    Attributes:
        tables: new names by the old ones.
        columns: new names by the old ones, by the new name of their table.
    """

    tables: dict[str, str]
    columns: dict[str, dict[str, str]]

    def __bool__(self) -> bool:
        return bool(self.tables or self.columns)

    def old_table(self, table: str) -> str:
        return {new: old for old, new in self.tables.items()}.get(table, table)

    def new_table(self, table: str) -> str:
        return self.tables.get(table, table)

    def new_columns(self, table: str, columns: Iterable[Any]) -> list[Any]:
        names = self.columns.get(table, {})
        return [names.get(column, column) for column in columns]

    def new_text(self, table: str, sql: str) -> str:
        """A piece of SQL with the new names of the columns in it."""
        for old, new in self.columns.get(table, {}).items():
            sql = re.sub(rf"(?<![\w'])([\"`]?){re.escape(old)}\1(?![\w'])", rf"\1{new}\1", sql)
        return sql

    def translate(self, kind: str, table: str, found: Any) -> Any:
        """What was reflected of a table, under the new names.

        Args:
            kind: one of `REFLECTED`.
            table: by its new name.
            found: as the inspector returns it.
        """
        if kind == "pk_constraint":
            columns = self.new_columns(table, found["constrained_columns"])
            return {**found, "constrained_columns": columns}
        if kind not in {
            "columns",
            "foreign_keys",
            "indexes",
            "unique_constraints",
            "check_constraints",
        }:
            return found
        return [self.translate_item(table, dict(item)) for item in found]

    def translate_item(self, table: str, item: dict[str, Any]) -> dict[str, Any]:
        names = self.columns.get(table, {})
        if "type" in item:
            item["name"] = names.get(item["name"], item["name"])
        if "referred_table" in item:
            item["referred_table"] = self.new_table(item["referred_table"])
            item["constrained_columns"] = self.new_columns(table, item["constrained_columns"])
            item["referred_columns"] = self.new_columns(
                item["referred_table"], item["referred_columns"]
            )
        for key in ("column_names", "include_columns"):
            if key in item:
                item[key] = self.new_columns(table, item[key])
        if "expressions" in item:
            item["expressions"] = [self.new_text(table, text) for text in item["expressions"]]
        if "sqltext" in item:
            item["sqltext"] = self.new_text(table, item["sqltext"])
        return item


def setup(plugin: Plugin) -> None:
    plugin.add_autogenerate_comparator(
        present, "schema", "renames", priority=DispatchPriority.FIRST
    )


def present(
    context: AutogenContext, found: ops.UpgradeOps, schemas: set[str | None]
) -> PriorityDispatchResult:
    """Have the inspector of a comparison tell the new names."""
    renames: Renames | None = context.opts.get("renames")
    if renames:
        translate_names(context.inspector, renames)
    return PriorityDispatchResult.CONTINUE


def translate_names(inspector: Inspector, renames: Renames) -> None:
    """Replace an inspector's methods by ones that know only the new names."""
    names = inspector.get_table_names

    def get_table_names(schema: str | None = None, **options: Any) -> list[str]:
        return [renames.new_table(name) for name in names(schema, **options)]

    vars(inspector)["get_table_names"] = get_table_names
    for kind in REFLECTED:
        for prefix, translated in (("get_", one), ("get_multi_", many)):
            method = getattr(inspector, f"{prefix}{kind}")
            vars(inspector)[f"{prefix}{kind}"] = translated(method, kind, renames)


def one(method: Callable[..., Any], kind: str, renames: Renames) -> Callable[..., Any]:
    @wraps(method)
    def get(table: str, schema: str | None = None, **options: Any) -> Any:
        found = method(renames.old_table(table), schema=schema, **options)
        return renames.translate(kind, table, found)

    return get


def many(method: Callable[..., Any], kind: str, renames: Renames) -> Callable[..., Any]:
    @wraps(method)
    def get(
        schema: str | None = None, filter_names: Iterable[str] | None = None, **options: Any
    ) -> Mapping[Any, Any]:
        old = None if filter_names is None else [renames.old_table(name) for name in filter_names]
        found = method(schema=schema, filter_names=old, **options)
        new = ((key[0], renames.new_table(key[1]), value) for key, value in found.items())
        return {
            (schema, table): renames.translate(kind, table, value) for schema, table, value in new
        }

    return get
