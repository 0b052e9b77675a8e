"""Shared by the peers with logins: the JSON of a product."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class ProductRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    price: int
    created_at: datetime
    updated_at: datetime
