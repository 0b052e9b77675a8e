# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Bodies of PATCH requests."""

from typing import Any

from pydantic import Field

from .schemas import Schema

# The default of a field that may be omitted but not null: `title: str = LEFT_OUT`.
LEFT_OUT: Any = Field(default_factory=lambda: None)


class Patch(Schema):
    """A body whose fields may be omitted. Omitted fields keep their values."""

    def changes(self) -> dict[str, Any]:
        """Return the fields in the body, by name."""
        return {name: getattr(self, name) for name in self.model_fields_set}
