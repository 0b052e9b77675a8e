# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The base class of schemas for bodies and answers."""

from pydantic import BaseModel, ConfigDict


class Schema(BaseModel):
    """A schema that refuses unknown fields, NaN and infinities, and can read entities and rows."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, allow_inf_nan=False)
