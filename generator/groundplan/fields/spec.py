"""Apps, models and fields as data."""

from dataclasses import dataclass, field
from typing import Literal

from ..projects.target import Target

__all__ = [
    "ROUTES",
    "Access",
    "Constraint",
    "Field",
    "Model",
    "OnDelete",
    "Operator",
    "RouteName",
    "Spec",
    "Target",
    "TypeName",
]

TypeName = Literal[
    "str",
    "text",
    "citext",
    "int",
    "bigint",
    "smallint",
    "float",
    "decimal",
    "bool",
    "date",
    "time",
    "datetime",
    "duration",
    "uuid",
    "bytes",
    "json",
    "enum",
    "list",
    "array",
    "email",
    "url",
    "slug",
    "secret",
    "password",
    "ref",
    "many",
]
OnDelete = Literal["cascade", "restrict", "set_null"]
Access = Literal["public", "login", "owner", "staff"]
RouteName = Literal["list", "read", "create", "change", "delete"]
Operator = Literal["<", "<=", ">", ">=", "!="]


ROUTES: tuple[RouteName, ...] = ("list", "read", "create", "change", "delete")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a model.

    Attributes:
        name: as written: `author` for `author:ref=users.User`, whose column is `author_id`.
        length: of a `str` or a `citext`, in characters.
        precision, scale: of a `decimal`, in digits.
        choices: the values of an `enum`.
        item: the type of the items of a `list` or an `array`.
        target: what a `ref` or a `many` points to.
        default: as written; a valid value of the type.
        ge, le: the least and the greatest value, as written.
        min, max: the least and the greatest length, in characters, bytes or items.
        readonly: only in answers. writeonly: only in requests.
        back: the name of the relationship on the other side.
        made: how the server makes the value: `random`; for a slug, the field that it is made from;
            for a reference to users, `creator` or `editor` of the row.
        table: the association table of a `many`, if it was chosen.
        through: the model of the same call whose rows are the associations of a `many`.
    """

    name: str
    type: TypeName
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    choices: tuple[str, ...] = ()
    item: TypeName | None = None
    target: Target | None = None
    null: bool = False
    unique: bool = False
    index: bool = False
    default: str | None = None
    ge: str | None = None
    le: str | None = None
    min: int | None = None
    max: int | None = None
    pattern: str | None = None
    readonly: bool = False
    writeonly: bool = False
    on_delete: OnDelete | None = None
    back: str | None = None
    made: str | None = None
    table: str | None = None
    through: str | None = None
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Constraint:
    """A constraint or an index across fields of a model.

    Attributes:
        fields: as written: `author` for the column `author_id`.
        operator: of a check, whose fields are two. Those of an exclusion end with two bounds.
    """

    kind: Literal["unique", "index", "check", "exclude"]
    fields: tuple[str, ...]
    operator: Operator | None = None


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model and its resource.

    Attributes:
        name: of the class, as in `Product`.
        plural: as in `/api/<plural>`, words joined by hyphens.
        read, write: who may call its routes; None for the project's default.
        routes: which routes it has.
        soft_delete: whether deleted rows are only marked.
        versioned: whether a change of a row that has changed meanwhile is refused.
        search: the fields whose words lists can be searched for.
        under: the model below whose routes its own are.
    """

    name: str
    plural: str
    fields: tuple[Field, ...]
    read: Access | None = None
    write: Access | None = None
    constraints: tuple[Constraint, ...] = ()
    routes: tuple[RouteName, ...] = ROUTES
    soft_delete: bool = False
    versioned: bool = False
    search: tuple[str, ...] = ()
    under: Target | None = field(default=None, repr=False)  # ids of revisions are made of the rest

    @property
    def is_owned(self) -> bool:
        """Whether each row belongs to the user who created it."""
        return "owner" in (self.read, self.write)

    @property
    def parent(self) -> Field | None:
        """The reference that its address names, if its routes are below another model's."""
        references = (one for one in self.fields if one.type == "ref" and self.under is not None)
        return next((one for one in references if one.target == self.under), None)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What a call of `startapp` adds: an app, or models and tasks for an existing app.

    Attributes:
        tasks: the names of background jobs, as in `send_receipt`.
        only_models: whether it adds models and their revision, and nothing else.
        has_routes, has_tests: whether it adds these.
    """

    app: str
    models: tuple[Model, ...]
    tasks: tuple[str, ...] = ()
    only_models: bool = False
    has_routes: bool = True
    has_tests: bool = True
