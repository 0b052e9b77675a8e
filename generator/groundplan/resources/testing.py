"""What the template of a model's tests is rendered with, apart from the model."""

from dataclasses import dataclass

from ..fields.spec import RouteName
from ..fields.values import width
from .access import Action
from .across import Across
from .context import ModelContext
from .invalid_values import invalid_values
from .links import Link
from .samples import sample
from .schemas import SchemaField


@dataclass(frozen=True)
class TestContext:
    """The cases of a model's tests: names of fields, and values."""

    model: ModelContext

    @property
    def base(self) -> str:
        """The name of the address: a constant, or a fixture if it is below another row's."""
        return "base" if self.model.parent else "ADDRESS"

    @property
    def given(self) -> str:
        """The parameters of a test."""
        return "client: AsyncClient, base: str" if self.model.parent else "client: AsyncClient"

    @property
    def passed(self) -> str:
        """The first arguments of what a test calls."""
        return "client, base" if self.model.parent else "client"

    @property
    def keys(self) -> list[str]:
        """The inputs that are keys of other rows."""
        columns = [one for one in self.model.references if not one.field.readonly]
        return [*(one.name for one in columns), *(one.ids for one in self.model.input_links)]

    @property
    def shown_keys(self) -> list[str]:
        """Those of them that answers show."""
        shown = {one.name for one in self.model.outputs}
        shown |= {one.ids for one in self.model.output_links}
        return [name for name in self.keys if name in shown]

    @property
    def filters(self) -> list[str]:
        """The filters whose value a request sets."""
        return [
            one.name
            for one in self.model.filters
            if not (one.column.field.readonly or self.model.is_itself(one.column))
            and one.column.field.type != "json"
        ]

    @property
    def caseless(self) -> list[str]:
        """The inputs that are compared without regard to case, and valid in any case."""
        fields = ((one.name, one.column.field) for one in self.model.inputs)
        return [name for name, field in fields if field.type == "citext" and not field.pattern]

    @property
    def documents(self) -> list[str]:
        """The filters by what a document contains, if requests set it."""
        shown = [one for one in self.model.filters if one.column.field.type == "json"]
        return [one.name for one in shown if not one.column.field.readonly]

    @property
    def searched(self) -> str | None:
        """An input that a search finds, in which the texts of a test are valid."""
        for field in (one.field for one in self.model.search):
            fits = (field.min or 0) <= 8 and (field.max or width(field) or 99) >= 9
            if fits and not (field.readonly or field.pattern):
                return field.name
        return None

    @property
    def sorts(self) -> list[str]:
        unlike = {one.name for one in self.model.outputs if not _sorts_alike(one)}
        return [name for name in self.model.sorts if name not in unlike]

    @property
    def invalid(self) -> list[tuple[str, str]]:
        """Fields, each with a literal that it rejects."""
        fields = ((one.name, one.column.field) for one in self.model.inputs)
        return [(name, value) for name, field in fields for value in invalid_values(field)]

    @property
    def required(self) -> list[str]:
        return [one.name for one in self.model.inputs if one.default is None]

    @property
    def unique(self) -> list[str]:
        return [
            one.name
            for one in self.model.outputs
            if one.column.is_unique
            and not one.column.field.readonly
            and not self.model.is_itself(one.column)
        ]

    @property
    def uniques(self) -> list[Across]:
        """The unique constraints and exclusions that a request can violate: no column is NULL."""
        itself = {one.name for one in self.model.references if self.model.is_itself(one)}
        across = (*self.model.uniques, *self.model.exclusions)
        return [one for one in across if not itself & set(one.columns)]

    @property
    def comparisons(self) -> list[Across]:
        return self.model.comparisons

    @property
    def references(self) -> list[str]:
        columns = self.model.input_references(itself=False)
        return [column.name for column in columns if not column.is_secret]

    @property
    def seen(self) -> str | None:
        """An input that answers show, by which a change counts the version up."""
        shown = {one.name for one in self.model.outputs}
        inputs = [one.name for one in self.model.inputs if one.name in shown]
        is_changed = self.model.is_versioned and self.model.has_route("change")
        return inputs[0] if inputs and is_changed else None

    @property
    def through(self) -> list[Link]:
        """Associations that are rows of another model, which tests make."""
        if not self.model.has_route("read"):
            return []
        own = (one for one in self.model.links if one.through is not None)
        return [one for one in own if one.through and "create" in one.through.routes]

    # Access

    @property
    def routes(self) -> list[tuple[str, str, Action]]:
        """The methods, paths and actions of its routes."""
        every: list[tuple[RouteName, tuple[str, str, Action]]] = [
            ("create", ("POST", "", "add")),
            ("list", ("GET", "", "view")),
            ("list", ("GET", "/scroll", "view")),
            ("read", ("GET", "/{id}", "view")),
            ("change", ("PATCH", "/{id}", "change")),
            ("delete", ("DELETE", "/{id}", "delete")),
        ]
        return [one for name, one in every if self.model.has_route(name)]

    @property
    def closed(self) -> list[tuple[str, str, Action]]:
        """The routes that need a login."""
        return [one for one in self.routes if self.model.route(one[2]).access != "public"]

    @property
    def new_user(self) -> str:
        """The expression that makes a user who may call every route of the call's models."""
        asked = {access for one in self.model.spec.models for access in (one.read, one.write)}
        return f"make_user({'is_staff=True, is_superuser=True' if 'staff' in asked else ''})"

    @property
    def checked(self) -> list[str]:
        """The inputs that must be keys of the user's own rows, and that a factory fills."""
        links = {one.ids for one in self.model.filled if one.is_output}
        columns = {*self.references}
        found = [name for one in self.model.checked for name in (*one.columns, *one.ids)]
        return [name for name in found if name in links | columns]


def _sorts_alike(one: SchemaField) -> bool:
    """Whether Python sorts the tests' values as every database does, in any collation."""
    field = one.column.field
    if field.type == "slug" and field.made:
        return False
    if field.type == "enum":
        return all(choice.isalpha() and choice.islower() for choice in field.choices)
    if one.column.python == "str" and not field.readonly:
        made = sample(one.column) or ""
        return "token_hex" in made or "cycle" in made
    return True
