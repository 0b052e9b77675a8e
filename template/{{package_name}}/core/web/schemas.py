# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The base of the schemas that apps declare for bodies and answers."""

from pydantic import BaseModel, ConfigDict


class Schema(BaseModel):
    """A body that knows its fields: others are refused, and so are NaN and infinities.

    It reads entities and rows by attribute, for answers.
    """

    model_config = ConfigDict(extra="forbid", from_attributes=True, allow_inf_nan=False)
