"""A field in the schemas: what the templates call `model.inputs` and `model.outputs`."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..fields import reserved
from ..fields.spec import TypeName
from ..fields.values import INTEGERS, width
from .columns import Column
from .formatting import quote

# As in the blog: only a mail that arrives proves an address.
ADDRESS = r'r"^[^@\s]+@[^@\s]+\.[^@\s]+$"'
WEB = r'r"^https?://[^\s/]+(/\S*)?$"'
SLUG = r'r"^[a-z0-9]+(-[a-z0-9]+)*$"'
LONGEST = 10_000  # characters of a text without max=, which MySQL's TEXT has room for
SHORTEST = 12  # characters of a password, as `core.auth` has it
MOST = 1000  # members of a list without max=
LARGEST = 65_535  # bytes of MySQL's BLOB
CENTURY = "timedelta(days=36_500)"


@dataclass(frozen=True)
class SchemaField:
    """A field of the schemas.

    Attributes:
        alias: the name of its type, if that is more than a class.
        type: what requests are validated by, without None.
    """

    column: Column
    alias: str | None
    type: str

    @property
    def name(self) -> str:
        return self.column.name

    @property
    def input(self) -> str:
        """The annotation in requests."""
        name = self.alias or self.type
        return f"{name} | None" if self.column.is_nullable else name

    @property
    def output(self) -> str:
        """The annotation in answers."""
        field = self.column.field
        if field.type == "bytes" or self.column.is_tiny:
            return self.input
        if field.type == "json":
            return "dict[str, JsonValue]" + (" | None" if field.null else "")
        return self.column.annotation

    @property
    def filter(self) -> str:
        """The annotation of the parameter that filters by it."""
        field = self.column.field
        if field.type == "array":
            most = field.max or MOST
            return (
                f"Annotated[list[{_in_query(self.column.item)}] | None, Query(max_length={most})]"
            )
        if field.type == "json":
            return "Containing | None"
        return f"{self.alias or ('bool' if field.type == 'bool' else self.type)} | None"

    @property
    def condition(self) -> str:
        """The condition of the statement that filters by it."""
        name, attribute = self.name, f"{self.column.model.name}.{self.name}"
        if self.column.field.type == "array":
            return f'{attribute}.contains(bindparam("{name}"))'
        if self.column.field.type == "json":
            return f'{attribute}.contains(bindparam("{name}", type_=Text).cast(JSONB))'
        return f'{attribute} == bindparam("{name}")'

    @property
    def factory(self) -> str | None:
        """The function that makes its default, if one does."""
        return self.column.default if self.column.has_factory else None

    @property
    def default(self) -> str | None:
        """The default in the Create schema; None if the field is required."""
        return self.column.default or ("None" if self.column.is_nullable else None)


def schema_fields(columns: list[Column], taken: set[str]) -> list[SchemaField]:
    """Return the fields of a model's schemas, and add the names of their types to those taken."""
    found: list[SchemaField] = []
    for column in columns:
        first, *more = _type(column)
        alias = None
        if more:
            alias = column.enum
            while alias in taken or alias.removeprefix(column.model.name) in reserved.BESIDE:
                alias += "Value"
            taken.add(alias)
        found.append(SchemaField(column, alias, _annotated(first, *more)))
    return found


def _in_query(item: Column) -> str:
    """Return the annotation of an array's item as a parameter."""
    if item.field.type == "bool":
        return "bool"
    if item.field.type == "float":
        return "Annotated[float, Field(allow_inf_nan=False)]"
    return _annotated(*_type(item))


def _annotated(first: str, *more: str) -> str:
    return f"Annotated[{', '.join((first, *more))}]" if more else first


def _type(column: Column) -> Iterator[str]:
    field = column.field
    if field.type in INTEGERS:
        power = f"2**{INTEGERS[field.type] - 1}"
        low = field.ge if field.ge is not None else f"-({power})"
        high = field.le if field.le is not None else f"{power} - 1"
        yield from ("int", f"Field(ge={low}, le={high})")
    elif field.type == "decimal":
        digits = [f"max_digits={field.precision}", f"decimal_places={field.scale}"]
        yield from ("Decimal", f"Field({', '.join([*digits, *_bounds(column)])})")
        yield f"AfterValidator(with_{field.scale}_decimals)"
        if column.is_tiny:
            yield 'PlainSerializer("{:f}".format, when_used="json")'
    elif field.type == "float" and (bounds := _bounds(column)):
        yield from ("float", f"Field({', '.join(bounds)})")
    elif field.type == "bool":
        yield "StrictBool"
    elif field.type == "time":
        yield from ("time", "AfterValidator(to_time_of_day)")
    elif field.type == "datetime":
        yield from ("AwareDatetime", "AfterValidator(to_utc)")
    elif field.type == "duration":
        yield from ("timedelta", f"Field(ge=-{CENTURY}, le={CENTURY})")
    elif field.type == "bytes":
        yield "bytes"
        least = f"min_length={field.min}, " if field.min else ""
        yield f"Field({least}max_length={field.max or LARGEST:_})"
        yield "BeforeValidator(from_base64)"
        yield 'PlainSerializer(to_base64, when_used="json")'
        yield 'WithJsonSchema({"type": "string", "format": "byte"})'
    elif field.type == "json":
        yield "dict[str, JsonValue]"
    elif field.type in ("list", "array"):
        yield f"list[{_annotated(*_type(column.item))}]"
        least = f"min_length={field.min}, " if field.min else ""
        yield f"Field({least}max_length={field.max or MOST})"
    elif column.python == "str":
        yield from ("str", f"StringConstraints({', '.join(_text(column))})")
        if field.type in ("password", "secret"):
            yield 'Field(json_schema_extra={"format": "password"})'
    else:
        yield column.python


def _bounds(column: Column) -> list[str]:
    return [
        f"{name}={bound if bound.removeprefix('-').isdigit() else _number(column, bound)}"
        for name, bound in (("ge", column.field.ge), ("le", column.field.le))
        if bound is not None
    ]


def _number(column: Column, bound: str) -> str:
    return f"Decimal({quote(bound)})" if column.field.type == "decimal" else repr(float(bound))


def _text(column: Column) -> Iterator[str]:
    field = column.field
    longest = field.max or width(field) or LONGEST
    patterns: dict[TypeName, str] = {"email": ADDRESS, "url": WEB, "slug": SLUG}
    pattern = quote(field.pattern) if field.pattern is not None else patterns.get(field.type)
    if field.type in ("str", "citext", "email") and field.pattern is None:
        yield "strip_whitespace=True"
    if field.type == "email":
        yield "to_lower=True"
    if pattern is not None:
        yield f"pattern={pattern}"
    elif field.type in ("str", "citext") and not field.null and field.default is None:
        yield 'pattern=r"\\S"'
    may_be_empty = field.null or field.default == ""
    least = field.min or int(field.type == "secret" or (field.type == "text" and not may_be_empty))
    if least or field.type == "password":
        yield f"min_length={least or SHORTEST}"
    yield f"max_length={longest:_}" if longest >= 10_000 else f"max_length={longest}"
