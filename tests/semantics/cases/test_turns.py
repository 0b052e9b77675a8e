"""After a conflict, the units of a process take turns, until they succeed at once again."""

import asyncio
from contextvars import Context
from itertools import pairwise

import pytest

from my_service.core.db.turns import FIRST, LONGEST, Turn, Turns
from my_service.settings import settings

AT_ONCE = 5


@pytest.fixture
def turns() -> Turns:
    return Turns()


async def most_at_once(turns: Turns) -> int:
    """Run units, and return how many of them ran at the same time."""
    running, most = 0, 0

    async def unit() -> None:
        nonlocal running, most
        async with Turn(turns) as turn:
            await turn.wait()
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(unit())
    return most


async def test_units_run_at_once_until_one_conflicts(turns: Turns) -> None:
    assert await most_at_once(turns) == AT_ONCE
    turns.note_conflict()
    assert await most_at_once(turns) == 1


def test_pauses_lengthen_with_conflicts_and_end_with_successes(turns: Turns) -> None:
    pauses = [turns.pause]
    for _ in range(10):
        turns.note_conflict()
        pauses.append(turns.pause)
    assert pauses[:3] == [0, FIRST, 2 * FIRST]
    assert pauses[-1] == LONGEST
    falling = [turns.pause]
    while turns.pause:
        turns.note_success()
        falling.append(turns.pause)
    assert all(later < earlier for earlier, later in pairwise(falling))


async def run(turns: Turns) -> None:
    async with Turn(turns) as turn:
        await turn.wait()


async def test_a_unit_waits_no_longer_than_for_a_connection(
    turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns.note_conflict()
    with monkeypatch.context() as patch:
        patch.setattr(settings, "db_pool_timeout", 0.1)
        async with Turn(turns) as first:
            await first.wait()
            for _ in range(2):
                await asyncio.create_task(run(turns), context=Context())
    assert await most_at_once(turns) == 1


async def test_a_unit_that_runs_inside_another_one_shares_its_turn(
    turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a request that a handler sends to its own service, also of another router or in a task."""
    monkeypatch.setattr(settings, "db_pool_timeout", 60)
    others = Turns()
    for it in (turns, others):
        it.note_conflict()

    async def work(inner: Turns) -> None:
        await asyncio.gather(run(inner), run(inner))

    async def cross(outer: Turns, inner: Turns) -> None:
        async with Turn(outer) as turn:
            await turn.wait()
            await run(inner)
            await work(inner)

    async with asyncio.timeout(20):
        await cross(turns, turns)
        await asyncio.gather(cross(turns, others), cross(others, turns))
    assert await most_at_once(turns) == 1
    assert await most_at_once(others) == 1


async def test_a_cancelled_or_failed_unit_gives_its_turn_back(turns: Turns) -> None:
    turns.note_conflict()

    async def fail() -> None:
        async with Turn(turns) as turn:
            await turn.wait()
            raise ZeroDivisionError

    waiting = asyncio.create_task(fail())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    with pytest.raises(ZeroDivisionError):
        await fail()
    assert turns.pause == FIRST
    assert await most_at_once(turns) == 1


def test_each_event_loop_has_turns(turns: Turns) -> None:
    for _ in range(2):
        turns.note_conflict()
        assert asyncio.run(most_at_once(turns)) == 1
