"""`manage.py dbshell` opens the database of the URL, however that spells its server."""

import pytest

from ..support.processes import free_port
from ..support.projects import Project, render
from ..support.servers import Server

pytestmark = pytest.mark.full

QUERY = "SELECT current_database(), inet_server_port()"
ELSEWHERE = {"PGHOST": "192.0.2.1", "PGPORT": "1"}


def test_psql_gets_all_servers_of_the_url(
    postgresql: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = render(tmp_path_factory.mktemp("dbshell") / "project", driver=postgresql.driver)
    url = postgresql.create_database()
    server = url.set(host="", port=None)._replace(host=None, port=None)
    here, closed = f"{url.host}:{url.port}", f"127.0.0.1:{free_port()}"
    spellings = (
        url,
        server.update_query_dict({"host": here}),
        server.update_query_dict({"host": [closed, here], "target_session_attrs": "read-write"}),
        server.update_query_dict(
            {"host": f"127.0.0.1,{url.host}", "port": f"{closed.rpartition(':')[2]},{url.port}"}
        ),
    )
    for spelling in spellings:
        project = Project(root, database=spelling, settings=ELSEWHERE)
        shown = project.manage("dbshell", "--", "-XAtc", QUERY).stdout
        assert shown == f"{url.database}|{url.port}\n"
