# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Prepared updates and deletions: one row is changed or deleted at the driver's speed."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, inspect, literal_column, select, update
from sqlalchemy.sql.visitors import iterate

from .base import Base
from .compiled import Query
from .errors import NotFound, StaleData
from .exact import utc_now
from .mapping import key_values, refuse_skipped_hooks
from .mixins import SoftDelete
from .prepared import Row, Rows, Written, run_one
from .session import NOT_DELETED
from .writes import Kind, Values, Where, Writer, by_column_key, column_keys, key_arguments, with_key

SEEN = "@version"  # no column or argument has a name with @


class PreparedUpdate(Written[Row]):
    """The update of one row by its key.

    Each use sets the columns that it names, and those with `onupdate=`. The version of a
    `Versioned` model counts up. A soft-deleted row is not found.

    Args:
        model: of the row.
        into: a schema or dataclass that the row becomes, as for `prepare`.
        where: further conditions, such as `Post.author_id == bindparam("author")`.

    Raises:
        TypeError: as `prepare_insert`; or an argument has the name of a column.
    """

    def __init__(self, model: type[Base], into: type[Row], *where: Where) -> None:
        refuse_skipped_hooks(model, "update")
        super().__init__(into, model, where)
        self._target = Target(model, "update", self.columns, where)

    async def one(self, key: Any, changes: Values, **arguments: Any) -> Row:
        """Change a row and return it as the database has stored it.

        Args:
            key: as for `Repository.get`.
            changes: values by attribute; without any, the row is only read. The `version` of a
                `Versioned` model is not written: it is the version that the caller saw.
            arguments: of the conditions.

        Raises:
            NotFound: no row has this key and meets the conditions.
            StaleData: the row has another version.
            TypeError: the model has no such attribute, or it is part of the primary key.
            OutcomeUnknown: the connection was lost; the row may or may not be changed.
            DatabaseError: as from a session.
        """
        values = dict(changes)
        seen = values.pop(self._target.version, None) if self._target.version else None
        return await self.answer(lambda: self._target.write(key, values, seen, arguments))


class PreparedDelete:
    """The deletion of one row by its key; a `SoftDelete` model marks it, unless `hard`.

    Only foreign keys (`ondelete=`) act on rows that refer to it: cascades of relationships are not
    run.

    Args:
        model: of the row.
        where: further conditions, as for `prepare_update`.
        hard: delete the row of a `SoftDelete` model.

    Raises:
        TypeError: as `prepare_update`.
    """

    def __init__(self, model: type[Base], *where: Where, hard: bool = False) -> None:
        self._marks = issubclass(model, SoftDelete) and not hard
        kind: Kind = "update" if self._marks else "delete"
        refuse_skipped_hooks(model, kind)
        self._target = Target(model, kind, (), where)

    async def one(self, key: Any, *, version: Any = None, **arguments: Any) -> None:
        """Delete a row.

        Args:
            key: as for `Repository.get`.
            version: of a `Versioned` model, as the caller saw it; None deletes any.
            arguments: of the conditions.

        Raises:
            NotFound, StaleData, OutcomeUnknown, DatabaseError: as `PreparedUpdate.one`.
        """
        values = {"deleted_at": utc_now()} if self._marks else None
        await self._target.write(key, values, version, arguments)


class Target:
    """The row with a key, if it meets the conditions, and the statements that write it."""

    def __init__(
        self, model: type[Base], kind: Kind, columns: Sequence[Any], where: Sequence[Where]
    ) -> None:
        self._mapper = mapper = inspect(model)
        self._keys = column_keys(model)
        self._where = [*with_key(model), *where]
        refuse_names(where, {*self._keys.values()})
        named = (name for name, column in mapper.columns.items() if column is mapper.version_id_col)
        self.version = next(named, None)
        read: list[Any] = [getattr(model, mapper.get_property_by_column(c).key) for c in columns]
        read.append(getattr(model, self.version) if self.version else literal_column("0"))
        found = select(*read).select_from(model).where(*self._where)
        self._found = Query(found.options(NOT_DELETED))
        by, returned = (with_key(model), columns) if columns else ((), mapper.primary_key)
        self._writer = Writer(model, kind, returned, self._statement, by)

    async def write(self, key: Any, values: Values | None, seen: Any, arguments: Values) -> Rows:
        """Set these values, or delete the row if they are None, and return it, as one of one."""
        by_key = key_arguments(key_values(self._mapper, key))
        found = {**by_key, **arguments}
        if values is None or values:
            version = {} if seen is None else {SEEN: seen}
            new = by_column_key(values or {}, self._keys)
            shape = (None if values is None else frozenset(values), bool(version))
            rows = await self._writer.run(shape, {**found, **new, **version}, by_key)
            if rows:
                return rows
        rows = await run_one(self._found, found)
        if not rows:
            raise NotFound
        *row, version = rows[0]
        if values != {} or seen not in (None, version):
            raise StaleData
        return [row]

    def _statement(self, shape: tuple[frozenset[str] | None, bool]) -> Any:
        names, has_version = shape
        mapper = self._mapper
        if names is None:
            statement: Any = delete(mapper.class_)
        else:
            columns = [mapper.columns[name] for name in sorted(names)]
            new: dict[Any, Any] = {c: bindparam(c.key, type_=c.type) for c in columns}
            for column in mapper.primary_key:
                if column in new:
                    raise TypeError(f"{column} is part of the key, which an update cannot change")
            if mapper.version_id_col is not None:
                new[mapper.version_id_col] = mapper.version_id_col + literal_column("1")
            statement = update(mapper.class_).values(new)
        statement = statement.where(*self._where).options(NOT_DELETED)
        if has_version and mapper.version_id_col is not None:
            statement = statement.where(mapper.version_id_col == bindparam(SEEN))
        return statement


prepare_update = PreparedUpdate
prepare_delete = PreparedDelete


def refuse_names(where: Sequence[Where], taken: Collection[str]) -> None:
    """Raise TypeError if an argument of a condition has one of these names."""
    for part in (part for condition in where for part in iterate(condition)):
        if isinstance(part, BindParameter) and part.key in taken:
            raise TypeError(
                f"the argument {part.key!r} of a condition has the name of a column: "
                "give it another name"
            )
