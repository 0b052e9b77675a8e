# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The data layer. Apps import from here: `from ...core.db import Base, Repository`."""

from .base import Base
from .engine import dispose_engine, get_engine, make_engine, ping
from .errors import (
    CheckViolated,
    Conflict,
    DatabaseError,
    Duplicate,
    ForeignKeyViolated,
    InvalidCursor,
    InvalidValue,
    LockTimeout,
    NotFound,
    OutcomeUnknown,
    ReadOnly,
    Required,
    StaleData,
    Unavailable,
    UnitFailed,
)
from .events import Statement, on_statement
from .exact import escape_like, utc_now
from .listing import Listing
from .mixins import (
    BigIntPrimaryKey,
    Key,
    PrimaryKey,
    Slugged,
    SoftDelete,
    Timestamps,
    UUIDPrimaryKey,
    Versioned,
)
from .pagination import Page, Scroll
from .prepared import Prepared, prepare
from .repository import Repository
from .retry import retry_on_conflict
from .session import on_commit, open_session, savepoint, transaction
from .types import (
    BigIntKey,
    Duration,
    ExactDecimal,
    FiniteFloat,
    Json,
    ListOf,
    TimeOfDay,
    UTCDateTime,
    enum_by_value,
)
from .writes import (
    PreparedDelete,
    PreparedInsert,
    PreparedUpdate,
    prepare_delete,
    prepare_insert,
    prepare_update,
)

__all__ = [
    "Base",
    "BigIntKey",
    "BigIntPrimaryKey",
    "CheckViolated",
    "Conflict",
    "DatabaseError",
    "Duplicate",
    "Duration",
    "ExactDecimal",
    "FiniteFloat",
    "ForeignKeyViolated",
    "InvalidCursor",
    "InvalidValue",
    "Json",
    "Key",
    "ListOf",
    "Listing",
    "LockTimeout",
    "NotFound",
    "OutcomeUnknown",
    "Page",
    "Prepared",
    "PreparedDelete",
    "PreparedInsert",
    "PreparedUpdate",
    "PrimaryKey",
    "ReadOnly",
    "Repository",
    "Required",
    "Scroll",
    "Slugged",
    "SoftDelete",
    "StaleData",
    "Statement",
    "TimeOfDay",
    "Timestamps",
    "UTCDateTime",
    "UUIDPrimaryKey",
    "Unavailable",
    "UnitFailed",
    "Versioned",
    "dispose_engine",
    "enum_by_value",
    "escape_like",
    "get_engine",
    "make_engine",
    "on_commit",
    "on_statement",
    "open_session",
    "ping",
    "prepare",
    "prepare_delete",
    "prepare_insert",
    "prepare_update",
    "retry_on_conflict",
    "savepoint",
    "transaction",
    "utc_now",
]
