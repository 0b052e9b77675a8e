"""Many to many: the association class, and the field with the other side's keys."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..fields.names import attributes, link_of, link_table, singular, snake
from ..fields.spec import Field, Model, Target
from ..fields.through import reference_to

EAGER = ('lazy="raise_on_sql"', "passive_deletes=True")


@dataclass(frozen=True)
class Relationship:
    """A relationship of a model: its annotation, and the arguments of `relationship`."""

    name: str
    annotation: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Link:
    """What `tags:many=Tag` of a Product becomes.

    Attributes:
        app: the model's app.
        table, target_table: the tables of the two models.
        through: the model whose rows are the associations, if there is one.
        is_soft: whether deleted rows of the other model are only marked.
    """

    field: Field
    model: Model
    app: str
    table: str
    target_table: str
    through: Model | None = None
    is_soft: bool = False

    @property
    def name(self) -> str:
        """The association class, as in ProductTag."""
        if self.through is not None:
            return self.through.name
        return link_of(self.model.name, self.field)

    @property
    def title(self) -> str:
        return self.field.name.replace("_", " ")

    @property
    def many(self) -> str:
        """The association table, as in product_tags."""
        return link_table(self.model.name, self.field)

    @property
    def one(self) -> str:
        return snake(self.name)

    @property
    def query(self) -> str:
        """The name of its prepared statement."""
        return self.many if self.through is None else f"{self.ids}_of_{self.table}"

    @property
    def ids(self) -> str:
        """The field of the schemas, as in tag_ids."""
        return attributes(self.field)[1]

    @property
    def owner(self) -> str:
        """The column with the key of the model that has the field, as in product_id."""
        if self.through is not None:
            return f"{reference_to(Target(self.app, self.model.name), self.through).name}_id"
        return f"{snake(self.model.name)}_id"

    @property
    def other(self) -> str:
        """The column with the key of the other model, as in tag_id."""
        if self.through is not None:
            return f"{reference_to(self.target, self.through).name}_id"
        name = f"{singular(self.field.name)}_id"
        return f"other_{name}" if name == self.owner else name

    @property
    def target(self) -> Target:
        assert self.field.target is not None
        return self.field.target

    @property
    def is_input(self) -> bool:
        return not self.field.readonly

    @property
    def is_output(self) -> bool:
        return not self.field.writeonly

    def relationship(self, *, is_defined: bool) -> Relationship:
        """Return the relationship of the field.

        Args:
            is_defined: whether the other model's class is defined above.
        """
        name = self.target.model if is_defined else f'"{self.target.model}"'
        return self._side(self.field.name, name, self.field.back, self.owner, self.other)

    def back(self) -> Relationship:
        """Return the relationship of the other model."""
        assert self.field.back is not None
        name = f'"{self.model.name}"'
        return self._side(self.field.back, name, self.field.name, self.other, self.owner)

    def _side(
        self, name: str, target: str, back: str | None, here: str, there: str
    ) -> Relationship:
        arguments = tuple(self._arguments(back, here, there))
        return Relationship(name, f"list[{target}]", arguments)

    def _arguments(self, back: str | None, here: str, there: str) -> Iterator[str]:
        yield f'secondary="{self.many}"'
        if self.target == Target(self.app, self.model.name):  # rows of one table with each other
            key = f"{self.model.name}.id"
            yield f'primaryjoin="{key} == {self.name}.{here}"'
            yield f'secondaryjoin="{key} == {self.name}.{there}"'
        elif self.through is not None and self.through.soft_delete:
            other = self.target.model if there == self.other else self.model.name
            linked = f"{other}.id == {self.name}.{there}"
            yield f'secondaryjoin="and_({linked}, {self.name}.deleted_at.is_(None))"'
        if back is not None:
            yield f'back_populates="{back}"'
        if self.through is not None:
            yield "viewonly=True"
            yield EAGER[0]
            return
        yield from EAGER
