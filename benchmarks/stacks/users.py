"""What every peer takes and gives: the JSON of a user, of a page, and the settings of a process."""

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
    """How many pages there are."""
    return ceil(total / per_page)


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """A UUIDv7."""
    return uuid7()


def tune_collector() -> None:
    """As Groundplan's services do at start-up: every peer gets it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)
