# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Repositories: the rows of one model, read and written in a unit of work."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any, cast

from sqlalchemy import (
    Column,
    CursorResult,
    Insert,
    Table,
    bindparam,
    delete,
    insert,
    inspect,
    literal,
    literal_column,
    null,
    select,
    update,
)

from .base import Base
from .compiled import NewRow
from .driver.upsert import upsert
from .errors import StaleData
from .exact import utc_now
from .mixins import SoftDelete
from .reading import ModelT, Reading, Where


class Repository(Reading[ModelT]):
    """The rows of one model, within a unit of work.

    An app names the model, and adds its own queries:

        class UserRepository(Repository[User]):
            model = User

            async def by_email(self, email: str) -> User | None:
                return await self.find_one(email=email)

    Filters are SQLAlchemy expressions, and keywords for equality: `find(User.id > 3,
    is_active=True)`. Relationships are loaded only when `options=` asks for them. Soft-deleted rows
    are left out, unless `include_deleted=True`. Each call is one statement, unless its docstring
    says otherwise.
    """

    async def add(self, row: ModelT) -> ModelT:
        """Insert a row. The database's refusal is raised here, not at the commit."""
        self.session.add(row)
        await self.session.flush()
        return row

    async def add_many(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert many rows, given by their attributes, without creating objects.

        Consecutive rows with the same attributes are one statement.
        """
        for some in alike(rows):
            await self._write(insert(self._insertable()), some)

    async def add_missing(self, rows: Sequence[Mapping[str, Any]], *, by: Sequence[str]) -> None:
        """Insert the rows that do not exist yet. Existing rows do not change.

        Consecutive rows with the same attributes are one statement.

        Args:
            rows: given by their attributes.
            by: attributes of one unique constraint, or of the primary key.
        """
        for some in alike(rows):
            statement = upsert_of(self.model, some[0], by, {}, into=self.model, many=True)
            await self._write(statement, some)

    async def import_many(self, rows: Iterable[Mapping[str, Any]]) -> int:
        """Insert all of a stream of rows, or none, in constant memory; see `import_rows`."""
        from .importing import import_rows  # loaded only by services that use it

        return await import_rows(self.session, self._insertable(), rows)

    async def update(self, row: ModelT, changes: Mapping[str, Any]) -> ModelT:
        """Set attributes of a loaded row and write them.

        `version` in the changes is not written: it is the version that the caller saw.

        Raises:
            StaleData: the row has another version.
        """
        values = dict(changes)
        seen = values.pop("version", None)
        if seen is not None and seen != getattr(row, "version", seen):
            raise StaleData
        for name, value in values.items():
            setattr(row, name, value)
        await self.session.flush()
        return row

    async def update_where(self, *where: Where, values: Mapping[str, Any], **equal: Any) -> int:
        """Set columns of all rows that match the filters.

        A `Versioned` model counts it as a change of each row. Loaded rows that get a value which
        only the database can compute are read again, by a second statement.

        Returns:
            The number of rows that matched.
        """
        new = set_on_update(self.model, values)  # each is computed once, for loaded rows too
        changes = {n: getattr(v, "effective_value", v) for n, v in new.items()} | dict(values)
        version = inspect(self.model).version_id_col
        if version is not None:
            name = self._attribute(version)
            changes.setdefault(name, getattr(self.model, name) + 1)
        statement = update(self.model).where(*where).filter_by(**equal).values(**changes)
        updated = await self._affected(statement)
        states = [inspect(row) for row in self.session if isinstance(row, self.model)]
        if unknown := [state.identity for state in states if changes.keys() & state.unloaded]:
            reread = select(self.model).where(self._has_key(cast("Any", unknown)))
            fresh = await self.session.scalars(reread.execution_options(include_deleted=True))
            fresh.unique().all()
        return updated

    async def delete(self, row: ModelT, *, hard: bool = False) -> None:
        """Delete a row; a `SoftDelete` model marks it instead, unless `hard`."""
        if isinstance(row, SoftDelete) and not hard:
            row.deleted_at = utc_now()
        else:
            await self.session.delete(row)
        await self.session.flush()

    async def delete_where(self, *where: Where, hard: bool = False, **equal: Any) -> int:
        """Delete all rows that match the filters, as `delete` does; return their number."""
        if issubclass(self.model, SoftDelete) and not hard:
            return await self.update_where(*where, values={"deleted_at": utc_now()}, **equal)
        return await self._affected(delete(self.model).where(*where).filter_by(**equal))

    async def restore(self, row: ModelT) -> ModelT:
        """Undo a soft delete."""
        return await self.update(row, {"deleted_at": None})

    async def upsert(
        self, values: Mapping[str, Any], *, by: Sequence[str], update: Sequence[str] = ()
    ) -> ModelT:
        """Insert a row, or change the one with the same unique values.

        A soft-deleted row is restored. Without anything to update, an existing row stays as it is.
        A second statement reads the row where the first cannot return it.

        Args:
            values: of the row, by attribute.
            by: attributes of one unique constraint, or of the primary key.
            update: attributes to set in an existing row; by default all of `values` but `by`.

        Raises:
            TypeError: the model is stored in several tables.
            ValueError: the database could take another row for the one that is meant.
        """
        changes = changes_of(self.model, values, by, update)
        statement = upsert_of(self.model, values, by, changes, into=self.model)
        fresh = {"populate_existing": True, "render_nulls": True}
        if changes and self.session.get_bind().dialect.insert_returning:
            returning = statement.returning(self.model)
            rows = await self.session.scalars(returning, dict(values), execution_options=fresh)
        else:
            await self.session.execute(statement, dict(values), execution_options=fresh)
            found = self._select((), {name: values[name] for name in by}, include_deleted=True)
            rows = await self.session.scalars(found, execution_options=fresh)
        return rows.unique().one()

    async def upsert_many(
        self, rows: Sequence[Mapping[str, Any]], *, by: Sequence[str], update: Sequence[str] = ()
    ) -> None:
        """Upsert many rows; see `upsert`.

        Consecutive rows with the same attributes are one statement.
        """
        for some in alike(rows):
            changes = changes_of(self.model, some[0], by, update)
            statement = upsert_of(self.model, some[0], by, changes, into=self.model, many=True)
            await self._write(statement, some)

    # Helpers

    async def _write(self, statement: Insert, rows: list[dict[str, Any]]) -> None:
        whole = {"render_nulls": True}  # else a None splits the ORM's statement
        await self.session.execute(statement, rows, execution_options=whole)

    async def _affected(self, statement: Any) -> int:
        result = await self.session.execute(statement)
        return cast("CursorResult[Any]", result).rowcount

    def _insertable(self) -> type[ModelT] | Table:
        """The table, which costs a fifth less than the model, where they are the same in all."""
        mapper, table = inspect(self.model), cast("Table", self.model.__table__)
        plain = mapper.polymorphic_on is None and [*mapper.tables] == [table]
        same = all(name == column.key for name, column in mapper.columns.items())
        return table if plain and same else self.model


def alike(rows: Iterable[Mapping[str, Any]]) -> Generator[list[dict[str, Any]]]:
    """Consecutive rows with the same names."""
    for _names, some in groupby(rows, key=frozenset):
        yield [dict(row) for row in some]


def upsert_of(
    model: type[Base],
    values: Iterable[str],
    by: Sequence[str],
    changes: Mapping[str, Any],
    into: Any,
    **options: Any,
) -> Insert:
    """The upsert of rows with these attributes; `options` as a driver's `upsert` takes them."""
    mapper, columns = inspect(model), inspect(model).columns
    if len(mapper.tables) > 1:
        raise TypeError(
            f"{model.__name__} is stored in several tables, and an upsert writes one: "
            "select the row, lock it and write it"
        )
    return upsert(
        into,
        by=[columns[name] for name in by],
        update={columns[name].key: change for name, change in changes.items()},
        given=[columns[name] for name in values],
        **options,
    )


def changes_of(
    model: type[Base], values: Mapping[str, Any], by: Sequence[str], update: Sequence[str]
) -> dict[str, Any]:
    """What an existing row becomes: expressions by attribute, or None for the new value."""
    taken = [name for name in update or values if name not in by]
    deletable = issubclass(model, SoftDelete)
    if not taken and not deletable:
        return {}
    new_values = {name: values.get(name) for name in taken}
    changes = {**set_on_update(model, new_values), **dict.fromkeys(taken)}
    if deletable:
        changes["deleted_at"] = null()
    mapper = inspect(model)
    if mapper.version_id_col is not None:
        name = mapper.get_property_by_column(mapper.version_id_col).key
        changes[name] = mapper.version_id_col + literal_column("1")
    return changes


def set_on_update(model: type[Base], values: Mapping[str, Any]) -> dict[str, Any]:
    """What an update that sets these values sets too: the columns with `onupdate=`."""
    return {
        name: on_update(column, values)
        for name, column in inspect(model).columns.items()
        if column.onupdate is not None and name not in values
    }


def on_update(column: Column[Any], values: Mapping[str, Any]) -> Any:
    """The expression for a column with `onupdate=`, computed at each use, in a row with values."""
    rule: Any = column.onupdate
    if rule.is_callable:
        return bindparam(None, callable_=partial(rule.arg, NewRow(values)), type_=column.type)
    if rule.is_sequence:
        raise TypeError(
            f"{column} has onupdate=Sequence({rule.name!r}), which SQLAlchemy does not apply: "
            "write `onupdate=sequence.next_value()`"
        )
    return rule.arg if rule.is_clause_element else literal(rule.arg, column.type)
