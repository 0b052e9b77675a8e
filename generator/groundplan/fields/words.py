"""The vocabulary of fields: types, modifiers, and their names in Rails and Phoenix."""

from dataclasses import dataclass, field

from .spec import TypeName

FLAGS = ("null", "unique", "index", "readonly", "writeonly")
# The order of the canonical form.
MODIFIERS = (
    "null",
    "unique",
    "index",
    "default",
    "made",
    "ge",
    "le",
    "min",
    "max",
    "pattern",
    "readonly",
    "writeonly",
    "on_delete",
    "back",
    "table",
    "through",
    "comment",
)

EVERY = frozenset({"null", "readonly", "writeonly", "comment"})
KEYED = EVERY | {"unique", "index", "default"}
NUMBER = KEYED | {"ge", "le"}
SIZED = KEYED | {"min", "max"}


@dataclass(frozen=True)
class Type:
    """A type of fields.

    Attributes:
        modifiers: the modifiers that it supports.
        takes: its arguments in words; empty if it has none.
        example: a complete field.
        length: the length of its column in characters, if that is fixed.
    """

    modifiers: frozenset[str]
    example: str
    takes: str = ""
    length: int | None = None
    aliases: tuple[str, ...] = field(default=())


TYPES: dict[TypeName, Type] = {
    "str": Type(
        SIZED | {"pattern", "made"},
        "title:str=200",
        "a length",
        aliases=("string", "varchar", "char"),
    ),
    "text": Type(SIZED | {"pattern"}, "body:text", aliases=("clob",)),
    "citext": Type(SIZED | {"pattern"}, "handle:citext=40:unique", "a length"),
    "int": Type(NUMBER, "stock:int:ge=0", aliases=("integer", "int4")),
    "bigint": Type(NUMBER, "views:bigint", aliases=("biginteger", "int8", "long")),
    "smallint": Type(NUMBER, "rating:smallint:ge=1:le=5", aliases=("smallinteger", "int2")),
    "float": Type(NUMBER, "weight:float", aliases=("double", "real")),
    "decimal": Type(NUMBER, "price:decimal=10,2:ge=0", "digits", aliases=("numeric", "money")),
    "bool": Type(EVERY | {"index", "default"}, "active:bool:default=true", aliases=("boolean",)),
    "date": Type(KEYED, "due_on:date"),
    "time": Type(KEYED, "opens_at:time", aliases=("time_usec",)),
    "datetime": Type(
        KEYED,
        "published_at:datetime:null",
        aliases=(
            "timestamp",
            "timestamptz",
            "utc_datetime",
            "utc_datetime_usec",
            "naive_datetime",
            "naive_datetime_usec",
        ),
    ),
    "duration": Type(EVERY, "length:duration", aliases=("interval", "timedelta")),
    "uuid": Type(KEYED | {"made"}, "token:uuid:unique", aliases=("binary_id", "guid")),
    "bytes": Type(EVERY | {"min", "max"}, "thumbnail:bytes:null", aliases=("binary", "blob")),
    "json": Type(EVERY | {"index", "default"}, "meta:json", aliases=("jsonb", "map", "dict")),
    "enum": Type(EVERY | {"index", "default"}, "status:enum=draft,live:default=draft", "values"),
    "list": Type(EVERY | {"default", "min", "max"}, "labels:list=str", "a type"),
    "array": Type(EVERY | {"index", "default", "min", "max"}, "tags:array=str:index", "a type"),
    "email": Type(KEYED, "contact:email:unique", length=254),
    "url": Type(SIZED, "website:url:null", length=500, aliases=("uri",)),
    "slug": Type(SIZED | {"made"}, "slug:slug:unique", length=120),
    "secret": Type(
        frozenset({"null", "writeonly", "comment", "min", "max"}),
        "api_key:secret",
        length=255,
        aliases=("token",),
    ),
    "password": Type(
        frozenset({"null", "comment"}), "door:password", length=255, aliases=("digest",)
    ),
    "ref": Type(
        EVERY | {"unique", "index", "on_delete", "back", "made"},
        "author:ref=users.User",
        "a model",
        aliases=("references", "belongs_to", "foreign_key", "fk", "foreign"),
    ),
    "many": Type(
        frozenset({"readonly", "writeonly", "back", "table", "through"}),
        "tags:many=blog.Tag",
        "a model",
        aliases=("many_to_many", "has_and_belongs_to_many", "habtm", "m2m"),
    ),
}

# The types of the items of a list or an array.
ITEMS: tuple[TypeName, ...] = ("str", "int", "float", "bool", "date", "datetime", "time", "uuid")

TYPE_ALIASES: dict[str, TypeName] = {
    alias: name for name, word in TYPES.items() for alias in word.aliases
}
MODIFIER_ALIASES = {
    "uniq": "unique",
    "nullable": "null",
    "optional": "null",
    "read_only": "readonly",
    "write_only": "writeonly",
    "minimum": "ge",
    "maximum": "le",
    "gte": "ge",
    "lte": "le",
    "min_length": "min",
    "max_length": "max",
    "format": "pattern",
    "regex": "pattern",
    "ondelete": "on_delete",
    "backref": "back",
    "back_populates": "back",
    "related_name": "back",
}
# Accepted without effect: this is the default.
IMPLIED = ("required", "not_null", "notnull")
ON_DELETE = {
    "cascade": "cascade",
    "delete_all": "cascade",
    "restrict": "restrict",
    "protect": "restrict",
    "nothing": "restrict",
    "set_null": "set_null",
    "nullify": "set_null",
    "nilify_all": "set_null",
}

STR_LENGTH = 255


# Words that other frameworks use, and what to write instead.
TYPE_HINTS = {
    "image": "Store files elsewhere and their address as url, or small ones as bytes.",
    "file": "Store files elsewhere and their address as url, or small ones as bytes.",
    "attachment": "Store files elsewhere and their address as url, or small ones as bytes.",
    "upload": "Store files elsewhere and their address as url, or small ones as bytes.",
}
MODIFIER_HINTS = {
    "auto_now_add": "Every model has created_at. For another field, write default=now.",
    "auto_now": "Every model has updated_at, which each change sets.",
    "primary_key": "Every model has the primary key id. For a second key, write :unique.",
    "blank": "A field is required unless it is :null or has a default=.",
    "choices": "For a choice of values, write name:enum=draft,live.",
}


def type_named(word: str) -> TypeName | None:
    """Return the type of this name, in any spelling, or None."""
    lower = word.lower()
    return lower if lower in TYPES else TYPE_ALIASES.get(lower)


def modifier_named(word: str) -> str | None:
    """Return the modifier of this name, in any spelling, or None."""
    lower = word.lower().replace("-", "_")
    return lower if lower in (*MODIFIERS, *IMPLIED) else MODIFIER_ALIASES.get(lower)
