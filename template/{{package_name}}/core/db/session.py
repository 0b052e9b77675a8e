# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Units of work: a session and its one transaction, from the first statement to the commit."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from sqlalchemy.event import listens_for
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import (
    ORMExecuteState,
    Session,
    SessionTransaction,
    UOWTransaction,
    with_loader_criteria,
)
from sqlalchemy.orm.exc import StaleDataError

from .engine import get_engine, get_reading_engine
from .errors import StaleData
from .events import refuse_after_failure
from .mixins import SoftDelete

Hook = Callable[[], Awaitable[object]]
Entity = TypeVar("Entity", bound=object)

current: ContextVar[AsyncSession | None] = ContextVar("current unit of work", default=None)
_shared: AsyncConnection | None = None


class UnitOfWork(Session):
    """SQLAlchemy's session, with this project's rules."""

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        try:
            super().flush(objects)
        except StaleDataError as error:
            raise StaleData from error

    def merge(self, instance: Entity, **options: Any) -> Entity:
        try:
            return super().merge(instance, **options)
        except StaleDataError as error:
            raise StaleData from error


@listens_for(UnitOfWork, "do_orm_execute")
def leave_out_deleted_rows(state: ORMExecuteState) -> None:
    if state.execution_options.get("include_deleted") or state.is_column_load:
        return
    inherited = state.is_relationship_load and has_option(state.statement, NOT_DELETED)
    if not inherited and (state.is_select or state.is_update or state.is_delete):
        state.statement = state.statement.options(NOT_DELETED)


def has_option(statement: Any, option: object) -> bool:
    """Return whether a statement has an option, as one that loads children of a loaded row."""
    return option in statement._with_options


@listens_for(UnitOfWork, "do_orm_execute")
def refuse_statements_that_write(state: ORMExecuteState) -> None:
    if state.session.info["read_only"] and (state.is_insert or state.is_update or state.is_delete):
        raise ReadOnly


@listens_for(UnitOfWork, "after_soft_rollback")
def forget_hooks(session: Session, ended: SessionTransaction) -> None:
    if not ended.nested:
        session.info["on_commit"].clear()


@listens_for(UnitOfWork, "before_commit")
def refuse_to_commit_a_part(session: Session) -> None:
    refuse_after_failure(session.connection())


@listens_for(UnitOfWork, "before_flush")
def refuse_changes(session: Session, context: UOWTransaction, objects: object) -> None:
    if session.info["read_only"]:
        raise ReadOnly


NOT_DELETED = with_loader_criteria(
    SoftDelete, lambda model: model.deleted_at.is_(None), include_aliases=True
)


class ReadOnly(RuntimeError):
    """A unit of work that only reads was made to write: a mistake in the program."""

    def __init__(self) -> None:
        super().__init__(
            "this unit of work only reads, as a GET does: write in a POST, PUT, PATCH or DELETE, "
            "or in `async with transaction()`"
        )


@asynccontextmanager
async def transaction(
    *, read_only: bool = False, isolation_level: str | None = None
) -> AsyncGenerator[AsyncSession]:
    """Open a unit of work: commit at the end of the block, roll back on any exception.

    The connection is taken by the first statement. A block that opens another has two
    transactions, which know nothing of each other; for a part that may fail on its own, see
    `savepoint`.

    Args:
        read_only: nothing is written, and what that saves is saved: locks or round trips.
        isolation_level: for this transaction alone, such as "SERIALIZABLE".

    Raises:
        DatabaseError: of the commit, after which nothing of the block is in the database.
    """
    session = open_session(read_only=read_only)
    token = current.set(session)
    try:
        if isolation_level is not None:
            await session.connection(execution_options={"isolation_level": isolation_level})
        yield session
        if session.in_transaction():
            await session.commit()
    finally:
        current.reset(token)
        if session.in_transaction():
            await asyncio.shield(asyncio.create_task(session.close()))  # not to be cancelled twice
        else:
            session.sync_session.close()  # has nothing to wait for
    for hook in session.info["on_commit"]:
        await hook()


@asynccontextmanager
async def savepoint(session: AsyncSession) -> AsyncGenerator[AsyncSession]:
    """A part of the transaction that is undone alone when it fails; the exception goes on."""
    hooks: list[Hook] = session.info["on_commit"]
    before = len(hooks)
    try:
        async with session.begin_nested():
            yield session
    except BaseException:
        del hooks[before:]
        raise


def on_commit(session: AsyncSession, hook: Hook) -> None:
    """Have `hook` called once the transaction is committed; never when it is rolled back.

    What must happen in the world only if the rows are there: a mail, a message to a queue.
    """
    session.info["on_commit"].append(hook)


def open_session(*, read_only: bool = False) -> AsyncSession:
    """A session without the block's commit, for who closes it by `async with`."""
    return AsyncSession(
        _shared or (get_reading_engine() if read_only else get_engine()),
        sync_session_class=UnitOfWork,
        expire_on_commit=False,
        close_resets_only=False,
        join_transaction_mode="create_savepoint",
        info={"read_only": read_only, "on_commit": []},
    )


def unit_to_join() -> AsyncSession | AsyncConnection | None:
    """The unit of work that a statement is a part of, if one has begun."""
    session = current.get()
    if session is not None and (session.in_transaction() or _shared is not None):
        return session
    return _shared


@asynccontextmanager
async def everything_rolled_back() -> AsyncGenerator[AsyncConnection]:
    """For tests: every unit of work in the block is a savepoint on one connection, then undone."""
    global _shared
    async with get_engine().connect() as connection:
        await connection.begin()
        _shared = connection
        try:
            yield connection
        finally:
            _shared = None
            await connection.rollback()
