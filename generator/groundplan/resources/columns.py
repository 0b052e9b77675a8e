"""A field as a column of its model: what the templates call `model.columns`."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, cast

from ..fields.names import snake, table_of
from ..fields.spec import Field, Model, TypeName
from ..fields.values import NOW, member, width
from .formatting import quote

PYTHON: dict[TypeName, str] = {
    "int": "int",
    "bigint": "int",
    "smallint": "int",
    "float": "float",
    "decimal": "Decimal",
    "bool": "bool",
    "date": "date",
    "time": "time",
    "datetime": "datetime",
    "duration": "timedelta",
    "uuid": "UUID",
    "bytes": "bytes",
    "json": "dict[str, Any]",
    "ref": "Key",
}
# The column types of an array's items, which models name.
ITEMS: dict[TypeName, str] = {
    "str": "Text",
    "int": "Integer",
    "float": "FiniteFloat",
    "bool": "Boolean",
    "date": "Date",
    "datetime": "UTCDateTime",
    "time": "TimeOfDay",
    "uuid": "Uuid",
}
# Types that SQLAlchemy derives from the annotation, as revisions write them.
DERIVED: dict[TypeName, str] = {
    "int": "sa.Integer()",
    "float": "types.FiniteFloat()",
    "bool": "sa.Boolean()",
    "date": "sa.Date()",
    "time": "types.TimeOfDay()",
    "datetime": "types.UTCDateTime()",
    "duration": "types.Duration()",
    "uuid": "sa.Uuid()",
    "bytes": "sa.LargeBinary()",
    "json": "types.Json()",
}
SORTABLE = frozenset(
    {
        "bigint",
        "citext",
        "date",
        "datetime",
        "decimal",
        "duration",
        "email",
        "enum",
        "float",
        "int",
        "slug",
        "smallint",
        "str",
        "time",
    }
)
FILTERABLE = frozenset(
    {"str", "citext", "email", "slug", "int", "bigint", "smallint", "uuid", "array", "json"}
)
LONGEST_SORT = 255  # characters that fit into a cursor
RANDOM = 32  # characters of a random text, if its column holds as many
MEMBER = 255  # characters of a text in a list
FACTORIES = ("utc_now", "dict", "list", "lambda")  # how a default begins that is called per row


class Check(NamedTuple):
    """A CHECK constraint; its name comes without the table's."""

    condition: str
    name: str


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        target_table: the table that a reference refers to, else empty.
        key: the type of primary keys in revisions.
        is_owner: whether it is the user who has created the row: an index of the table begins
            with it.
    """

    field: Field
    model: Model
    target_table: str
    key: str
    is_owner: bool = False

    @property
    def name(self) -> str:
        return f"{self.field.name}_id" if self.is_reference else self.field.name

    @property
    def table(self) -> str:
        return table_of(self.model.name)

    @property
    def comment(self) -> str | None:
        return self.field.comment

    @property
    def is_nullable(self) -> bool:
        return self.field.null

    @property
    def is_reference(self) -> bool:
        return self.field.type == "ref"

    @property
    def is_enum(self) -> bool:
        return self.field.type == "enum"

    @property
    def is_unique(self) -> bool:
        return self.field.unique

    @property
    def is_indexed(self) -> bool:
        """Whether it has an index, apart from that of a unique constraint."""
        has_one = (self.field.index or self.is_reference) and not self.is_contained
        return has_one and not (self.field.unique or self.is_owner)

    @property
    def is_contained(self) -> bool:
        """Whether an index finds what its values contain."""
        return self.field.index and self.field.type in ("array", "json")

    @property
    def enum(self) -> str:
        """The name of an enum's class."""
        return self.model.name + "".join(map(str.capitalize, self.field.name.split("_")))

    @property
    def members(self) -> list[tuple[str, str]]:
        """The members of an enum: their names and values."""
        return [(member(choice), choice) for choice in self.field.choices]

    @property
    def python(self) -> str:
        """The annotation, without None."""
        if self.field.type in ("list", "array"):
            return f"list[{self.item.python}]"
        return self.enum if self.is_enum else PYTHON.get(self.field.type, "str")

    @property
    def annotation(self) -> str:
        return f"{self.python} | None" if self.field.null else self.python

    @property
    def item(self) -> "Column":
        """What a list or an array holds, as a column."""
        one = Field(name=self.field.name, type=self.field.item or "str", length=MEMBER)
        return replace(self, field=one)

    @property
    def default(self) -> str | None:
        """The default, as an expression: a value, or a function that is called for each row."""
        field, text = self.field, self.field.default
        if text is None:
            return None
        if text == NOW and field.type in ("date", "time", "datetime"):
            return "utc_now" if field.type == "datetime" else f"lambda: utc_now().{field.type}()"
        if field.type == "decimal":
            text = format(Decimal(text), f".{field.scale}f")
        special: dict[TypeName, Callable[[str], str]] = {
            "enum": lambda text: f"{self.enum}.{member(text)}",
            "bool": lambda text: text.capitalize(),
            "decimal": lambda text: f"Decimal({quote(text) if field.scale else text})",
            "json": lambda text: "dict" if text == "{}" else f"lambda: {literal(json.loads(text))}",
            "list": self._list_default,
            "array": self._list_default,
            "uuid": lambda text: f"UUID({quote(text)})",
            "date": lambda text: f"date.fromisoformat({quote(text)})",
            "time": lambda text: f"time.fromisoformat({quote(text)})",
            "datetime": lambda text: f"datetime.fromisoformat({quote(moment(text))})",
            "int": str,
            "bigint": str,
            "smallint": str,
            "float": lambda text: repr(float(text)),
        }
        return special.get(field.type, quote)(text)

    def _list_default(self, text: str) -> str:
        if not text:
            return "list"
        items = (replace(self.item.field, default=one) for one in text.split(","))
        return f"lambda: [{', '.join(str(replace(self, field=one).default) for one in items)}]"

    @property
    def made(self) -> str | None:
        """The function that makes the value of a new row, if a default makes it."""
        field = self.field
        if field.made is None or self.is_reference:
            return None
        if field.type == "slug":
            return f"{self.name}_of_{snake(self.model.name)}"
        if field.type == "uuid":
            return "uuid4"
        return f"lambda: token_hex({min(field.length or RANDOM, RANDOM) // 2})"

    @property
    def has_factory(self) -> bool:
        """Whether the default is a function."""
        return self.default is not None and self.default.startswith(FACTORIES)

    @property
    def arguments(self) -> list[str]:
        """The arguments of `mapped_column`; none if the annotation says everything."""
        return list(self._arguments())

    def _arguments(self) -> Iterator[str]:
        if self.is_reference:
            on_delete = f', ondelete="{self.on_delete}"' if self.on_delete else ""
            yield f'ForeignKey("{self.target_table}.id"{on_delete})'
        elif self.field.type not in (*DERIVED, "enum", "list"):
            yield self._type()
        if self.default or self.made:
            yield f"default={self.default or self.made}"
        if self.field.unique:
            yield "unique=True"
        elif self.is_indexed:
            yield "index=True"
        if self.comment is not None:
            yield f"comment={quote(self.comment)}"

    @property
    def on_delete(self) -> str | None:
        return self.field.on_delete and self.field.on_delete.replace("_", " ").upper()

    def _type(self) -> str:
        field = self.field
        if field.type == "decimal":
            return f"ExactDecimal({field.precision}, {field.scale})"
        if field.type == "array":
            return f"ARRAY({ITEMS[field.item or 'str']})"
        names: dict[TypeName, str] = {
            "text": "Text",
            "citext": "CITEXT",
            "bigint": "BigInteger",
            "smallint": "SmallInteger",
        }
        return names.get(field.type) or f"String({width(field)})"

    @property
    def checks(self) -> list[Check]:
        """The CHECK constraints.

        Only the schemas check the bound of a decimal, unless it is 0: no other number is the same
        in every unit that a database may store it in. So it is with a bound of a float.
        """
        found: list[Check] = []
        for sign, bound, name in (
            (">=", self.field.ge, "at_least"),
            ("<=", self.field.le, "at_most"),
        ):
            if bound is None:
                continue
            zero = float(bound) == 0
            if not zero and self.field.type in ("decimal", "float"):
                continue
            named = "not_negative" if zero and sign == ">=" else name
            condition = f"{self.name} {sign} {0 if zero else bound}"
            found.append(Check(condition, f"{self.name}_{named}"))
        return found

    @property
    def enum_check(self) -> Check:
        """The CHECK constraint of an enum."""
        values = ", ".join(f"'{choice}'" for choice in self.field.choices)
        return Check(f"{self.name} IN ({values})", self.enum.lower())

    @property
    def sql_type(self) -> str:
        """The type in a revision, of which an enum brings its CHECK constraint."""
        if not self.is_enum:
            return self.plain_sql_type
        choices = "".join(f'"{choice}", ' for choice in self.field.choices)
        options = "native_enum=False, create_constraint=True, length=32"
        return f'sa.Enum({choices}name="{self.enum.lower()}", {options})'

    @property
    def plain_sql_type(self) -> str:
        """The type in a revision; an enum's is that of its texts."""
        field = self.field
        if self.is_enum:
            return "sa.String(length=32)"
        if self.is_reference:
            return self.key
        if field.type == "list":
            return f'types.ListOf("{self.item.python}")'
        if field.type == "array":
            return f"postgresql.ARRAY({DERIVED.get(field.item or 'str', 'sa.Text()')})"
        if field.type in DERIVED:
            return DERIVED[field.type]
        if field.type == "decimal":
            return f"types.{self._type()}"
        if field.type == "citext":
            return "postgresql.CITEXT()"
        if field.type in ("text", "bigint", "smallint"):
            return f"sa.{self._type()}()"
        return f"sa.String(length={width(field)})"

    @property
    def fill(self) -> str:
        """What existing rows get: the default, as an expression of a revision."""
        default = self.default
        assert default is not None
        if self.is_enum:
            return quote(self.field.default or "")
        if default in ("dict", "list"):
            return {"dict": "{}", "list": "[]"}[default]
        now = "datetime.now(UTC)"
        return default.removeprefix("lambda: ").replace("utc_now()", now).replace("utc_now", now)

    @property
    def is_filter(self) -> bool:
        """Whether lists can be filtered by it."""
        field = self.field
        keyed = field.type in FILTERABLE and (field.index or field.unique)
        return not self.is_secret and (keyed or field.type in ("bool", "enum", "ref"))

    @property
    def is_sort(self) -> bool:
        """Whether lists can be sorted by it."""
        is_short = (width(self.field) or 0) <= LONGEST_SORT
        return not self.is_secret and self.field.type in SORTABLE and is_short

    @property
    def is_tiny(self) -> bool:
        """Whether Python writes its smallest values as 1E-7."""
        return self.field.type == "decimal" and (self.field.scale or 0) > 6

    @property
    def is_secret(self) -> bool:
        """Whether no answer shows it."""
        return self.field.writeonly or self.field.type in ("password", "secret")


def literal(value: object) -> str:
    """Return a value of JSON as Python."""
    match value:
        case str():
            return quote(value)
        case dict():
            items = cast("dict[str, object]", value).items()
            return f"{{{', '.join(f'{quote(key)}: {literal(one)}' for key, one in items)}}}"
        case list():
            return f"[{', '.join(map(literal, cast('list[object]', value)))}]"
        case _:
            return repr(value)


def moment(text: str) -> str:
    return datetime.fromisoformat(text).isoformat()
