# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The fields of a schema that hold related rows, checked against the relationships of a model.

Imported only by services with such a schema.
"""

from collections.abc import Collection, Container, Iterable
from dataclasses import is_dataclass
from inspect import isclass
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from sqlalchemy import and_, select
from sqlalchemy.orm import Mapper, RelationshipDirection, RelationshipProperty

from .compiled import arguments_of
from .mapping import ANY_OWNER, columns_read, nested_fields
from .mixins import SoftDelete

OWNER = "owner_id"


class NestedField:
    """A field that holds the rows of a relationship.

    Args:
        into: the schema.
        name: the field, which has the name of the relationship.
        mapper: of the rows that the schema is for.
        deleted: whether soft-deleted rows are included.
        owned: whether the rows are one owner's.
        within: the schemas that this one is nested in, itself included.

    Raises:
        TypeError: its type does not fit the relationship.
    """

    def __init__(
        self,
        into: type[Any],
        name: str,
        mapper: Mapper[Any],
        *,
        deleted: bool,
        owned: bool,
        within: tuple[type[Any], ...],
    ) -> None:
        self.name = name
        self._title = f"{into.__name__}.{name}"
        self.relation: RelationshipProperty[Any] = mapper.relationships[name]
        self.target = self.relation.mapper
        hint, self.is_nullable, any_owner = parts_of(
            get_type_hints(into, include_extras=True)[name]
        )
        self.is_list = get_origin(hint) is list
        if self.is_list:
            (hint,) = get_args(hint)
        elif not is_schema(hint):
            refuse_missing(into, [name], ())
        if self.is_list != bool(self.relation.uselist) or (self.is_list and self.is_nullable):
            wanted = "list[…]" if self.relation.uselist else "a schema"
            self._refuse(f"{self.relation} holds {wanted}", f"declare it as {wanted}")
        self.schema: type[Any] | None = hint if is_schema(hint) else None
        self.hint: Any = hint | None if self.is_nullable else hint
        if self.is_list:
            self.hint = list.__class_getitem__(hint)
        owned = owned and not any_owner
        self.is_owned = owned and OWNER in self.target.all_orm_descriptors
        if self.is_owned and OWNER not in mapper.all_orm_descriptors:
            self._refuse(
                f"the rows of {self.target.class_.__name__} have owners, and "
                f"{mapper.class_.__name__} has no {OWNER} to compare them with",
                "annotate the field with ANY_OWNER to show them all",
            )
        self.is_joined = refers_by_key(self.relation)
        self._check_null(deleted)
        if self.schema is None:
            self.nested: NestedFields | None = None
            self.plain = self._plain_column(hint)
            return
        if self.schema in within:
            self._refuse("the schema nests itself", "give the field a default and fill it yourself")
        self.nested = NestedFields(
            self.schema, self.target, deleted=deleted, owned=owned, within=(*within, self.schema)
        )
        if not self.is_joined:
            self.refuse_arguments()

    def _check_null(self, deleted: bool) -> None:
        """Refuse a field that cannot be null, but whose row may be missing."""
        if self.is_list or self.is_nullable:
            return
        target = self.target.class_.__name__
        reasons = {
            f"{self.relation} may be NULL": any(c.nullable for c in self.relation.local_columns),
            f"rows of {target} may be soft-deleted": not deleted
            and issubclass(self.target.class_, SoftDelete),
            f"rows of {target} may have another owner": self.is_owned,
            f"{self.relation} may find no row": not self.is_joined or self.target.single,
        }
        for reason, holds in reasons.items():
            if holds:
                self._refuse(reason, f"declare {self.name} with `| None`")

    def refuse_arguments(self) -> None:
        """Refuse rows that a further statement reads, if their columns need arguments."""
        if self.nested is not None and self.nested.arguments:
            self._refuse(
                f"a further statement reads these rows, without the argument "
                f"{min(self.nested.arguments)!r}",
                "read them with a separate prepared select",
            )

    def _plain_column(self, hint: Any) -> str:
        """The attribute that a list of plain values reads: the only one of its type."""
        hint, _, _ = parts_of(hint)
        found = [
            name
            for name, column in self.target.columns.items()
            if python_type(column) is hint and not column.foreign_keys
        ]
        if len(found) != 1:
            model, kind = self.target.class_.__name__, getattr(hint, "__name__", hint)
            known = ", ".join(found) or "none"
            self._refuse(
                f"not one column of {model} is of type {kind}, but {known}",
                "declare a list of a schema, with a field for each column to show",
            )
        return found[0]

    def _refuse(self, why: str, what_to_do: str) -> None:
        raise TypeError(f"{self._title}: {why}. {what_to_do[0].upper()}{what_to_do[1:]}.")


class NestedFields:
    """All fields of a schema that hold related rows, and those below them.

    Attributes:
        mapper: of the rows that the schema is for.
        fields: by name.
        rows: those whose rows become another schema.
        order: all fields of the schema.
        arguments: that columns of the schema and of joined rows need.
        is_whole: whether no field is left to its default.

    Raises:
        TypeError: a field has neither a column nor a relationship, or its type does not fit.
    """

    def __init__(
        self,
        into: type[Any],
        mapper: Mapper[Any],
        columns: Collection[str] | None = None,
        *,
        deleted: bool = False,
        owned: bool = False,
        within: tuple[type[Any], ...] = (),
    ) -> None:
        self.mapper, within = mapper, within or (into,)
        self.arguments = set[str]()
        if columns is None:
            columns = columns_read(into, select(mapper.entity))
            self.arguments |= arguments_of(columns.values())
        names = nested_fields(into, columns)
        refuse_missing(into, names, mapper.relationships.keys())
        self.fields = {
            name: NestedField(into, name, mapper, deleted=deleted, owned=owned, within=within)
            for name in names
        }
        self.rows = {name: field for name, field in self.fields.items() if field.nested}
        for field in self.rows.values():
            self.arguments |= field.nested.arguments if field.nested else set()
        self.order = [*get_type_hints(into)]
        self.is_whole = len(columns) + len(names) == len(getattr(into, "model_fields", ()))


def refuse_missing(into: type[Any], fields: Iterable[str], relations: Container[str]) -> None:
    """Raise TypeError if a field has no relationship either."""
    for name in fields:
        if name not in relations:
            raise TypeError(
                f"{into.__name__}.{name} has no column: select one, label one {name!r}, "
                "or give the field a default"
            )


def parts_of(hint: Any) -> tuple[Any, bool, bool]:
    """A type without `Annotated` and None; whether it had None, and ANY_OWNER."""
    nullable = any_owner = False
    while get_origin(hint) in (Annotated, Union, UnionType):
        arguments = get_args(hint)
        if get_origin(hint) is Annotated:
            any_owner = any_owner or ANY_OWNER in arguments[1:]
            hint = arguments[0]
            continue
        others = [each for each in arguments if each is not NoneType]
        if len(others) != 1:
            break
        nullable, hint = True, others[0]
    return hint, nullable, any_owner


def is_schema(hint: Any) -> bool:
    has_fields = isclass(hint) and (hasattr(hint, "__pydantic_fields__") or is_dataclass(hint))
    return has_fields or is_typeddict(hint)


def python_type(column: Any) -> Any:
    try:
        return column.type.python_type
    except NotImplementedError:
        return None


def refers_by_key(relation: RelationshipProperty[Any]) -> bool:
    """Whether a row refers to one row by its primary key, and by nothing else."""
    pairs = relation.local_remote_pairs or []
    keys = relation.mapper.primary_key
    return (
        relation.direction is RelationshipDirection.MANYTOONE
        and len(pairs) == len(keys)
        and {remote for _, remote in pairs} == {*keys}
        and and_(*(local == remote for local, remote in pairs)).compare(relation.primaryjoin)
    )
