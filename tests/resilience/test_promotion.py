"""The database's primary dies under load, its standby is promoted, and it returns as the standby."""

import time
from pathlib import Path

import pytest
from sqlalchemy import URL

from ..support.deep import DEEP, scaled
from ..support.processes import eventually
from ..support.proxy import Proxy
from ..support.servers import Server
from ..support.standbys import StreamingPostgreSQL, wait_for_standbys
from .load import Load, assert_told
from .served import assert_clean_end, database_of, migrated, with_settings

pytestmark = pytest.mark.full

A_WHILE = 60.0  # seconds to wait for an event
TIMES = scaled(usual=1, deep=3)
RETURN = 2.0  # seconds from the switch to full service


def test_no_acknowledged_write_is_lost_when_the_standby_is_promoted(tmp_path: Path) -> None:
    """Commits wait for the standby, and the service connects through a proxy that is switched."""
    with (
        StreamingPostgreSQL() as first,
        StreamingPostgreSQL(primary=first) as second,
        Proxy(first.server) as proxy,
        migrated(proxy.server, tmp_path) as project,
        with_settings(project).serve() as service,
    ):
        primary, standby = first, second
        late: list[float] = []
        with Load(service) as load:
            for _ in range(TIMES):
                wait_for_standbys(primary, "*")
                assert served(load, times=5), load.summary()
                primary.kill()
                standby.promote()
                proxy.lead_to(standby.server)
                switched = time.monotonic()
                assert served(load, times=20), load.summary()
                late.append(load.last_failure() - switched)
                primary.follow(standby)
                primary, standby = standby, primary
        print("full service after", ", ".join(f"{max(0.0, it):.2f} s" for it in late))
        assert not DEEP or max(late) <= RETURN, load.summary()
        assert_told(load)
        load.assert_kept(database_of(project))
        assert service.client.get("/health/ready").status_code == 200
        assert_clean_end(service)


@pytest.mark.deep
def test_the_new_primary_is_found_among_the_servers_of_the_url(tmp_path: Path) -> None:
    """Without a proxy: the URL names both servers, and asks for one that accepts writes."""
    with (
        StreamingPostgreSQL() as first,
        StreamingPostgreSQL(primary=first) as second,
        migrated(either(second, first), tmp_path) as project,
        with_settings(project).serve() as service,
    ):
        with Load(service) as load:
            wait_for_standbys(first, "*")
            assert served(load, times=5), load.summary()
            first.kill()
            second.promote()
            assert served(load, times=5), load.summary()
        assert_told(load)
        load.assert_kept(database_of(project))
        assert_clean_end(service)


def either(*servers: StreamingPostgreSQL) -> Server:
    """Return the one of some servers that accepts writes, by asyncpg's choice."""
    account, hosts = servers[0].server.url, [f"127.0.0.1:{server.port}" for server in servers]
    url = URL.create(
        account.drivername,
        account.username,
        account.password,
        database=account.database,
        query={"host": hosts, "target_session_attrs": "read-write"},
    )
    return Server("postgresql", url)


def served(load: Load, *, times: int) -> bool:
    """Wait until each client has got `times` answers of 201 in a row, from now on."""
    since = time.monotonic()
    return eventually(lambda: load.each_was_told(201, since=since, times=times), seconds=A_WHILE)
