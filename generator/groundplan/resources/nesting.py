"""The model below whose routes another model's are: what the templates call `model.parent`."""

from dataclasses import dataclass

from ..fields.hidden import generated, reads_own
from ..fields.names import table_of
from ..fields.spec import Field, Model, Spec, Target
from ..projects import Project


@dataclass(frozen=True)
class Parent:
    """The parent of a model.

    Attributes:
        field: the reference to it.
        target: the model.
        plural: as in its address.
        is_hidden: whether only its owner reads a row.
        is_soft: whether a route of the same spec marks a row as deleted.
        is_found: whether each route looks it up, because rows below may outlive it or are hidden.
    """

    field: Field
    target: Target
    plural: str
    is_hidden: bool
    is_soft: bool
    is_found: bool

    @property
    def name(self) -> str:
        """The class, as in Post."""
        return self.target.model

    @property
    def one(self) -> str:
        """The name of a row, which the reference has, as in post."""
        return self.field.name

    @property
    def column(self) -> str:
        """The column and the part of the address, as in post_id."""
        return f"{self.field.name}_id"

    def address(self, plural: str) -> str:
        """Return the address of rows below, as in /posts/{post_id}/comments."""
        return f"/{self.plural}/{{{self.column}}}/{plural}"


def parent_context(project: Project, spec: Spec, model: Model) -> Parent | None:
    """Return the parent of a model, if its routes are below another's."""
    field, target = model.parent, model.under
    if field is None or target is None:
        return None
    above = generated(target, spec, project)
    table = project.model(target).table if above is None else None
    plural = above.plural if above else (table or table_of(target.model)).replace("_", "-")
    is_hidden = model.write != "staff" and reads_own(target, spec, project)
    marked = (one for one in spec.models if one.soft_delete and "delete" in one.routes)
    is_soft = target in (Target(spec.app, one.name) for one in marked)
    is_there = target in project.models()
    outlived = (above is not None and above.soft_delete) or (
        is_there and "deleted_at" in project.inherited(target)
    )
    return Parent(field, target, plural, is_hidden, is_soft, is_hidden or outlived)
