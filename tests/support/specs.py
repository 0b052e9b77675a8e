"""Hypothesis strategies for specs that `startapp` accepts."""

from dataclasses import replace
from functools import partial
from typing import Any, Literal

from hypothesis import strategies as st

from groundplan.errors import Refusal
from groundplan.fields import names, rules, words
from groundplan.fields.access import USER
from groundplan.fields.made import USERS
from groundplan.fields.spec import (
    ROUTES,
    Access,
    Constraint,
    Field,
    Model,
    Operator,
    RouteName,
    Spec,
    Target,
    TypeName,
)
from groundplan.projects import Project
from groundplan.resources.refusing import refuse_unsupported

NOUNS = [
    "Product",
    "Order",
    "Crate",
    "Supplier",
    "Parcel",
    "Invoice",
    "Ticket",
    "Room",
    "Booking",
    "Song",
    "Album",
    "Recipe",
    "Review",
]
FIELD_NAMES = [
    "title",
    "body",
    "price",
    "stock",
    "views",
    "rating",
    "weight",
    "active",
    "due_on",
    "opens_at",
    "published_at",
    "length",
    "token",
    "thumbnail",
    "meta",
    "status",
    "labels",
    "contact",
    "website",
    "slug",
    "api_key",
    "author",
    "owner",
    "parent",
    "tags",
]
WORDS = ("shops", "rooms", "songs")  # of the names of association tables
OPERATORS: tuple[Operator, ...] = ("<", "<=", ">", ">=", "!=")
SOME_ROUTES: tuple[tuple[RouteName, ...], ...] = (
    ("list", "read", "create"),
    ("list", "read"),
    ("create",),
    ("create", "change", "delete"),
)
PAIRS: tuple[tuple[Access | None, Access | None], ...] = (  # who reads, and who writes
    (None, None),
    ("public", "public"),
    ("public", "owner"),
    ("login", "login"),
    ("login", "staff"),
    ("owner", "owner"),
    ("owner", "owner"),
    ("staff", "staff"),
)
PARTS: tuple[dict[str, Any], ...] = (
    {"only_models": True},
    {"has_routes": False},
    {"has_tests": False},
)
DEFAULTS: dict[TypeName, tuple[str, ...]] = {
    "str": ("x", "two words", "Ünïcödé '\"\\ {%"),
    "text": ("long",),
    "citext": ("x", "Two Words"),
    "int": ("0", "-2147483648", "2147483647"),
    "bigint": ("0", "9223372036854775807"),
    "smallint": ("1", "32767"),
    "float": ("0.5", "1e10"),
    "decimal": ("0", "1.5"),
    "bool": ("true", "false"),
    "date": ("2026-01-31", "now"),
    "time": ("09:30:00",),
    "datetime": ("2026-01-31T09:30:00+00:00", "now"),
    "uuid": ("01890a5d-ac96-774b-bcce-b302099a8057",),
    "json": ("{}", "[]"),
    "enum": ("draft",),
    "list": ("",),
    "array": ("",),
    "email": ("ada@example.org",),
    "url": ("https://example.org",),
    "slug": ("a-slug",),
}


@st.composite
def fields(draw: st.DrawFn, name: str, targets: tuple[Target, ...]) -> Field:
    """Draw a field of any type with any of its modifiers; a rule may still refuse it."""
    drawable: list[TypeName] = [
        type_ for type_ in words.TYPES if targets or type_ not in ("ref", "many")
    ]
    type_: TypeName = draw(st.sampled_from(drawable))
    field = Field(name=name, type=type_)
    if type_ in ("str", "citext"):
        field = replace(field, length=draw(st.sampled_from((1, 40, 255, 600))))
    if type_ == "decimal":
        field = replace(field, precision=draw(st.integers(4, 18)), scale=draw(st.integers(0, 3)))
    if type_ == "enum":
        field = replace(field, choices=("draft", "in-review", "live"))
    if type_ in ("list", "array"):
        field = replace(field, item=draw(st.sampled_from(words.ITEMS)))
    if type_ in ("ref", "many"):
        field = replace(field, target=draw(st.sampled_from(targets)))
    takes = words.TYPES[type_].modifiers
    for flag in words.FLAGS:
        if flag in takes and draw(st.integers(0, 3)) == 0:
            chosen: dict[str, Any] = {flag: True}
            field = replace(field, **chosen)
    if "made" in takes and draw(st.integers(0, 3)) == 0:
        sources = {"slug": ("title", "body"), "ref": USERS}.get(type_, ("random",))
        target = USER if type_ == "ref" else None
        made = draw(st.sampled_from(sources))
        return replace(field, made=made, target=target, writeonly=False)
    if "back" in takes and draw(st.integers(0, 3)) == 0:
        field = replace(field, back=f"{draw(st.sampled_from(WORDS))}_by_{name}")
    if "table" in takes and draw(st.integers(0, 2)) == 0:
        field = replace(field, table=f"{name}_of_{draw(st.sampled_from(WORDS))}")
    if "default" in takes and draw(st.integers(0, 3)) == 0:
        field = replace(field, default=draw(st.sampled_from(DEFAULTS[type_])))
    if "ge" in takes and draw(st.integers(0, 3)) == 0:
        field = replace(field, ge="0", le=draw(st.sampled_from((None, "9"))))
    if "max" in takes and draw(st.integers(0, 3)) == 0:
        field = replace(field, min=1, max=draw(st.sampled_from((1, 30))))
    if "on_delete" in takes and draw(st.booleans()):
        field = replace(field, on_delete=draw(st.sampled_from(("cascade", "restrict", "set_null"))))
    if "comment" in takes and draw(st.integers(0, 3)) == 0:
        field = replace(field, comment=draw(st.sampled_from(("net", "see: unique:"))))
    return field


@st.composite
def constraints(draw: st.DrawFn, model: Model) -> Constraint:
    """Draw a constraint or an index across fields; a rule may still refuse it."""
    kinds: tuple[Literal["unique", "index", "check", "exclude"], ...]
    kinds = ("unique", "index", "check", "exclude")
    kind: Literal["unique", "index", "check", "exclude"] = draw(st.sampled_from(kinds))
    known = [*(field.name for field in model.fields), "created_at"]
    size = 2 if kind == "check" else 3
    chosen = draw(st.lists(st.sampled_from(known), min_size=1, max_size=size, unique=True))
    operator: Operator | None = draw(st.sampled_from(OPERATORS)) if kind == "check" else None
    if kind == "check" and len(chosen) < size:
        kind, operator = "index", None
    if kind == "exclude" and len(chosen) < 2:
        kind = "index"
    return Constraint(kind=kind, fields=tuple(chosen), operator=operator)


@st.composite
def specs(
    draw: st.DrawFn, project: Project, app: str = "shop", *, suffix: str = "", most_models: int = 3
) -> Spec:
    """Draw a spec that every rule accepts in a project; refused fields are left out.

    Args:
        project: the project that the spec is for.
        app: the app's name.
        suffix: appended to each model's name, to tell it from models of other apps.
        most_models: the maximum number of models.
    """
    nouns = st.sampled_from([noun + suffix for noun in NOUNS])
    chosen = draw(st.lists(nouns, min_size=1, max_size=most_models, unique=True))
    targets = (*(Target(app, name) for name in chosen), *project.models())
    spec = Spec(app=app, models=())
    for noun in chosen:
        field_names = draw(st.lists(st.sampled_from(FIELD_NAMES), max_size=6, unique=True))
        drawn = [draw(fields(name, targets)) for name in field_names]
        model = Model(
            name=noun,
            plural=names.plural_of(noun),
            fields=(),
            soft_delete=draw(st.integers(0, 2)) == 0,
            versioned=draw(st.integers(0, 2)) == 0,
        )
        searched = draw(st.sampled_from(((), (), ("title",), ("title", "body"))))
        others = [Model(name=name, plural=names.plural_of(name), fields=()) for name in chosen]
        for field in drawn:
            longer = replace(model, fields=(*model.fields, field))
            around = [longer if other.name == noun else other for other in others]
            if _passes(partial(made, Spec(app=app, models=tuple(around)), project)):
                model = longer
        longer = replace(model, search=searched)
        around = [longer if other.name == noun else other for other in others]
        if _passes(partial(made, Spec(app=app, models=tuple(around)), project)):
            model = longer
        spec = replace(spec, models=(*spec.models, model))
        for constraint in draw(st.lists(constraints(model), max_size=3)):
            longer = replace(model, constraints=(*model.constraints, constraint))
            around = [longer if other.name == noun else other for other in others]
            if _passes(partial(made, Spec(app=app, models=tuple(around)), project)):
                model = longer
        some = replace(model, routes=draw(st.sampled_from((ROUTES, ROUTES, *SOME_ROUTES))))
        around = [some if other.name == noun else other for other in others]
        if _passes(partial(made, Spec(app=app, models=tuple(around)), project)):
            model = some
        spec = replace(spec, models=(*spec.models[:-1], model))
    if draw(st.booleans()):
        associated = replace(spec, models=(*spec.models, *association(spec, suffix)))
        if _passes(partial(made, associated, project)):
            spec = associated
    for number in range(len(spec.models)):
        read, write = draw(st.sampled_from(PAIRS))
        spec = _changed(spec, project, number, read=read, write=write)
    for number in range(len(spec.models)):
        under = draw(st.sampled_from((None, None, *targets)))
        spec = _changed(spec, project, number, under=under)
    parts = replace(spec, **draw(st.sampled_from(({}, {}, {}, *PARTS))))
    return made(parts if _passes(partial(made, parts, project)) else spec, project)


def _changed(spec: Spec, project: Project, number: int, **changes: Any) -> Spec:
    """Return a spec with changes of one of its models, unless a rule refuses them."""
    models = [*spec.models]
    models[number] = replace(models[number], **changes)
    changed = replace(spec, models=tuple(models))
    return changed if _passes(partial(made, changed, project)) else spec


def association(spec: Spec, suffix: str) -> tuple[Model, Model]:
    """Return a model with an association to the first one, and the model of the associations."""
    first = Target(spec.app, spec.models[0].name)
    name, link = f"Shelf{suffix}", f"Place{suffix}"
    items = Field(name="items", type="many", target=first, through=link, readonly=True)
    title = Field(name="title", type="str", length=40)
    links = (
        Field(name="shelf", type="ref", target=Target(spec.app, name), on_delete="cascade"),
        Field(name="item", type="ref", target=first),
        Field(name="position", type="int", ge="0"),
    )
    unique = Constraint(kind="unique", fields=("shelf", "item"))
    return (
        Model(name=name, plural=names.plural_of(name), fields=(title, items)),
        Model(name=link, plural=names.plural_of(link), fields=links, constraints=(unique,)),
    )


def made(spec: Spec, project: Project) -> Spec:
    """Check a spec, and that the program supports all of it."""
    checked = rules.check(spec, project)
    refuse_unsupported(checked)
    return checked


def _passes(check: partial[Spec]) -> bool:
    try:
        check()
    except Refusal:
        return False
    return True
