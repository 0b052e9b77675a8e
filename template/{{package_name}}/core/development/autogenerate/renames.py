# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Shows Alembic the database as if it already had the new names of tables and columns.

Alembic then finds the other changes, and drops nothing that was renamed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, cast

from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.runtime.plugins import Plugin
from alembic.util import DispatchPriority, PriorityDispatchResult
from sqlalchemy import Inspector, TextClause, text

from ...management.inspection import ChangedInspector, whole

PLUGIN = "core.renames"
# Compares with the database under new names; CHECKs by table and name count as changed.
Compare = Callable[..., ops.UpgradeOps]


class Renames(NamedTuple):
    """New names by the old ones: of tables, and of the columns of each table by its new name."""

    tables: dict[str, str]
    columns: dict[str, dict[str, str]]
    texts: str  # the pattern of a text literal

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
        """Return a piece of SQL with the columns' new names; texts stay as they are."""
        names = self.columns.get(table, {})
        if not names:
            return sql
        old = "|".join(map(re.escape, names))
        pattern = rf"{self.texts}|(?<!\w)(?P<quote>[\"`]?)(?P<name>{old})(?P=quote)(?!\w)"
        return re.sub(pattern, lambda found: renamed_in(found, names), sql)

    def translate(self, table: str, found: Mapping[str, Any]) -> dict[str, Any]:
        """Return a reflected column, key, constraint or index of a table under the new names."""
        item = dict(found)
        if "type" in item:
            (item["name"],) = self.new_columns(table, [item["name"]])
        if "referred_table" in item:
            referred = item["referred_table"] = self.new_table(item["referred_table"])
            item["referred_columns"] = self.new_columns(referred, item["referred_columns"])
        for key in ("constrained_columns", "column_names", "include_columns"):
            if key in item:
                item[key] = self.new_columns(table, item[key])
        if "expressions" in item:
            item["expressions"] = [self.new_text(table, text) for text in item["expressions"]]
        if "column_sorting" in item:
            old = item["column_sorting"]
            item["column_sorting"] = dict(
                zip(self.new_columns(table, old), old.values(), strict=True)
            )
        options = dict(item.get("dialect_options", {}))
        for key, value in options.items():
            if key.endswith("_include"):
                options[key] = self.new_columns(table, value)
            elif key.endswith("_where"):
                sql = self.new_text(table, str(getattr(value, "text", value)))
                options[key] = text(sql) if isinstance(value, TextClause) else sql
        if options:
            item["dialect_options"] = options
        if "computed" in item:
            sql = self.new_text(table, item["computed"]["sqltext"])
            item["computed"] = {**item["computed"], "sqltext": sql}
        if "sqltext" in item:
            item["sqltext"] = self.new_text(table, item["sqltext"])
        return item


def renamed_in(found: re.Match[str], names: Mapping[str, str]) -> str:
    """Return a text literal, or the new name of a column."""
    quote = found["quote"]
    return found[0] if quote is None else f"{quote}{names[found['name']]}{quote}"


def in_order(pairs: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield renames so that no new name is taken: the old name, and the two names of each step.

    Names that are swapped, or that differ in case only, go through a temporary name.
    """
    left = {old: (old, new) for old, new in pairs.items()}
    while left:
        taken = {name.lower() for name in left}
        free = [name for name, (_, new) in left.items() if new.lower() not in taken]
        name = (free or list(left))[0]
        old, new = left.pop(name)
        if not free:
            between = f"{name:.50}_renamed"  # names of more than 63 characters are cut or refused
            left[between] = (old, new)
            new = between
        yield old, name, new


class RenamedInspector(ChangedInspector):
    """An inspector that reports renamed tables and columns under their new names."""

    def __init__(self, inspector: Inspector, renames: Renames) -> None:
        super().__init__(inspector)
        self.renames = renames

    def old_table(self, table: str) -> str:
        return self.renames.old_table(table)

    def new_table(self, table: str) -> str:
        return self.renames.new_table(table)

    def change(self, kind: str, schema: str | None, table: str, found: Any) -> Any:
        shown: dict[str, Any] | list[dict[str, Any]] = found
        if isinstance(shown, list):
            return [self.renames.translate(table, item) for item in shown]
        return self.renames.translate(table, shown)


def renamed(inspector: Inspector, renames: Renames) -> Inspector:
    """Wrap an inspector in one that reports the new names."""
    return cast("Inspector", RenamedInspector(inspector, renames))


def present(
    context: AutogenContext, found: ops.UpgradeOps, schemas: set[str | None]
) -> PriorityDispatchResult:
    """Have a comparison see the database under the new names."""
    renames: Renames | None = context.opts.get("renames")
    if renames:
        context.inspector = renamed(whole(context.inspector), renames)
    return PriorityDispatchResult.CONTINUE


Plugin(PLUGIN).add_autogenerate_comparator(
    present, "schema", "renames", priority=DispatchPriority.FIRST
)
