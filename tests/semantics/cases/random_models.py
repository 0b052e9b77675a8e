"""Random models, and rows of them with many ties.

Keys have one to three columns, and may be all that a table has. Columns may be renamed, nullable, or
filled by a default of Python or of the database. A model may inherit from another, in its table or
in a joined one.
"""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, make_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, cast
from uuid import UUID

from hypothesis import strategies as st
from sqlalchemy import ForeignKeyConstraint, MetaData, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from my_service.apps.lab.models import Colour
from my_service.core.db import Base, Repository, get_engine

from .strategies import FEW

TYPES: dict[str, type[Any]] = {
    "word": str,
    "flag": bool,
    "number": int,
    "amount": Decimal,
    "ref": UUID,
    "colour": Colour,
    "at": datetime,
    "day": date,
    "clock": time,
    "span": timedelta,
}
SERVER_DEFAULTS: dict[str, Any] = {"word": text("''"), "flag": false(), "number": text("-1")}
NUMBERS = count()

Values = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """A column: what it holds, and what is unusual about it."""

    kind: str
    renamed: bool = False
    nullable: bool = False
    default: str | None = None  # "insert" or "server"

    @property
    def annotation(self) -> Any:
        kind, mapped = TYPES[self.kind], cast("Any", Mapped)
        return mapped[kind | None] if self.nullable else mapped[kind]

    def column(self, name: str, *, key: bool = False) -> Any:
        options: Values = {"primary_key": True, "autoincrement": False} if key else {}
        if self.default == "server" and self.kind in SERVER_DEFAULTS:
            options["server_default"] = SERVER_DEFAULTS[self.kind]
        elif self.default is not None:
            options["insert_default"] = FEW[self.kind][0]
        if self.kind == "word":
            options["type_"] = String(10)
        return mapped_column(self.name(name), **options)

    def name(self, attribute: str) -> str:
        return f"{attribute}_column" if self.renamed else attribute

    def values(self) -> st.SearchStrategy[Any]:
        values = st.sampled_from(FEW[self.kind])
        return st.none() | values if self.nullable else values


@dataclass(frozen=True)
class Shape:
    """A model: its key and its other columns, by attribute."""

    keys: dict[str, Field]
    others: dict[str, Field]
    inherits: str | None = None  # "single": in the table of its base; "joined": in another one

    @property
    def fields(self) -> dict[str, Field]:
        return self.keys | self.others

    def rows(self, most: int = 9) -> st.SearchStrategy[list[Values]]:
        """Rows with different keys."""
        row = st.fixed_dictionaries({name: field.values() for name, field in self.fields.items()})
        return st.lists(row, max_size=most, unique_by=self.key)

    def key(self, row: Values) -> tuple[Any, ...]:
        return tuple(row[name] for name in self.keys)

    def defaults(self) -> Values:
        """What a new row has in the columns that it was given no value for."""
        return {name: FEW[field.kind][0] for name, field in self.fields.items() if field.default}

    def given(self, row: Values) -> Values:
        """The row's values, without those that are the column's default."""
        defaults = self.defaults().items()
        return {name: value for name, value in row.items() if (name, value) not in defaults}


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    plain, some = st.sampled_from(sorted(TYPES.keys() - {"colour"})), st.booleans()
    keys = draw(st.lists(st.builds(Field, plain, some), min_size=1, max_size=3))
    default = st.sampled_from([None, "insert", "server"])
    others = draw(st.lists(st.builds(Field, plain, some, some, default), max_size=3))
    if draw(some):  # once: the CHECK of a table is named by the enum
        others.append(draw(st.builds(Field, st.just("colour"), some, some, default)))
    return Shape(
        {f"key_{n}": field for n, field in enumerate(keys)},
        {f"value_{n}": field for n, field in enumerate(others)},
        draw(st.sampled_from([None, None, "single", "joined"])),
    )


@st.composite
def filled(draw: st.DrawFn, most: int = 9) -> tuple[Shape, list[Values]]:
    """A model, and rows of it."""
    shape = draw(shapes())
    return shape, draw(shape.rows(most))


def model(shape: Shape, metadata: MetaData) -> type[Base]:
    """A mapped class of this shape; its table has a new name."""
    scratch = type("Scratch", (Base,), {"__abstract__": True, "metadata": metadata})
    name, others = f"Random{next(NUMBERS)}", list(shape.others)
    if shape.inherits is None:
        return type(name, (scratch,), namespace(shape, shape.fields))
    above = namespace(shape, [*shape.keys, *others[::2]])
    above["kind"] = mapped_column(String(20))
    above["__mapper_args__"] = {"polymorphic_on": "kind", "polymorphic_identity": "above"}
    base = type(name, (scratch,), above)
    keys = [*shape.keys] if shape.inherits == "joined" else []
    below = namespace(shape, [*keys, *others[1::2]])
    below["__mapper_args__"] = {"polymorphic_identity": "below"}
    if keys:
        columns = [field.name(key) for key, field in shape.keys.items()]
        there: Any = [cast("Any", base).__table__.c[column] for column in columns]
        below["__table_args__"] = (ForeignKeyConstraint(columns, there, name=f"fk_{name}"),)
    return type(f"{name}Below", (base,), below)


def namespace(shape: Shape, keys: Iterable[str]) -> Values:
    """The body of a class with these fields."""
    fields = {key: shape.fields[key] for key in keys}
    columns = {key: field.column(key, key=key in shape.keys) for key, field in fields.items()}
    annotations = {key: field.annotation for key, field in fields.items()}
    return {"__module__": __name__, "__annotations__": annotations, **columns}


def repository(model: type[Base]) -> type[Repository[Any]]:
    return type("RandomRepository", (Repository,), {"model": model})


def schema(names: Sequence[str]) -> type[Any]:
    return make_dataclass("Read", [(name, Any) for name in names])


@asynccontextmanager
async def tables(*shapes: Shape) -> AsyncGenerator[list[type[Base]]]:
    """The models of these shapes, with their tables, for one example."""
    metadata = MetaData(naming_convention=Base.metadata.naming_convention)
    models = [model(shape, metadata) for shape in shapes]
    async with get_engine().begin() as connection:
        await connection.run_sync(metadata.create_all)
    try:
        yield models
    finally:
        async with get_engine().begin() as connection:
            await connection.run_sync(metadata.drop_all)
