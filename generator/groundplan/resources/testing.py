"""A model as the template of its tests sees it."""

from dataclasses import dataclass

from .answers import Shape
from .layout import Call, call, flat, lay
from .samples import sample
from .views import View
from .wrong import wrong


@dataclass(frozen=True)
class Tests:
    """What the tests of a model try."""

    view: View

    @property
    def changes(self) -> str:
        """The line that makes a body of changes, which refers to nothing."""
        members = ['mode="json"']
        references = (one.name for one in self.view.own_references)
        given = [*references, *(link.ids for link in self.view.taken_links)]
        if given:
            names = ", ".join(f'"{name}"' for name in given)
            members.append(f"exclude={{{names}}}")
        return lay("changes = ", call("body.model_dump", *members), indent=4)

    @property
    def filters(self) -> str:
        """The decorator of the test of filters; nothing where there are none to test."""
        names = [
            shape.column.name
            for shape in self.view.filters
            if not (shape.column.field.readonly or self.view.is_itself(shape.column))
        ]
        return _each_of(names) if names else ""

    @property
    def sorts(self) -> str:
        """The decorator of the test of sorts."""
        unlike = {shape.column.name for shape in self.view.given if not _sorts_alike(shape)}
        return _each_of([name for name in self.view.sorts if name not in unlike])

    @property
    def wrong(self) -> str:
        """The decorator of the test of values that are refused; nothing where there are none."""
        pairs = tuple(
            f'("{shape.column.name}", {value})'
            for shape in self.view.taken
            for value in wrong(shape.column.field)
        )
        listed = Call("", pairs, ("[", "]"))
        decorator = call("", '("name", "value")', listed)
        return lay("@pytest.mark.parametrize", decorator) if pairs else ""

    @property
    def incomplete(self) -> str:
        """The line that says what is wrong with a body which has but a field that is unknown."""
        missing = [
            f'"{column.name}"'
            for column in (shape.column for shape in self.view.taken)
            if column.default is None and not column.field.null
        ]
        wrong = Call("", ('"no-such"', *missing), ("{", "}"))
        return lay("assert names == ", wrong, indent=4)

    @property
    def unique(self) -> list[str]:
        return [
            shape.column.name
            for shape in self.view.given
            if shape.column.field.unique
            and not shape.column.field.readonly
            and not self.view.is_itself(shape.column)
        ]

    @property
    def references(self) -> list[str]:
        return [
            column.name
            for column in self.view.own_references
            if not self.view.is_itself(column) and not column.is_secret
        ]


def _each_of(names: list[str]) -> str:
    listed = Call("", tuple(f'"{name}"' for name in names), ("[", "]"))
    return lay("@pytest.mark.parametrize", call("", '"name"', listed))


def _sorts_alike(shape: Shape) -> bool:
    """Whether Python sorts the values of tests as every database does, whatever its collation."""
    field = shape.column.field
    if field.type == "enum":
        return all(choice.isalpha() and choice.islower() for choice in field.choices)
    if shape.column.python == "str" and not field.readonly:
        made = flat(sample(shape) or "")
        return "token_hex" in made or "cycle" in made
    return True
