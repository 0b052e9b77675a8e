"""The name of a model."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A model, as `app.Model` names it."""

    app: str
    model: str

    def __str__(self) -> str:
        return f"{self.app}.{self.model}" if self.app else self.model
