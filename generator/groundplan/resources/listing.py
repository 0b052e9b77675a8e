"""List an app in the project's INSTALLED_APPS, and touch nothing else in the file."""

import libcst as cst
import libcst.matchers as m

NAME = "INSTALLED_APPS"


class Listed(cst.CSTTransformer):
    """Adds a name at the end of the list, in the form that the list has."""

    def __init__(self, app: str) -> None:
        self.app = app
        self.done = False

    def leave_AnnAssign(
        self, original_node: cst.AnnAssign, updated_node: cst.AnnAssign
    ) -> cst.AnnAssign:
        if not m.matches(updated_node, m.AnnAssign(m.Name(NAME), value=m.List())):
            return updated_node
        return updated_node.with_changes(value=self._longer(updated_node.value))

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign:
        named = m.Assign(targets=[m.AssignTarget(m.Name(NAME))], value=m.List())
        if not m.matches(updated_node, named):
            return updated_node
        return updated_node.with_changes(value=self._longer(updated_node.value))

    def _longer(self, value: cst.BaseExpression | None) -> cst.List:
        assert isinstance(value, cst.List)
        self.done = True
        new = cst.Element(cst.SimpleString(f'"{self.app}"'))
        if not value.elements:
            return value.with_changes(elements=[new])
        *before, last = value.elements
        if isinstance(last.comma, cst.Comma):  # one name a line
            comma = last.comma.with_changes(whitespace_after=value.lbracket.whitespace_after)
            return value.with_changes(
                elements=[
                    *before,
                    last.with_changes(comma=comma),
                    new.with_changes(comma=last.comma),
                ]
            )
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        return value.with_changes(elements=[*before, last.with_changes(comma=comma), new])


def with_app(text: str, app: str) -> str | None:
    """Return the text of settings with an app listed, or None where there is no list to be found."""
    listed = Listed(app)
    changed = cst.parse_module(text).visit(listed)
    return changed.code if listed.done else None
