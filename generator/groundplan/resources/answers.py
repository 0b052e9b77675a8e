"""A field as the schemas and the tests have it."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..fields import reserved
from ..fields.spec import TypeName
from ..fields.values import INTEGERS, width
from .columns import Column, is_whole, subscript
from .layout import Call, Expression, call, flat, lay, quote

# As in the blog: a mail that arrives is the only proof of an address.
ADDRESS = r'r"^[^@\s]+@[^@\s]+\.[^@\s]+$"'
WEB = r'r"^https?://[^\s/]+(/\S*)?$"'
SLUG = r'r"^[a-z0-9]+(-[a-z0-9]+)*$"'
LONGEST = 10_000  # characters of a text without max=, as MySQL's TEXT has room for
MOST = 1000  # members of a list without max=
LARGEST = 65_535  # bytes of its BLOB
CENTURY = "timedelta(days=36_500)"


@dataclass(frozen=True)
class Shape:
    """What a field is in the schemas.

    Attributes:
        alias: the name of its type, when that is more than a class.
        type: as requests are checked by it, without None.
    """

    column: Column
    alias: str | None
    type: Expression

    @property
    def taken(self) -> str:
        """The annotation in requests."""
        name = self.alias or flat(self.type)
        return f"{name} | None" if self.column.field.null else name

    @property
    def given(self) -> str:
        """The annotation in answers."""
        field = self.column.field
        if field.type == "bytes" or self.column.is_tiny:
            return self.taken
        if field.type == "json":
            return "dict[str, JsonValue]" + (" | None" if field.null else "")
        return self.column.nullable

    @property
    def filtered(self) -> str:
        plain = "bool" if self.column.field.type == "bool" else flat(self.type)
        return f"{self.alias or plain} | None = None"

    def create(self) -> str:
        """The line of the schema for what is made."""
        column = self.column
        if column.default is not None and column.is_made:
            factory = f"Field(default_factory={column.default})"
            annotated = subscript("Annotated", self.taken, factory)
            return lay(f"{column.name}: ", annotated, indent=4)
        default = column.default or ("None" if column.field.null else None)
        tail = "" if default is None else f" = {default}"
        return f"    {column.name}: {self.taken}{tail}"

    def patch(self) -> str:
        """The line of the schema for what changes."""
        default = "None" if self.column.field.null else "LEFT_OUT"
        return f"    {self.column.name}: {self.taken} = {default}"

    def definition(self) -> str:
        return lay(f"{self.alias} = ", self.type)


def shapes(columns: list[Column], taken: set[str]) -> list[Shape]:
    """Return the shapes of a model's fields, and add the names of their types to those taken."""
    found: list[Shape] = []
    for column in columns:
        members = [*_type(column)]
        alias = None
        if len(members) > 1:
            alias = column.enum
            while alias in taken or alias.removeprefix(column.model.name) in reserved.BESIDE:
                alias += "Value"
            taken.add(alias)
        found.append(Shape(column, alias, subscript("Annotated", *members)))
    return found


def _type(column: Column) -> Iterator[Expression]:
    field = column.field
    if field.type in INTEGERS:
        power = f"2**{INTEGERS[field.type] - 1}"
        low = field.ge if field.ge is not None else f"-({power})"
        high = field.le if field.le is not None else f"{power} - 1"
        yield from ("int", call("Field", f"ge={low}", f"le={high}"))
    elif field.type == "decimal":
        digits = [f"max_digits={field.precision}", f"decimal_places={field.scale}"]
        yield from ("Decimal", call("Field", *digits, *_bounds(column)))
        yield f"AfterValidator(with_{field.scale}_decimals)"
        if column.is_tiny:
            yield 'PlainSerializer("{:f}".format, when_used="json")'
    elif field.type == "float" and (bounds := _bounds(column)):
        yield from ("float", call("Field", *bounds))
    elif field.type == "bool":
        yield "StrictBool"
    elif field.type == "time":
        yield from ("time", "AfterValidator(to_time_of_day)")
    elif field.type == "datetime":
        yield from ("AwareDatetime", "AfterValidator(to_utc)")
    elif field.type == "duration":
        yield from ("timedelta", call("Field", f"ge=-{CENTURY}", f"le={CENTURY}"))
    elif field.type == "bytes":
        yield "bytes"
        size = [f"min_length={field.min}"] if field.min else []
        yield call("Field", *size, f"max_length={field.max or LARGEST:_}")
        yield "BeforeValidator(from_base64)"
        yield 'PlainSerializer(to_base64, when_used="json")'
        yield 'WithJsonSchema({"type": "string", "format": "byte"})'
    elif field.type == "json":
        yield "dict[str, JsonValue]"
    elif field.type == "list":
        yield Call("list", (subscript("Annotated", *_type(column.member)),), ("[", "]"))
        least = [f"min_length={field.min}"] if field.min else []
        yield call("Field", *least, f"max_length={field.max or MOST}")
    elif column.python == "str":
        yield from ("str", call("StringConstraints", *_text(column)))
        if field.type == "secret":
            yield 'Field(json_schema_extra={"format": "password"})'
    else:
        yield column.python


def _bounds(column: Column) -> list[str]:
    wrap = "Decimal({})" if column.field.type == "decimal" else "{}"
    return [
        f"{name}={bound if is_whole(bound) else wrap.format(_number(column, bound))}"
        for name, bound in (("ge", column.field.ge), ("le", column.field.le))
        if bound is not None
    ]


def _number(column: Column, bound: str) -> str:
    return quote(bound) if column.field.type == "decimal" else repr(float(bound))


def _text(column: Column) -> Iterator[str]:
    field = column.field
    longest = field.max or width(field) or LONGEST
    patterns: dict[TypeName, str] = {"email": ADDRESS, "url": WEB, "slug": SLUG}
    pattern = quote(field.pattern) if field.pattern is not None else patterns.get(field.type)
    if field.type in ("str", "email") and field.pattern is None:
        yield "strip_whitespace=True"
    if field.type == "email":
        yield "to_lower=True"
    if pattern is not None:
        yield f"pattern={pattern}"
    elif field.type == "str" and not field.null and field.default is None:
        yield 'pattern=r"\\S"'
    may_be_empty = field.null or field.default == ""
    least = field.min or int(field.type == "secret" or (field.type == "text" and not may_be_empty))
    if least:
        yield f"min_length={least}"
    yield f"max_length={longest:_}" if longest >= 10_000 else f"max_length={longest}"
