# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Related rows as values of a schema's fields.

A row that another one refers to by its key is joined to it. Other related rows are read by one more
statement for all rows. Imported only by services with such a schema.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import BinaryExpression, BindParameter, bindparam, inspect, null, select, tuple_
from sqlalchemy.orm import Mapper, aliased
from sqlalchemy.sql.visitors import iterate

from .compiled import AnySelect, Query
from .mapping import columns_read, with_columns
from .nested_fields import OWNER, NestedField, NestedFields, refuse_missing
from .ordering import computes, row_sources
from .prepared import Rows, run_one
from .session import NOT_DELETED

MOST_KEYS = 1024  # of a statement
HIDDEN = "nested key {}"  # a column of the rows' key that no field shows


class Nesting:
    """The nested fields of a statement's rows.

    Args:
        into: what a row becomes.
        columns: of the statement, by the names of their fields.
        entity: the model whose relationships the other fields are, or an alias of it.
        deleted: whether soft-deleted rows are included.
        owned: whether the rows are one owner's.

    Attributes:
        fields: all nested fields.
        keys: further columns that the statement needs, by name.
    """

    def __init__(
        self,
        into: type[Any],
        columns: Mapping[str, Any],
        entity: Any,
        *,
        deleted: bool = False,
        owned: bool = False,
    ) -> None:
        mapper = inspect(entity).mapper
        self.fields = NestedFields(into, mapper, columns, deleted=deleted, owned=owned)
        self._entity, self._deleted = entity, deleted
        self._related: dict[NestedField, Related] = {}
        names = {id(column): name for name, column in columns.items()}
        self.keys = {
            names.get(id(key), HIDDEN.format(n)): key for n, key in enumerate(keys_of(entity))
        }

    def within(self, statement: AnySelect, columns: Mapping[str, Any]) -> tuple[AnySelect, "Part"]:
        """The select with the joins and columns that it needs, and the places of its values.

        Args:
            columns: of the select by the names of their fields, and `keys`.
        """
        rows = Layout()
        known = any(part.get("entity") is self._entity for part in statement.column_descriptions)
        private: Any = statement  # a join that may find no row cannot be locked
        joins = known and not computes(statement) and private._for_update_arg is None
        entity = self._entity if joins else None
        part = self._part(self.fields, *self._split(columns), entity, rows)
        statement = with_columns(statement, rows.labelled())
        for join in rows.joins:
            statement = statement.outerjoin(join)
        return statement, part

    def of_rows(
        self, columns: Mapping[str, Any], keys: Sequence[Any]
    ) -> tuple[Sequence[Any], "Part"]:
        """The columns that written rows must have, and the places of their values."""
        rows = Layout()
        part = self._part(self.fields, columns, keys, None, rows)
        return rows.columns, part

    def _split(self, columns: Mapping[str, Any]) -> tuple[dict[str, Any], list[Any]]:
        """The columns that fields show, and those of the key."""
        shown = {name: column for name, column in columns.items() if name.isidentifier()}
        return shown, [columns[name] for name in self.keys]

    def _part(
        self,
        fields: NestedFields,
        columns: Mapping[str, Any],
        keys: Sequence[Any],
        entity: Any,
        rows: "Layout",
    ) -> "Part":
        """The places of a schema's values in a statement.

        Args:
            entity: what related rows are joined to; None to read all by further statements.
        """
        found: dict[str, Any] = {name: rows.add(column) for name, column in columns.items()}
        key = [rows.add(key) for key in keys]
        for name, field in fields.fields.items():
            if field.is_joined and entity is not None and field.nested and field.schema:
                target = aliased(field.target.entity)
                join = getattr(entity, name).of_type(target)
                rows.joins.append(of_same_owner(field, join, target, entity))
                read = columns_read(field.schema, select(target))
                found[name] = self._part(field.nested, read, keys_of(target), target, rows)
            else:
                field.refuse_arguments()
                if field not in self._related:
                    self._related[field] = self._related_to(field)
                found[name] = self._related[field]
        return Part({name: found[name] for name in fields.order if name in found}, key)

    def _related_to(self, field: NestedField) -> "Related":
        """The statement for the related rows of many rows, in the relationship's order."""
        target, rows = field.target.entity, Layout()
        parent: Any = aliased(field.relation.parent.entity)
        parent.deleted_at = null()  # meets NOT_DELETED: the row is read already
        if field.nested and field.schema:
            columns = columns_read(field.schema, select(target))
            part = self._part(field.nested, columns, keys_of(target), target, rows)
        else:
            part = Part({"": rows.add(getattr(target, field.plain))}, [0])
        places = [rows.add(key) for key in keys_of(parent)]
        join = of_same_owner(field, getattr(parent, field.name), target, parent)
        statement: AnySelect = select(*rows.labelled()).select_from(parent).join(join)
        for join in rows.joins:
            statement = statement.outerjoin(join)
        statement = statement.order_by(*(field.relation.order_by or ()), *keys_of(target))
        if self._deleted:
            statement = statement.execution_options(include_deleted=True)
        else:
            statement = statement.options(NOT_DELETED)

        def with_keys(size: int) -> AnySelect:
            return statement.where(one_of(keys_of(parent), size))

        return Related(field, part, places, with_keys)


class Layout:
    """The columns of a statement, and its joins."""

    def __init__(self) -> None:
        self.columns: list[Any] = []
        self.joins: list[Any] = []

    def add(self, column: Any) -> int:
        """The place of a column in the rows."""
        for place, known in enumerate(self.columns):
            if known is column:
                return place
        self.columns.append(column)
        return len(self.columns) - 1

    def labelled(self) -> list[Any]:
        return [column.label(f"column_{n}") for n, column in enumerate(self.columns)]


class Part:
    """Where the fields of a schema find their values in a row, of which it may be a part.

    Args:
        sources: by field, in the order of the schema: the place of a column, the part of a joined
            row, or the statement for related rows.
        keys: the places of the key.
    """

    def __init__(self, sources: Mapping[str, "int | Part | Related"], keys: Sequence[int]) -> None:
        self.names = list(sources)
        self._nested = [(name, one) for name, one in sources.items() if not isinstance(one, int)]
        places = [one if isinstance(one, int) else 0 for one in sources.values()]
        self._flat = itemgetter(*places, 0, 0)  # always a tuple
        self._first, self._key = keys[0], itemgetter(*keys)

    async def fetch(self, query: Query, arguments: Mapping[str, Any]) -> Rows:
        """Run the statement, as `complete` returns its rows."""
        return await self.complete(await run_one(query, arguments))

    async def complete(self, rows: Rows) -> Rows:
        """The rows with a value for each field."""
        return [list(each.values()) for each in await self.read(rows)]

    async def read(self, rows: Rows) -> list[dict[str, Any]]:
        """The values of each row by field. Those of related rows are dictionaries too."""
        found: dict[Related, Any] = {}
        await self._find(rows, found)
        return [self._values(row, found) for row in rows]

    async def _find(self, rows: Rows, found: dict["Related", Any]) -> None:
        """Read related rows of this part and of the parts below it."""
        key, first = self._key, self._first
        for _, source in self._nested:
            if isinstance(source, Part):
                await source._find(rows, found)
            else:
                keys = dict.fromkeys(key(row) for row in rows if row[first] is not None)
                found[source] = await source.fetch([*keys])

    def _values(self, row: Sequence[Any], found: Mapping["Related", Any]) -> dict[str, Any]:
        values: dict[str, Any] = dict(zip(self.names, self._flat(row), strict=False))
        for name, source in self._nested:
            if isinstance(source, Related):
                values[name] = found[source].get(self._key(row), source.none)
            else:
                missing = row[source._first] is None
                values[name] = None if missing else source._values(row, found)
        return values


class Related:
    """The rows that are related to many rows, by one statement for each thousand.

    Args:
        field: that holds them.
        part: the places of their values.
        places: of the key of the row that each is related to.
        statement: for the rows with `keys`.
    """

    def __init__(
        self,
        field: NestedField,
        part: Part,
        places: Sequence[int],
        statement: Callable[[int], AnySelect],
    ) -> None:
        self.none: list[Any] | None = [] if field.is_list else None
        self._is_plain = field.schema is None
        self._part, self._key, self._width = part, itemgetter(*places), len(places)
        self._statement = statement
        self._queries: dict[int, Query] = {}

    async def fetch(self, keys: Sequence[Any]) -> dict[Any, Any]:
        """The related rows of each key: a list, or the first; none for a key without any."""
        found: defaultdict[Any, list[Any]] = defaultdict(list)
        for start in range(0, len(keys), MOST_KEYS):
            rows = await self._run(keys[start : start + MOST_KEYS])
            if self._is_plain:
                values: list[Any] = [row[0] for row in rows]
            else:
                values = await self._part.read(rows)
            for key, value in zip(map(self._key, rows), values, strict=True):
                found[key].append(value)
        if self.none is None:
            return {key: values[0] for key, values in found.items()}
        return found

    async def _run(self, keys: Sequence[Any]) -> Rows:
        """The rows of some keys.

        A statement has a power of two of arguments, the last key repeated: few statements then
        serve any number of keys, and each is compiled once.
        """
        size = 1 << (len(keys) - 1).bit_length()
        if size not in self._queries:
            self._queries[size] = Query(self._statement(size))
        padded = [*keys, *[keys[-1]] * (size - len(keys))]
        values = chain.from_iterable(padded) if self._width > 1 else padded
        return await run_one(self._queries[size], {f"key_{n}": v for n, v in enumerate(values)})


def of_select(
    into: type[Any],
    statement: AnySelect,
    columns: Mapping[str, Any],
    fields: Sequence[str],
    deleted: bool,
) -> Nesting:
    """What a select reads for these fields, which have no column.

    Raises:
        TypeError: the fields are relationships of several models, or a type does not fit.
    """
    entities: dict[str, Any] = {}  # the first model that has the relationship
    for part in statement.column_descriptions:
        if (entity := part.get("entity")) is not None:
            names = inspect(entity).mapper.relationships.keys()
            entities = dict.fromkeys(names, entity) | entities
    refuse_missing(into, fields, entities)
    first = fields[0]
    for name in fields:
        if entities[name] is not entities[first]:
            raise TypeError(
                f"{into.__name__}.{first} and {into.__name__}.{name} are relationships of two "
                "models of the select. Nest rows of one model, and select columns of the other."
            )
    owned = compares_owner(row_sources(statement))
    nesting = Nesting(into, columns, entities[first], deleted=deleted, owned=owned)
    nesting.within(statement, {**columns, **nesting.keys})  # which refuses what cannot work
    return nesting


def of_write(
    into: type[Any], model: type[Any], columns: Mapping[str, Any], where: Sequence[Any] | None
) -> tuple[Sequence[Any], Part]:
    """The columns that a prepared write returns for fields without one too, and their places.

    Args:
        where: conditions of the write; None if it inserts.
    """
    mapper: Mapper[Any] = inspect(model)
    owned = OWNER in mapper.columns if where is None else compares_owner(where)
    return Nesting(into, columns, model, owned=owned).of_rows(columns, mapper.primary_key)


def keys_of(entity: Any) -> list[Any]:
    """The attributes of a model's primary key, or of an alias of it."""
    mapper: Mapper[Any] = inspect(entity).mapper
    return [getattr(entity, mapper.get_property_by_column(key).key) for key in mapper.primary_key]


def one_of(keys: Sequence[Any], size: int) -> Any:
    """The condition for rows that have one of `size` keys, given as arguments."""
    types = [key.type for key in keys] * size
    binds = [bindparam(f"key_{n}", type_=kind) for n, kind in enumerate(types)]
    if len(keys) == 1:
        return keys[0].in_(binds)
    width = len(keys)
    return tuple_(*keys).in_([tuple_(*binds[n : n + width]) for n in range(0, len(binds), width)])


def compares_owner(conditions: Iterable[Any]) -> bool:
    """Whether a condition compares an owner with an argument."""
    parts: list[Any] = [part for condition in conditions for part in iterate(condition)]
    compared = [(p.left, p.right) for p in parts if isinstance(p, BinaryExpression)]
    return any(
        getattr(one, "key", None) == OWNER and isinstance(other, BindParameter)
        for left, right in compared
        for one, other in ((left, right), (right, left))
    )


def of_same_owner(field: NestedField, join: Any, target: Any, entity: Any) -> Any:
    """A join for rows that have the owner of the row that they are related to."""
    return join.and_(getattr(target, OWNER) == getattr(entity, OWNER)) if field.is_owned else join
