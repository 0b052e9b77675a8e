# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Bodies that change a part of a resource."""

from typing import Any

from pydantic import Field

from .schemas import Schema

# The default of a field that may be left out, but not be null: `title: str = LEFT_OUT`.
LEFT_OUT: Any = Field(default_factory=lambda: None)


class Patch(Schema):
    """A body whose fields may be left out; what is left out stays as it is."""

    def changes(self) -> dict[str, Any]:
        """The fields that the body has, by their names."""
        return {name: getattr(self, name) for name in self.model_fields_set}
