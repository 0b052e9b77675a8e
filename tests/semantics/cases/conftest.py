"""How tables are emptied, and how many examples the properties are tried on: few, the same each time, or many new."""

from collections.abc import AsyncGenerator
from functools import cache

import pytest
from hypothesis import HealthCheck, Phase, settings
from sqlalchemy import Table, literal, select

from my_service.core.db import Base, get_engine
from my_service.core.db.session import everything_rolled_back
from my_service.core.management.comparison import mark_cycles

unhurried = settings(
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.register_profile(
    "quick",
    unhurried,
    max_examples=12,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # smaller counterexamples are sought by "deep"
)
settings.register_profile("deep", unhurried, max_examples=400)
settings.load_profile("quick")


@pytest.fixture
async def isolated(database: None, request: pytest.FixtureRequest) -> AsyncGenerator[None]:
    """Do what the project's fixture does, but empty only tables with rows.

    Otherwise a thousand tests empty sixty tables each, which takes as long as all the rest.
    """
    if request.node.get_closest_marker("commits") is None:
        async with everything_rolled_back():
            yield
        return
    yield
    query = select(*(select(literal(1)).select_from(table).exists() for table in _tables()))
    async with get_engine().begin() as connection:
        [filled] = await connection.execute(query)
        for table in (table for table, has_rows in zip(_tables(), filled, strict=True) if has_rows):
            await connection.execute(table.delete())


@cache
def _tables() -> list[Table]:
    """Return the tables; those that refer to others come first."""
    mark_cycles(Base.metadata.tables.values())
    return Base.metadata.sorted_tables[::-1]
