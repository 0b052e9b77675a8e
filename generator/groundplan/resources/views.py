"""A model as the templates see it: its names, and the lines whose length decides their form."""

from dataclasses import dataclass, field
from functools import cached_property

from ..fields.names import snake, table_of
from ..fields.references import Known
from ..fields.spec import Model, Spec, Target
from ..projects import Project
from .answers import Shape, shapes
from .columns import Column, subscript
from .layout import Call, Expression, call, lay
from .links import EAGER, Link
from .samples import sample


@dataclass
class View:
    """A model, and the parts of its modules.

    Attributes:
        defined: classes that stand above the model's.
        sides: the other sides of references and links to the model, as relationships.
    """

    spec: Spec
    model: Model
    all_columns: list[Column]
    shapes: list[Shape]
    links: list[Link]
    key: str
    defined: frozenset[str] = frozenset()
    sides: list[str] = field(default_factory=list[str])

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def plural(self) -> str:
        return self.model.plural

    @cached_property
    def many(self) -> str:
        """The table, and the word for several in names."""
        return table_of(self.name)

    @cached_property
    def one(self) -> str:
        return snake(self.name)

    # Models

    @property
    def checks(self) -> str:
        found = [
            call("CheckConstraint", f'"{text}"', f'name="{name}"')
            for column in self.all_columns
            for text, name in column.checks
        ]
        if not found:
            return ""
        if len(found) == 1:
            line = lay("__table_args__ = (", found[0], ",)", indent=4)
            if "\n" not in line:
                return line
        lines = (lay("", check, ",", indent=8) for check in found)
        return "\n".join(["    __table_args__ = (", *lines, "    )"])

    @property
    def columns(self) -> list[str]:
        return [
            lay(f"{column.name}: Mapped[{column.nullable}]", column.mapped(), indent=4)
            for column in self.all_columns
        ]

    @property
    def relationships(self) -> list[str]:
        own = [self._relationship(one) for one in self.all_columns if one.field.type == "ref"]
        links = [
            link.relationship(
                is_defined=not self._is_coming(link.target) or link.target.model in self.defined
            )
            for link in self.links
        ]
        return [*own, *links, *self.sides]

    def _relationship(self, column: Column) -> str:
        target = column.field.target
        assert target is not None
        null = column.field.null
        own = target.app == self.spec.app
        annotation = f"{target.model} | None" if null else target.model
        if own and target.model == self.name:
            annotation = f'"{annotation}"'
        members: list[Expression] = []
        if self._has_several(column):
            members.append(f"foreign_keys=[{column.name}]")
        if column.field.back is not None:
            members.append(f'back_populates="{column.field.back}"')
        members.append('lazy="raise_on_sql"')
        if own and target.model == self.name:
            members.append(f'remote_side="{self.name}.id"')
        prefix = f"{column.field.name}: Mapped[{annotation}] = "
        return lay(prefix, Call("relationship", tuple(members)), indent=4)

    def _has_several(self, column: Column) -> bool:
        """Whether there are several references to one model."""
        same = [other for other in self.all_columns if other.field.target == column.field.target]
        return len(same) > 1

    @property
    def other_sides(self) -> list[tuple[str, str]]:
        """What `back=` gives to other models: their names, and relationships."""
        columns = [one for one in self.all_columns if one.field.back is not None]
        sides = [(one.field.target, self._side(one)) for one in columns]
        sides += [(link.target, link.back()) for link in self.links if link.field.back is not None]
        return [(target.model, side) for target, side in sides if target is not None]

    def _side(self, column: Column) -> str:
        members: list[Expression] = []
        if self._has_several(column):
            members.append(f'foreign_keys="{self.name}.{column.name}"')
        members += [f'back_populates="{column.field.name}"', *EAGER]
        many = f'"{self.name} | None"' if column.field.unique else f'list["{self.name}"]'
        prefix = f"{column.field.back}: Mapped[{many}] = "
        return lay(prefix, call("relationship", *members), indent=4)

    # Schemas

    @property
    def taken(self) -> list[Shape]:
        """What requests give."""
        return [shape for shape in self.shapes if not shape.column.field.readonly]

    @property
    def given(self) -> list[Shape]:
        """What answers give."""
        return [shape for shape in self.shapes if not shape.column.is_secret]

    @property
    def taken_links(self) -> list[Link]:
        return [link for link in self.links if not link.field.readonly]

    @property
    def given_links(self) -> list[Link]:
        return [link for link in self.links if not link.field.writeonly]

    # Queries and routes

    @property
    def filters(self) -> list[Shape]:
        return [shape for shape in self.given if shape.column.is_filter]

    @property
    def prepared(self) -> str:
        select = f'select({self.name}).where({self.name}.id == bindparam("id"))'
        return lay(f"{self.one} = ", call("prepare", select, f"{self.name}Read"))

    @property
    def sorts(self) -> list[str]:
        """The columns that lists are sorted by: those of every model around its own."""
        own = (shape.column.name for shape in self.given if shape.column.is_sort)
        return ["id", *own, "created_at", "updated_at"]

    @property
    def sorts_listed(self) -> str:
        """The argument of the listing."""
        columns = tuple(f"{self.name}.{name}" for name in self.sorts)
        return lay("sorts=", Call("", columns, ("[", "]")), ",", indent=4)

    @property
    def may_conflict(self) -> bool:
        refers = any(c.field.unique or c.field.type == "ref" for c in self.all_columns)
        return refers or bool(self.taken_links)

    @property
    def post(self) -> str:
        problems = ["responses=problems(409)"] if self.may_conflict else []
        return lay("@router.post", call("", f'"/{self.plural}"', "status_code=201", *problems))

    @property
    def get_list(self) -> str:
        answer = f"response_model=PageOf[{self.name}Read]"
        return lay("@router.get", call("", f'"/{self.plural}"', answer))

    @property
    def get_scroll(self) -> str:
        answer = f"response_model=ScrollOf[{self.name}Read]"
        return lay("@router.get", call("", f'"/{self.plural}/scroll"', answer))

    @property
    def sort(self) -> str:
        """The type of the parameter."""
        listing = subscript("Annotated", "str", call("SortOf", f"queries.{self.many}"))
        return lay(f"{self.name}Sort = ", listing)

    @property
    def write_signature(self) -> str:
        parameters = [f"data: {self.name}Create", "session: SessionDep"]
        return _signature(f"create_{self.one}", parameters, f"{self.name}Read")

    @property
    def list_signature(self) -> str:
        first = ["page: PageNumber = 1", "per_page: PerPage = 20"]
        parameters = [*first, *self._chosen]
        return _signature(f"list_{self.many}", parameters, f"Page[{self.name}Read]")

    @property
    def scroll_signature(self) -> str:
        parameters = ["cursor: Cursor = None", "limit: Limit = 20", *self._chosen]
        return _signature(f"scroll_{self.many}", parameters, f"Scroll[{self.name}Read]")

    @property
    def _chosen(self) -> list[str]:
        """The parameters that say which rows, and in which order."""
        filters = (f"{shape.column.name}: {shape.filtered}" for shape in self.filters)
        return [f"sort: {self.name}Sort | None = None", *filters]

    @property
    def list_call(self) -> str:
        return self._call("page", "page", "per_page")

    @property
    def scroll_call(self) -> str:
        return self._call("scroll", "cursor", "limit")

    def _call(self, method: str, *first: str) -> str:
        names = (*first, "sort", *(shape.column.name for shape in self.filters))
        prefix = "found = await " if self.given_links else "return await "
        members = (f"{name}={name}" for name in names)
        return lay(prefix, call(f"queries.{self.many}.{method}", *members), indent=4)

    @property
    def patch(self) -> str:
        answer = [] if self.links else [f"response_model={self.name}Read"]
        codes = "404, 409" if self.may_conflict else "404"
        members = (f'"/{self.plural}/{{id}}"', *answer, f"responses=problems({codes})")
        return lay("@router.patch", call("", *members))

    @property
    def patch_signature(self) -> str:
        parameters = ["id: Key", f"data: {self.name}Patch", "session: SessionDep"]
        answer = f"{self.name}Read" if self.links else self.name
        return _signature(f"change_{self.one}", parameters, answer)

    @property
    def delete(self) -> str:
        members = (f'"/{self.plural}/{{id}}"', "status_code=204", "responses=problems(404, 409)")
        return lay("@router.delete", call("", *members))

    # Service

    @property
    def values(self) -> str:
        """The line that takes the links out of a body."""
        names = ", ".join(f'"{link.ids}"' for link in self.taken_links)
        return lay("values = ", call("data.model_dump", f"exclude={{{names}}}"), indent=4).lstrip()

    @property
    def read_call(self) -> str:
        return f"read_{self.one}" if self.given_links else f"queries.{self.one}.one"

    @property
    def read_key(self) -> str:
        return "" if self.given_links else "id="

    @property
    def write_service(self) -> str:
        parameters = ["session: AsyncSession", f"data: {self.name}Create"]
        return _signature(f"write_{self.one}", parameters, f"{self.name}Read")

    @property
    def change_service(self) -> str:
        parameters = ["session: AsyncSession", "key: Key", f"data: {self.name}Patch"]
        return _signature(f"change_{self.one}", parameters, f"{self.name}Read")

    # Factories

    @property
    def samples(self) -> list[str]:
        # Last what would hide the function of its name from the lines below.
        lines = [
            lay(f"{shape.column.name} = ", made, indent=4).lstrip()
            for shape in sorted(self.taken, key=lambda one: one.column.name == "cycle")
            if (made := sample(shape)) is not None
        ]
        optional = [f"{column.name} = None" for column in self.itself]
        return [*lines, *optional, *(f"{link.ids} = Use(list[Any])" for link in self.taken_links)]

    @property
    def itself(self) -> list[Column]:
        """References to rows of the same table."""
        return [column for column in self.own_references if self.is_itself(column)]

    @property
    def own_references(self) -> list[Column]:
        """References that requests give."""
        return [c for c in self.all_columns if c.field.type == "ref" and not c.field.readonly]

    def is_itself(self, column: Column) -> bool:
        """Whether a column refers to rows of the same table."""
        target = column.field.target
        return target is not None and (target.app, target.model) == (self.spec.app, self.name)

    def _is_coming(self, target: Target) -> bool:
        """Whether a model is made by the same spec, and has a factory in its tests."""
        names = (model.name for model in self.spec.models)
        return target.app == self.spec.app and target.model in names

    @property
    def references(self) -> list[str]:
        """Lines that give a body the keys of rows that are there."""
        lines: list[str] = []
        for column in self.own_references:
            target = column.field.target
            if target is None or self.is_itself(column):
                continue
            if self._is_coming(target):
                made = f'(await make_{snake(target.model)}(client))["id"]'
            else:
                row = f"await make_row({target.model})"
                made = row if self.key == "types.BigIntKey()" else f"str({row})"
            lines.append(f'    body["{column.name}"] = {made}')
        lines += [f'    body["{link.ids}"] = [{self._linked(link)}]' for link in self.filled]
        return lines

    @property
    def filled(self) -> list[Link]:
        """Links that tests fill: with rows of other apps, or of models that stand above."""
        return [
            link
            for link in self.taken_links
            if not self._is_coming(link.target) or link.target.model in self.defined
        ]

    def _linked(self, link: Link) -> str:
        if self._is_coming(link.target):
            return f'(await make_{snake(link.target.model)}(client))["id"]'
        row = f"await make_row({link.target.model})"
        return row if self.key == "types.BigIntKey()" else f"str({row})"


def _signature(name: str, parameters: list[str], answer: str) -> str:
    return lay("async def ", call(name, *parameters), f" -> {answer}:")


def view(project: Project, spec: Spec, model: Model, key: str, taken: set[str]) -> View:
    """Return the view of a model, and add the names of its types to those taken."""
    known = Known.of(project, spec)
    columns = [
        Column(one, model, "" if one.target is None else known.table(one.target), key)
        for one in model.fields
        if one.type != "many"
    ]
    links = [
        Link(one, model, spec.app, table_of(model.name), known.table(one.target), key)
        for one in model.fields
        if one.type == "many" and one.target is not None
    ]
    taken.update(column.enum for column in columns if column.field.type == "enum")
    return View(spec, model, columns, shapes(columns, taken), links, key)
