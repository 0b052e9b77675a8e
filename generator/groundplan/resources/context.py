"""What the templates of an app are rendered with. `docs/generator-templates.md` documents every name."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ..fields.access import OWNER, USER
from ..fields.hidden import checked_references, holder
from ..fields.made import USERS
from ..fields.names import snake, table_of
from ..fields.references import ModelIndex
from ..fields.spec import Model, RouteName, Spec, Target
from ..projects import Project
from .access import ACTIONS, Action, CheckedTarget, Route, checked_targets
from .columns import Check, Column
from .links import EAGER, Link, Relationship
from .named import ModelNames
from .nesting import Parent, parent_context
from .refusing import in_order
from .samples import sample
from .schemas import SchemaField, schema_fields

KEYS = {"uuid7": "sa.Uuid()", "bigint": "types.BigIntKey()"}
MADE: dict[Action, tuple[str, ...]] = {"add": USERS, "change": USERS[1:]}


SEARCHED = frozenset({"email", "slug", "str"})  # by their beginning, in the admin


@dataclass
class ModelContext(ModelNames):
    """A model, as the templates see it.

    Attributes:
        fields: the columns of its own fields in the schemas.
        links: its fields that are many to many.
        key: the type of primary keys in revisions.
        above: the models that are defined above it.
        back: the relationships that other models give it by `back=`.
        siblings: the tables that existing references of the model refer to.
        checked: the references that must be to the caller's own rows.
        parent: the model below whose routes its own are, if there is one.
    """

    fields: list[SchemaField]
    links: list[Link]
    key: str
    above: frozenset[str] = frozenset()
    back: list[Relationship] = field(default_factory=list[Relationship])
    siblings: frozenset[str] = frozenset()
    checked: list[CheckedTarget] = field(default_factory=list[CheckedTarget])
    parent: Parent | None = None

    @property
    def address(self) -> str:
        """Its address below `/api`, as in /order-lines or /orders/{order_id}/lines."""
        return f"/{self.plural}" if self.parent is None else self.parent.address(self.plural)

    @property
    def checks(self) -> list[Check]:
        own = [check for column in self.columns for check in column.checks]
        return [*own, *(one.check for one in self.comparisons)]

    @property
    def has_table_args(self) -> bool:
        across = self.checks or self.uniques or self.indexes or self.exclusions
        return self.is_owned or bool(across or self.contained or self.search)

    @property
    def references(self) -> list[Column]:
        return [column for column in self.columns if column.is_reference]

    @property
    def relationships(self) -> list[Relationship]:
        own = [self._relationship(column) for column in self.references]
        links = [link.relationship(is_defined=self._is_defined(link.target)) for link in self.links]
        return [*own, *links, *self.back]

    def _relationship(self, column: Column) -> Relationship:
        target = column.field.target
        assert target is not None
        annotation = f"{target.model} | None" if column.is_nullable else target.model
        if self.is_itself(column):
            annotation = f'"{annotation}"'
        return Relationship(column.field.name, annotation, tuple(self._arguments(column)))

    def _arguments(self, column: Column) -> Iterator[str]:
        if self.has_sibling(column):
            yield f"foreign_keys=[{column.name}]"
        if column.field.back is not None:
            yield f'back_populates="{column.field.back}"'
        yield 'lazy="raise_on_sql"'
        if self.is_itself(column):
            yield f'remote_side="{self.name}.id"'

    def has_sibling(self, column: Column) -> bool:
        """Whether another reference of the model refers to the same table."""
        tables = [one.target_table for one in self.columns if one.is_reference]
        return tables.count(column.target_table) > 1 or column.target_table in self.siblings

    @property
    def other_sides(self) -> Iterator[tuple[Target, Relationship]]:
        """The relationships that `back=` gives to other models, with these."""
        for column in self.references:
            if column.field.back is not None and column.field.target is not None:
                yield column.field.target, self._other_side(column, column.field.back)
        for link in self.links:
            if link.field.back is not None:
                yield link.target, link.back()

    def _other_side(self, column: Column, name: str) -> Relationship:
        keys = [f'foreign_keys="{self.name}.{column.name}"'] if self.has_sibling(column) else []
        annotation = f'"{self.name} | None"' if column.is_unique else f'list["{self.name}"]'
        arguments = (*keys, f'back_populates="{column.field.name}"', *EAGER)
        return Relationship(name, annotation, arguments)

    @property
    def admin(self) -> dict[str, list[str]]:
        """The attributes of its pages in the admin, such as the columns that a search compares."""
        shown = [one.name for one in self.outputs]
        texts = [one for one in self.columns if one.field.type in SEARCHED]
        found = [one.name for one in texts if one.field.unique or one.field.index]
        return {"search": [name for name in found if name in shown]}

    # Access

    @property
    def is_owned(self) -> bool:
        """Whether each row belongs to the user who created it."""
        return self.model.is_owned

    @property
    def reads_own(self) -> bool:
        """Whether callers read only their own rows."""
        return self.model.read == "owner"

    @property
    def writes_own(self) -> bool:
        """Whether callers write only their own rows."""
        return self.model.write == "owner"

    def route(self, action: Action) -> Route:
        """Who may call a route: to view, add, change or delete."""
        access = (self.model.read if action == "view" else self.model.write) or "public"
        checks = bool(self.checked) and action in ("add", "change")
        hidden = bool(self.parent and self.parent.is_hidden)
        made = tuple(one.name for one in self.references if one.field.made in MADE.get(action, ()))
        above = self.parent.column if self.parent else ""
        return Route(action, access, self.one, checks, hidden, made, above)

    @property
    def permissions(self) -> list[Action]:
        """The permissions that its routes ask for."""
        return [
            action
            for action in ACTIONS
            if self.route(action).access == "staff" and self._has_action(action)
        ]

    def _has_action(self, action: Action) -> bool:
        names: dict[Action, tuple[RouteName, ...]] = {
            "view": ("list", "read"),
            "add": ("create",),
            "change": ("change",),
            "delete": ("delete",),
        }
        return any(map(self.has_route, names[action]))

    def has_route(self, name: RouteName) -> bool:
        """Whether it has a route: to list, read, create, change or delete."""
        if not self.spec.has_routes:
            return False
        return name in self.model.routes and (name != "change" or self.has_inputs)

    @property
    def is_tested(self) -> bool:
        return self.spec.has_tests and not self.spec.only_models

    def has_statement(self, name: RouteName) -> bool:
        """Whether it has the statement of a route: all of them in an app without routes."""
        return self.has_route(name) or not self.spec.has_routes

    # Schemas

    @property
    def inputs(self) -> list[SchemaField]:
        """The fields that requests set."""
        return [one for one in self.fields if not one.column.field.readonly]

    @property
    def outputs(self) -> list[SchemaField]:
        """The fields that answers show."""
        return [one for one in self.fields if not one.column.is_secret]

    @property
    def input_links(self) -> list[Link]:
        return [link for link in self.links if link.is_input]

    @property
    def output_links(self) -> list[Link]:
        return [link for link in self.links if link.is_output]

    @property
    def has_inputs(self) -> bool:
        """Whether requests set anything: a model without inputs has no Patch schema."""
        return bool(self.inputs or self.input_links)

    @property
    def types(self) -> list[SchemaField]:
        """The fields whose type has a name."""
        return [one for one in self.fields if one.alias]

    @property
    def schemas(self) -> list[str]:
        """The names that its part of `schemas.py` defines."""
        classes = [f"{self.name}{suffix}" for suffix in ("Create", "Patch", "Read")]
        return [*classes, *(one.alias for one in self.types if one.alias)]

    # Queries and routes

    @property
    def filters(self) -> list[SchemaField]:
        found = [one for one in self.outputs if one.column.is_filter]
        fixed = {self.parent.column} if self.parent else set[str]()
        fixed |= {"owner_id"} if self.reads_own else set()
        return [one for one in found if one.name not in fixed]

    @property
    def list_conditions(self) -> list[str]:
        """The conditions of its list, apart from filters."""
        pairs = [(self.parent.column, self.parent.one)] if self.parent else []
        pairs += [("owner_id", "owner")] if self.reads_own else []
        return [f'{self.name}.{column} == bindparam("{name}")' for column, name in pairs]

    @property
    def sorts(self) -> list[str]:
        """The columns that lists are sorted by."""
        own = (one.name for one in self.outputs if one.column.is_sort)
        return ["id", *own, "created_at", "updated_at"]

    @property
    def may_conflict(self) -> bool:
        """Whether a write may be answered with 409."""
        own = [column for column in self.columns if not column.is_owner]
        refers = any(column.is_unique or column.is_reference for column in own)
        return refers or bool(self.input_links or self.uniques or self.exclusions)

    @property
    def finds_parent(self) -> bool:
        """Whether a route looks up the row above: one that creates or lists always does."""
        parent = self.parent
        always = self.has_route("create") or self.has_route("list")
        return parent is not None and (parent.is_found or always)

    # Factories

    @property
    def samples(self) -> list[tuple[str, str]]:
        """The attributes of the factory: names and expressions."""
        # A field called cycle comes last: it would hide the function from the lines below.
        inputs = sorted(self.inputs, key=lambda one: one.name == "cycle")
        pairs = {name: text for one in self.comparisons for name, text in one.samples.items()}
        pairs |= {name: text for one in self.exclusions for name, text in one.periods.items()}
        distinct = {one.anchor for one in self.uniques}
        made = [
            (one.name, text)
            for one in inputs
            if (text := pairs.get(one.name) or sample(one.column, distinct)) is not None
        ]
        optional = [(column.name, "None") for column in self.input_references(itself=True)]
        return [*made, *optional, *((link.ids, "Use(list[Any])") for link in self.input_links)]

    def input_references(self, *, itself: bool) -> list[Column]:
        """References that requests set: to the model itself, or to others."""
        found = [one for one in self.references if not one.field.readonly]
        return [one for one in found if self.is_itself(one) == itself]

    def is_itself(self, column: Column) -> bool:
        """Whether a column refers to rows of its own table."""
        return column.field.target == Target(self.spec.app, self.name)

    @property
    def keys(self) -> list[tuple[str, str]]:
        """What the factory sets to the keys of new rows: names and expressions."""
        references = [
            (column.name, self._key(column.field.target))
            for column in self.input_references(itself=False)
            if column.field.target is not None
        ]
        return [*references, *((one.ids, f"[{self._key(one.target)}]") for one in self.filled)]

    @property
    def parent_key(self) -> str:
        """The key of a new row above, in tests."""
        return self._row(self.parent.target) if self.parent else ""

    @property
    def needs_user(self) -> bool:
        """Whether its factory makes rows that belong to the user who is logged in."""
        texts = [self.parent_key, *(text for _, text in self.keys)]
        return self.has_route("create") and any("key_of_user(" in text for text in texts)

    @property
    def filled(self) -> list[Link]:
        """Links that tests fill: those with models that can be made first."""
        return [link for link in self.input_links if self._is_defined(link.target)]

    def _is_defined(self, target: Target) -> bool:
        return not self._is_coming(target) or target.model in self.above

    def _is_coming(self, target: Target) -> bool:
        """Whether the same spec makes a model, so that its tests have a factory."""
        names = (model.name for model in self.spec.models)
        return target.app == self.spec.app and target.model in names

    def _is_creatable(self, target: Target) -> bool:
        """Whether tests create its rows through a route of the same spec."""
        models = (model for model in self.spec.models if "create" in model.routes)
        return self._is_coming(target) and target.model in {model.name for model in models}

    def _key(self, target: Target) -> str:
        """Return an expression for the key of a new row, as JSON has it."""
        row = self._row(target)
        return row if self._is_creatable(target) or self.key == KEYS["bigint"] else f"str({row})"

    def _row(self, target: Target) -> str:
        """Return an expression for the key of a new row, as its route or the table has it."""
        if self._is_creatable(target):
            below = {one.name for one in self.spec.models if one.under is not None}
            given = f", await address_of_{table_of(target.model)}(client)"
            passed = f"client{given if target.model in below else ''}"
            return f'(await make_{snake(target.model)}({passed}))["id"]'
        given = ""
        hidden = [self.parent.target] if self.parent and self.parent.is_hidden else []
        holders = {one.target: one.holder for one in self.checked}
        if target in hidden or target in holders:
            given = ", owner_id=await key_of_user(client)"
        if (above := holders.get(target)) is not None and above.target is not None:
            given = f", {above.name}_id=await make_row({above.target.model}{given})"
        return f"await make_row({target.model}{given})"


def model_contexts(project: Project, spec: Spec) -> list[ModelContext]:
    """Return the models of a spec, each after those that it refers to."""
    taken = {model.name for model in spec.models}
    contexts = [model_context(project, spec, model, taken) for model in in_order(spec)]
    sides = [side for one in contexts for side in one.other_sides]
    for place, one in enumerate(contexts):
        one.above = frozenset(above.name for above in contexts[:place])
        one.back = [side for target, side in sides if target == Target(spec.app, one.name)]
    return contexts


def model_context(project: Project, spec: Spec, model: Model, taken: set[str]) -> ModelContext:
    """Return the context of one model, and add the names of its types to those taken."""
    index = ModelIndex.of(project, spec)
    key = KEYS[project.primary_key]
    columns = [
        Column(
            replace(one, readonly=one.readonly or one == model.parent),
            model,
            "" if one.target is None else index.table(one.target),
            key,
        )
        for one in model.fields
        if one.type != "many"
    ]
    links = [
        Link(
            one,
            model,
            spec.app,
            table_of(model.name),
            index.table(one.target),
            next((other for other in spec.models if other.name == one.through), None),
            one.target in index.soft,
        )
        for one in model.fields
        if one.type == "many" and one.target is not None
    ]
    if model.is_owned:
        columns.insert(0, Column(OWNER, model, index.table(USER), key, is_owner=True))
    taken.update(column.enum for column in columns if column.is_enum)
    context = ModelContext(spec, model, columns, schema_fields(columns, taken), links, key)
    checked = [one for one in checked_references(model, spec, project) if one != model.parent]
    context.checked = checked_targets(checked, index, lambda one: holder(one, spec, project))
    context.parent = parent_context(project, spec, model)
    return context
