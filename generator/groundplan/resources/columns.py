"""A field as a column, an attribute of the schemas and a value of the tests."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import cast

from ..fields.names import table_of
from ..fields.spec import Field, Model, TypeName
from ..fields.values import NOW, width
from .layout import Call, Expression, call, quote

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
BARE: dict[TypeName, str] = {  # types that follow from the annotation, as revisions name them
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
SORTS = frozenset(  # types whose order says something
    {
        "bigint",
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
LONGEST_SORT = 255  # characters, which a cursor has room for
MEMBER = 255  # characters of a text in a list
MADE = ("utc_now", "dict", "list", "lambda")  # how a default begins that is made for each row


@dataclass(frozen=True)
class Column:
    """A field of a model, in Python's words.

    Attributes:
        table: of the field's model. target_table: of the model that it refers to.
        key: the type of primary keys in revisions.
    """

    field: Field
    model: Model
    target_table: str
    key: str

    @property
    def name(self) -> str:
        return f"{self.field.name}_id" if self.field.type == "ref" else self.field.name

    @property
    def table(self) -> str:
        return table_of(self.model.name)

    @property
    def enum(self) -> str:
        """The name of an enum's class."""
        return self.model.name + "".join(map(str.capitalize, self.field.name.split("_")))

    @property
    def python(self) -> str:
        """The annotation, without None."""
        if self.field.type == "list":
            return f"list[{self.member.python}]"
        return self.enum if self.field.type == "enum" else PYTHON.get(self.field.type, "str")

    @property
    def member(self) -> "Column":
        """What a list holds."""
        one = Field(name=self.field.name, type=self.field.item or "str", length=MEMBER)
        return replace(self, field=one)

    @property
    def nullable(self) -> str:
        return f"{self.python} | None" if self.field.null else self.python

    @property
    def default(self) -> str | None:
        """The default, as an expression; a name that is called for each row where it is none."""
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
            "list": self._members,
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

    def _members(self, text: str) -> str:
        if not text:
            return "list"
        made = (replace(self.member.field, default=one) for one in text.split(","))
        return f"lambda: [{', '.join(str(replace(self, field=one).default) for one in made)}]"

    @property
    def is_made(self) -> bool:
        """Whether the default is made anew for each row."""
        return self.default is not None and self.default.startswith(MADE)

    def mapped(self) -> Expression:
        """The attribute of the model, behind its name."""
        members: list[Expression] = []
        if self.field.type == "ref":
            members.append(self._foreign_key())
        elif self.field.type not in (*BARE, "enum", "list"):
            members.append(self._sized())
        if self.default is not None:
            members.append(f"default={self.default}")
        if self.field.unique:
            members.append("unique=True")
        elif self.is_indexed:
            members.append("index=True")
        if self.field.comment is not None:
            members.append(f"comment={quote(self.field.comment)}")
        return call(" = mapped_column", *members) if members else ""

    @property
    def is_indexed(self) -> bool:
        return (self.field.index or self.field.type == "ref") and not self.field.unique

    def _foreign_key(self) -> Call:
        members: list[Expression] = [f'"{self.target_table}.id"']
        if self.ondelete is not None:
            members.append(f'ondelete="{self.ondelete}"')
        return call("ForeignKey", *members)

    @property
    def ondelete(self) -> str | None:
        return self.field.on_delete and self.field.on_delete.replace("_", " ").upper()

    def _sized(self) -> str:
        field = self.field
        if field.type == "decimal":
            return f"ExactDecimal({field.precision}, {field.scale})"
        sizes: dict[TypeName, str] = {
            "text": "Text",
            "bigint": "BigInteger",
            "smallint": "SmallInteger",
        }
        return sizes.get(field.type) or f"String({width(field)})"

    @property
    def checks(self) -> list[tuple[str, str]]:
        """CHECK constraints: what they say, and their names without the table's.

        The bound of a decimal is left to the schemas unless it is 0, which is the same number in
        every unit that a database may store it in; so is one of a float that is not whole.
        """
        found: list[tuple[str, str]] = []
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
            found.append((f"{self.name} {sign} {0 if zero else bound}", f"{self.name}_{named}"))
        return found

    def revision(self) -> Call:
        """The column in a revision."""
        members: list[Expression] = [f'"{self.name}"', self._revision_type()]
        if not self.field.null:
            members.append("nullable=False")
        if self.field.comment is not None:
            members.append(f"comment={quote(self.field.comment)}")
        return call("sa.Column", *members)

    def _revision_type(self) -> Expression:
        field = self.field
        if field.type == "enum":
            return call(
                "sa.Enum",
                *(f'"{choice}"' for choice in field.choices),
                f'name="{self.enum.lower()}"',
                "native_enum=False",
                "create_constraint=True",
                "length=32",
            )
        if field.type == "ref":
            return self.key
        if field.type == "list":
            return f'types.ListOf("{self.member.python}")'
        if field.type in BARE:
            return BARE[field.type]
        if field.type == "decimal":
            return f"types.{self._sized()}"
        if field.type in ("text", "bigint", "smallint"):
            return f"sa.{self._sized()}()"
        return f"sa.String(length={width(field)})"

    @property
    def is_filter(self) -> bool:
        """Whether a list can be asked for the rows that have one value of it."""
        field = self.field
        kinds = ("str", "email", "slug", "int", "bigint", "smallint", "uuid")
        keyed = field.type in kinds and (field.index or field.unique)
        return not self.is_secret and (keyed or field.type in ("bool", "enum", "ref"))

    @property
    def is_sort(self) -> bool:
        """Whether a list can be sorted by it."""
        is_short = (width(self.field) or 0) <= LONGEST_SORT
        return not self.is_secret and self.field.type in SORTS and is_short

    @property
    def is_tiny(self) -> bool:
        """Whether Python writes its least values as 1E-7."""
        return self.field.type == "decimal" and (self.field.scale or 0) > 6

    @property
    def is_secret(self) -> bool:
        """Whether it is in no answer."""
        return self.field.writeonly or self.field.type == "secret"


def member(choice: str) -> str:
    """Return the name of an enum's member."""
    return choice.replace("-", "_").upper()


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


def is_whole(number: str) -> bool:
    return number.removeprefix("-").isdigit()


def moment(text: str) -> str:
    return datetime.fromisoformat(text).isoformat()


def subscript(head: str, first: Expression, *others: Expression) -> Expression:
    """Write `head[a, b]`, or the one member alone where there is no more."""
    return Call(head, (first, *others), ("[", "]")) if others else first
