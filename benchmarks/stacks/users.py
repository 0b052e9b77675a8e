"""Shared by all peers: the JSON of a user and of a page, and process settings."""

import gc
import os
from datetime import UTC, datetime
from math import ceil
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from uuid_utils.compat import uuid7

URL = os.environ["DATABASE_URL"]  # SQLAlchemy's form
POOL = 10  # connections


class UserCreate(BaseModel):
    email: str
    username: str
    full_name: str | None = None


class UserPatch(BaseModel):
    full_name: str | None = None


class UserRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    username: str
    full_name: str | None
    is_active: bool
    created_at: datetime
    updated_at: datetime


class UserPage(BaseModel):
    items: list[UserRead]
    total: int
    page: int
    per_page: int
    pages: int


def pages(total: int, per_page: int) -> int:
    """Return the number of pages."""
    return ceil(total / per_page)


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """Return a UUIDv7."""
    return uuid7()


def tune_collector() -> None:
    """Configure the garbage collector as Groundplan's services do at start-up."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)
