"""The names of a model, its columns by kind and the bases of its class, as the templates see them."""

from dataclasses import dataclass
from functools import cached_property

from ..fields.names import local, snake, table_of
from ..fields.spec import Model, Spec
from .across import Across
from .columns import Column


@dataclass
class ModelNames:
    """The names of a model, and of what is defined for it.

    Attributes:
        columns: the columns of its own fields.
    """

    spec: Spec
    model: Model
    columns: list[Column]

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def plural(self) -> str:
        """The plural in addresses, as in order-lines."""
        return self.model.plural

    @cached_property
    def many(self) -> str:
        """The table, as in order_lines."""
        return table_of(self.name)

    @cached_property
    def one(self) -> str:
        """The name of a row, as in order_line."""
        return snake(self.name)

    @property
    def row(self) -> str:
        """The name of a local variable with a row: no function that its tests call beside it."""
        used = {"select", "transaction"} if self.is_soft else set[str]()
        used |= {"service"} if self.passwords else set()
        return f"{self.one}_row" if self.one in used else local(self.one)

    @property
    def rows(self) -> str:
        """The name of a local variable with rows."""
        return local(self.many)

    @property
    def slugs(self) -> list[Column]:
        """Its columns that are made of another's words."""
        return [one for one in self.columns if one.field.type == "slug" and one.made]

    @property
    def contained(self) -> list[Column]:
        """The columns with an index that finds what their values contain."""
        return [column for column in self.columns if column.is_contained]

    @property
    def search(self) -> list[Column]:
        """The columns whose words lists can be searched for."""
        return [one for name in self.model.search for one in self.columns if one.name == name]

    @property
    def searched_text(self) -> str:
        """The text whose words an index has, as SQL."""
        texts = (f"coalesce({c.name}, '')" if c.is_nullable else c.name for c in self.search)
        return " || ' ' || ".join(texts)

    @property
    def searched_names(self) -> str:
        """The names of these columns, as SQL."""
        return ", ".join(column.name for column in self.search)

    @property
    def uniques(self) -> list[Across]:
        """The unique constraints across fields."""
        return [one for one in self._across() if one.constraint.kind == "unique"]

    @property
    def indexes(self) -> list[Across]:
        """The indexes across fields."""
        return [one for one in self._across() if one.constraint.kind == "index"]

    @property
    def comparisons(self) -> list[Across]:
        """The checks across fields."""
        return [one for one in self._across() if one.constraint.kind == "check"]

    @property
    def exclusions(self) -> list[Across]:
        """The constraints by which periods do not overlap."""
        return [one for one in self._across() if one.is_exclusion]

    def _across(self) -> list[Across]:
        return [Across(one, self.model) for one in self.model.constraints]

    @property
    def enums(self) -> list[Column]:
        return [column for column in self.columns if column.is_enum]

    @property
    def passwords(self) -> list[Column]:
        return [column for column in self.columns if column.field.type == "password"]

    @property
    def is_soft(self) -> bool:
        """Whether deleted rows are only marked."""
        return self.model.soft_delete

    @property
    def is_versioned(self) -> bool:
        """Whether a change of a row that has changed meanwhile is refused."""
        return self.model.versioned

    @property
    def bases(self) -> list[str]:
        """The bases of its class."""
        mixins = {"SoftDelete": self.is_soft, "Versioned": self.is_versioned}
        return ["PrimaryKey", *(name for name in mixins if mixins[name]), "Timestamps", "Base"]
