# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The columns that the fields of a schema read, and the models that only the ORM can insert."""

from collections.abc import Container, Generator, Iterable, Mapping
from inspect import signature
from typing import Any, cast, get_type_hints, is_typeddict

from sqlalchemy import ColumnElement, inspect, select
from sqlalchemy.ext.hybrid import HybridExtensionType
from sqlalchemy.orm import Bundle, Mapper

from .base import Base
from .compiled import AnySelect

ANY_OWNER: Any = object()  # `Annotated[Row, ANY_OWNER]`: a nested row may have another owner


def columns_read(into: type[Any], statement: AnySelect) -> dict[str, Any]:
    """The columns of a select that a schema reads, by the names of its fields.

    An entity gives its mapped columns, column properties and hybrid properties.
    """
    fields = get_type_hints(into)
    columns: dict[str, Any] = {}
    for name, column in selected(statement, fields):
        if name in columns:
            raise TypeError(
                f"{into.__name__}.{name} has two columns, {columns[name]} and {column}: label one "
                "of them with another name, or select only the columns that you need"
            )
        if name in fields:
            columns[name] = column
    return columns


def only_column(into: type[Any], statement: AnySelect) -> Any:
    """The column of a select whose rows become plain values, or TypeError if it has others."""
    [first, *others] = statement.column_descriptions
    if others or first["expr"] is first.get("entity"):
        raise TypeError(
            f"{into.__name__} has no fields for columns: select the one column whose values are "
            "wanted, or prepare the select for a schema"
        )
    return first["expr"]


def with_columns(statement: AnySelect, columns: Iterable[Any]) -> AnySelect:
    """The same rows with other columns.

    `maintain_column_froms` would lose the model of an expression, and with it the criteria of
    inheritance and soft deletion.
    """
    parts = [(part.get("entity"), part["expr"]) for part in statement.column_descriptions]
    models = [model for model, _ in parts if model is not None]
    tables = select(*(part for model, part in parts if model is None)).columns_clause_froms
    return statement.select_from(*models, *tables).with_only_columns(*columns)


def selected(statement: AnySelect, fields: Iterable[str]) -> Generator[tuple[str, Any]]:
    """The columns of a select by name; of an entity only those that have a field."""
    for described in statement.column_descriptions:
        expression: Any = described["expr"]
        if isinstance(expression, Bundle):
            yield from expression.c.items()
        elif expression is described.get("entity"):
            mapper = inspect(expression).mapper
            yield from (
                (name, getattr(expression, name)) for name in fields if is_column(mapper, name)
            )
        else:
            yield getattr(expression, "key", None) or described["name"], expression


def is_column(mapper: Mapper[Any], name: str) -> bool:
    """Whether an attribute is a column, a column property or a hybrid property."""
    kind = getattr(mapper.all_orm_descriptors.get(name), "extension_type", None)
    return name in mapper.columns or kind is HybridExtensionType.HYBRID_PROPERTY


def columns_of(into: type[Any], model: type[Base]) -> dict[str, ColumnElement[Any]]:
    """The columns of a model's table that a schema reads, by the names of its fields."""
    fields = get_type_hints(into)
    return {
        name: column
        for name, column in inspect(model).columns.items()
        if name in fields and column.table is model.__table__
    }


def nested_fields(into: type[Any], columns: Container[str]) -> list[str]:
    """The required fields without a column, which hold related rows."""
    return [name for name in required_fields(into) if name not in columns]


def required_fields(into: type[Any]) -> list[str]:
    """The fields without a default, of a schema or a dataclass."""
    if (fields := getattr(into, "__pydantic_fields__", None)) is not None:
        return [name for name, field in fields.items() if field.is_required()]
    if is_typeddict(into):
        return sorted(into.__required_keys__)
    parameters = signature(into).parameters.items()
    return [name for name, parameter in parameters if parameter.default is parameter.empty]


def refuse_skipped_hooks(model: type[Base], kind: str) -> None:
    """Raise TypeError if the ORM does more for a row than an "insert", "update" or "delete"."""
    mapper, events = inspect(model), inspect(model).dispatch
    own_init = mapper.class_manager.original_init is not mapper.registry.constructor
    skipped = {
        "inheritance": mapper.inherits is not None or mapper.polymorphic_on is not None,
        "mapper events": getattr(events, f"before_{kind}") or getattr(events, f"after_{kind}"),
        "versions that do not count up": kind == "update" and not counts_versions(mapper),
        "validators": kind != "delete" and mapper.validators,
        "an __init__": kind == "insert" and own_init,
    }
    for what, has in skipped.items():
        if has:
            raise TypeError(
                f"{model.__name__} has {what}, which a prepared {kind} skips: "
                "use a Repository for this model"
            )


def counts_versions(mapper: Mapper[Any]) -> bool:
    """Whether a change of a row adds 1 to its version, if it has one."""
    following: Any = mapper.version_id_generator
    return mapper.version_id_col is None or (bool(following) and following(1) == 2)


def key_values(mapper: Mapper[Any], key: Any) -> tuple[Any, ...]:
    """The values of a key: of one value, a tuple, or a mapping by attribute."""
    names = [mapper.get_property_by_column(column).key for column in mapper.primary_key]
    if isinstance(key, Mapping):
        key = tuple(cast("Mapping[str, Any]", key).get(name) for name in names)
    values: tuple[Any, ...] = tuple(cast("Any", key)) if isinstance(key, tuple | list) else (key,)
    if len(values) != len(names):
        wanted = ", ".join(names)
        raise ValueError(f"{key!r} is not a key of {mapper.class_.__name__}: give ({wanted})")
    return values
