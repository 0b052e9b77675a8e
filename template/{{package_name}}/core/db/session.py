# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Units of work: a session and its one transaction, from the first statement to the commit."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
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

from .engine import engine_to_read, get_engine, note_write, reads
from .errors import Conflict, OtherTask, ReadOnly, StaleData, UnitFailed
from .events import known_error
from .mixins import SoftDelete

logger = logging.getLogger(__name__)

Hook = Callable[[], Awaitable[object]]
Entity = TypeVar("Entity", bound=object)

current: ContextVar[AsyncSession | None] = ContextVar("current unit of work", default=None)
# One entry for each commit of a request that runs again after a conflict if it has committed nothing.
commits: ContextVar[list[None]] = ContextVar("commits")
_shared: AsyncConnection | None = None
_shared_turn = asyncio.Lock()


class UnitOfWork(Session):
    """SQLAlchemy's session, with this project's rules.

    Its `info`: `read_only`; and of `transaction()`, its `on_commit` hooks, the `task` that uses it,
    and whether it is `open`.
    """

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


@listens_for(Session, "do_orm_execute")
def leave_out_deleted_rows(state: ORMExecuteState) -> None:
    if state.execution_options.get("include_deleted") or state.is_column_load:
        return
    statement: Any = state.statement
    # The statement that loads children of a row inherits the option.
    inherited = state.is_relationship_load and NOT_DELETED in statement._with_options
    if not inherited and (state.is_select or state.is_update or state.is_delete):
        state.statement = statement.options(NOT_DELETED)


@listens_for(UnitOfWork, "do_orm_execute")
def refuse_statements_that_write(state: ORMExecuteState) -> None:
    writes = state.is_insert or state.is_update or state.is_delete
    if writes and state.session.info.get("read_only"):
        raise ReadOnly


@listens_for(UnitOfWork, "after_soft_rollback")
def forget_hooks(session: Session, ended: SessionTransaction) -> None:
    if not ended.nested:
        session.info.get("on_commit", []).clear()


@listens_for(UnitOfWork, "before_commit")
def refuse_to_commit_after_failure(session: Session) -> None:
    """Refuse to commit a unit of work after an error.

    Databases treat a COMMIT after a failed statement differently: one rolls back and reports
    success, another has begun a new transaction meanwhile, a third commits the rest.
    """
    connection = session.connection()
    if connection.invalidated or connection.get_execution_options().get("read_only"):
        return
    if connection.info.get("failed"):
        raise UnitFailed


@listens_for(UnitOfWork, "before_flush")
def refuse_changes(session: Session, context: UOWTransaction, objects: object) -> None:
    if session.info.get("read_only"):
        raise ReadOnly


NOT_DELETED = with_loader_criteria(
    SoftDelete, lambda model: model.deleted_at.is_(None), include_aliases=True
)


@asynccontextmanager
async def transaction(
    *, read_only: bool = False, isolation_level: str | None = None
) -> AsyncGenerator[AsyncSession]:
    """Open a unit of work: commit at the end of the block, roll back on any exception.

    The first statement takes the connection. Prepared statements in the block are part of the
    unit. A block inside another is an independent transaction; for a part that may fail on its own,
    see `savepoint`.

    Args:
        read_only: refuse writes, and save their locks or round trips.
        isolation_level: for this transaction only, such as "SERIALIZABLE".

    Raises:
        OutcomeUnknown: the connection was lost during the commit.
        DatabaseError: the commit failed; nothing of the block was written.
    """
    if not read_only:
        note_write()
    outer, session = current.get(), open_session(read_only=read_only)
    hooks: list[Hook] = []
    session.info.update(on_commit=hooks, task=asyncio.current_task(), open=True)
    current.set(session)
    try:
        if isolation_level is not None and _shared is None:
            try:
                await session.connection(execution_options={"isolation_level": isolation_level})
            except Exception as error:  # SQLAlchemy may set the level without calling our hooks
                if known := known_error(error, lost=False):
                    raise known from error
                raise
        yield session
        if session.in_transaction():
            with nullcontext() if read_only else committing():
                await session.commit()
    finally:
        session.info["open"] = False
        current.set(outer)  # no token: an abandoned generator is closed in another context
        if session.in_transaction():
            await asyncio.shield(asyncio.create_task(session.close()))  # not to be cancelled twice
        else:
            session.sync_session.close()  # no connection: nothing to wait for
    for hook in hooks:
        try:
            await hook()
        except Exception:
            logger.exception("a hook of on_commit failed; its transaction is committed")


@contextmanager
def committing() -> Generator[None]:
    """Note in `commits` that the block has committed, or may have."""
    noted = commits.get([])
    noted.append(None)
    try:
        yield
    except Conflict:  # nothing was committed
        noted.pop()
        raise


@asynccontextmanager
async def savepoint(session: AsyncSession) -> AsyncGenerator[AsyncSession]:
    """A part of a transaction: an exception rolls back the part alone, and propagates."""
    hooks: list[Hook] = session.info.get("on_commit", [])
    before = len(hooks)
    try:
        lone = session.info.get("read_only") and await session.run_sync(is_autocommit)
        async with nullcontext() if lone else session.begin_nested():
            yield session
    except BaseException:
        del hooks[before:]
        raise


def is_autocommit(session: Session) -> bool:
    """Whether each statement is a transaction by itself."""
    return session.connection().get_execution_options().get("isolation_level") == "AUTOCOMMIT"


def on_commit(session: AsyncSession, hook: Hook) -> None:
    """Call `hook` after the transaction is committed; never when it is rolled back.

    For effects outside the database, such as a mail. An error of a hook is logged: the other hooks
    still run, and the unit of work has succeeded.

    Args:
        session: of a `transaction()`, or of a route.
        hook: an async function without arguments.

    Raises:
        TypeError: another session, whose commit calls no hooks.
    """
    if "on_commit" not in session.info:
        raise TypeError("on_commit needs the session of a `transaction()`: only that calls hooks")
    session.info["on_commit"].append(hook)


def open_session(*, read_only: bool = False) -> AsyncSession:
    """A session that does not commit on exit; close it with `async with`."""
    return AsyncSession(
        _shared or (engine_to_read() if read_only else get_engine()),
        sync_session_class=UnitOfWork,
        expire_on_commit=False,
        close_resets_only=False,
        join_transaction_mode="create_savepoint",
        info={"read_only": read_only},
    )


def unit_to_join() -> AsyncSession | AsyncConnection | None:
    """The open unit of work that a statement of this task is part of, or None.

    A unit whose task has ended, as that of a fixture, belongs to the next task that uses it.
    """
    session = current.get()
    if session is None or not session.info["open"]:
        return _shared
    task, owner = asyncio.current_task(), session.info["task"]
    if task is not owner:
        if owner is not None and not owner.done():
            raise OtherTask
        session.info["task"] = task
    return session


@contextmanager
def on_primary() -> Generator[None]:
    """A block whose statements never read a replica. Its writes do not keep the client from one.

    An open unit of work that is read-only is left aside: the statements are not part of it.
    """
    unit, reading = current.get(), reads.set(None)
    token = current.set(None if unit is not None and unit.info["read_only"] else unit)
    try:
        yield
    finally:
        current.reset(token)
        reads.reset(reading)


@asynccontextmanager
async def open_unit() -> AsyncGenerator[AsyncSession]:
    """The open unit of work, or a new one; on the tests' shared connection one at a time."""
    unit = unit_to_join()
    if isinstance(unit, AsyncSession):
        yield unit
        return
    async with _shared_turn if _shared else nullcontext(), transaction() as session:
        yield session


@asynccontextmanager
async def undone_if_failed(shared: AsyncConnection) -> AsyncGenerator[None]:
    """Undo what fails on the tests' shared connection, for which later statements could not run.

    The savepoint is not released: a unit of work of another task may have begun within it.
    """
    await shared.exec_driver_sql("SAVEPOINT alone")
    failed = shared.info.get("failed", False)
    try:
        yield
    except Exception:
        await shared.exec_driver_sql("ROLLBACK TO SAVEPOINT alone")
        shared.info["failed"] = failed
        raise


@asynccontextmanager
async def everything_rolled_back() -> AsyncGenerator[AsyncConnection]:
    """For tests: each unit of work in the block is a savepoint on one connection, rolled back."""
    global _shared
    async with get_engine().connect() as connection:
        await connection.begin()
        _shared = connection
        try:
            yield connection
        finally:
            _shared = None
            await connection.rollback()
