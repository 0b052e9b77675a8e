"""Many to many: a table of its own, and the keys of the other side in the schemas."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..fields.names import attributes, link_of, singular, snake, table_of
from ..fields.spec import Field, Model, Target
from .layout import Call, Expression, call, lay

EAGER = ('lazy="raise_on_sql"', "passive_deletes=True")


@dataclass(frozen=True)
class Link:
    """What `tags:many=Tag` of a Product becomes.

    Attributes:
        app: that the model is of.
        table, target_table: of the two models.
        key: the type of primary keys in revisions.
    """

    field: Field
    model: Model
    app: str
    table: str
    target_table: str
    key: str

    @property
    def name(self) -> str:
        """The class, as in ProductTag."""
        return link_of(self.model.name, self.field)

    @property
    def one(self) -> str:
        return snake(self.name)

    @property
    def many(self) -> str:
        """The table."""
        return table_of(self.name)

    @property
    def ids(self) -> str:
        """The field of the schemas, as in tag_ids."""
        return attributes(self.field)[1]

    @property
    def owner(self) -> str:
        """The column with the key of the model that has the field."""
        return f"{snake(self.model.name)}_id"

    @property
    def other(self) -> str:
        name = f"{singular(self.field.name)}_id"
        return f"other_{name}" if name == self.owner else name

    @property
    def target(self) -> Target:
        assert self.field.target is not None
        return self.field.target

    @property
    def is_own(self) -> bool:
        """Whether rows are linked with rows of the same table."""
        return self.target == Target(self.app, self.model.name)

    # Models

    @property
    def columns(self) -> list[str]:
        return [
            self._column(self.owner, self.table, "primary_key=True"),
            self._column(self.other, self.target_table, "primary_key=True", "index=True"),
        ]

    def _column(self, name: str, table: str, *more: str) -> str:
        key = call("ForeignKey", f'"{table}.id"', 'ondelete="CASCADE"')
        return lay(f"{name}: Mapped[Key]", call(" = mapped_column", key, *more), indent=4)

    def relationship(self, *, is_defined: bool) -> str:
        """The side of the field.

        Args:
            is_defined: whether the other model's class stands above.
        """
        name = self.target.model if is_defined else f'"{self.target.model}"'
        return self._side(self.field.name, name, self.field.back, self.owner, self.other)

    def back(self) -> str:
        """The other side."""
        assert self.field.back is not None
        name = f'"{self.model.name}"'
        return self._side(self.field.back, name, self.field.name, self.other, self.owner)

    def _side(self, name: str, target: str, back: str | None, here: str, there: str) -> str:
        members: list[Expression] = [f'secondary="{self.many}"']
        if self.is_own:
            key = f"{self.model.name}.id"
            members.append(f'primaryjoin="{key} == {self.name}.{here}"')
            members.append(f'secondaryjoin="{key} == {self.name}.{there}"')
        if back is not None:
            members.append(f'back_populates="{back}"')
        members += EAGER
        return lay(f"{name}: Mapped[list[{target}]] = ", call("relationship", *members), indent=4)

    # Queries

    @property
    def prepared(self) -> str:
        owner, other = f"{self.name}.{self.owner}", f"{self.name}.{self.other}"
        labels = Call("select", (f'{owner}.label("one_id")', f'{other}.label("other_id")'))
        where = f'.where({owner}.in_(bindparam("keys", expanding=True)))'
        statement = lay("", labels, indent=4)
        lines = [statement, f"    {where}", f"    .order_by({other}),", "    Linked,"]
        return "\n".join([f"{self.many} = prepare(", *lines, ")"])

    # Migration

    def operations(self) -> Iterator[str]:
        ends = ((self.owner, self.table), (self.other, self.target_table))
        table = call(
            "op.create_table",
            f'"{self.many}"',
            *(call("sa.Column", f'"{name}"', self.key, "nullable=False") for name, _ in ends),
            *(self._foreign_key(name, table) for name, table in ends),
            call(
                "sa.PrimaryKeyConstraint",
                f'"{self.owner}"',
                f'"{self.other}"',
                f'name=op.f("pk_{self.many}")',
            ),
        )
        yield lay("", table, indent=4)
        named = f'op.f("ix_{self.many}_{self.other}")'
        yield lay(
            "", call("op.create_index", named, f'"{self.many}"', f'["{self.other}"]'), indent=4
        )

    def _foreign_key(self, column: str, table: str) -> Call:
        return call(
            "sa.ForeignKeyConstraint",
            f'["{column}"]',
            f'["{table}.id"]',
            f'name=op.f("fk_{self.many}_{column}_{table}")',
            'ondelete="CASCADE"',
        )
