"""TLS to a database server whose certificate is from an authority that only the test knows."""

import shutil
from collections.abc import Generator
from typing import NamedTuple

import pytest
from sqlalchemy import URL

from ..support.authority import HOST, Authority
from ..support.private import PRIVATE, PrivateServer
from ..support.processes import group_of
from ..support.projects import Project
from ..support.servers import Server
from ..support.sql import execute
from .served import database_of, migrated, with_settings

pytestmark = pytest.mark.full

OPTIONS = {
    "postgresql": ("--ssl=on", "--ssl_cert_file={0}", "--ssl_key_file={1}", "--ssl_ca_file={2}"),
    "mariadb": ("--ssl-cert={0}", "--ssl-key={1}", "--ssl-ca={2}"),
}
CIPHER = {
    "postgresql": "SELECT cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    "mariadb": "SELECT variable_value FROM information_schema.session_status "
    "WHERE variable_name = 'ssl_cipher'",
}
# Statements that create a user who has to show a certificate.
GUARDED = {
    "postgresql": ("CREATE ROLE guarded LOGIN SUPERUSER PASSWORD 'secret'",),
    "mariadb": (
        "CREATE USER guarded@'%' IDENTIFIED BY 'secret' REQUIRE X509",
        "GRANT ALL ON *.* TO guarded@'%'",
    ),
}
DEMAND = "hostssl all guarded 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\n"
ASK = """
import asyncio, sys
from sqlalchemy import text
from my_service.core.db import transaction

async def main():
    async with transaction() as session:
        print(await session.scalar(text(sys.argv[1])))

asyncio.run(main())
"""


class Spelling(NamedTuple):
    """How a server calls the options."""

    mode: str
    ca: str
    certificate: str
    key: str
    modes: tuple[str, str, str]  # encrypted; with a known authority; with the right host name too


SPELLINGS = {
    "postgresql": Spelling(
        "sslmode", "sslrootcert", "sslcert", "sslkey", ("require", "verify-ca", "verify-full")
    ),
    "mariadb": Spelling(
        "ssl-mode", "ssl_ca", "ssl-cert", "ssl_key", ("REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY")
    ),
}


class Encrypted(NamedTuple):
    """A project on a server with TLS."""

    project: Project
    server: PrivateServer
    authority: Authority

    @property
    def spelling(self) -> Spelling:
        return SPELLINGS[self.server.name]

    def url(self, *options: tuple[str, object], host: str = HOST, guarded: bool = False) -> URL:
        """Return the URL of the database with options."""
        url = database_of(self.project).set(host=host)
        if guarded:
            url = url.set(username="guarded", password="secret")
        return url.update_query_dict({name: str(value) for name, value in options})

    def connect(self, url: URL, expect: int = 0) -> str:
        """Connect by `manage.py showmigrations`, and return what it printed as an error.

        After a failure, asyncpg does not wait until its TLS connection is closed. If the process
        ends before that, Python prints a warning, which is not an error here.
        """
        quiet = {"PYTHONWARNINGS": "error,ignore:unclosed transport:ResourceWarning"}
        project = with_settings(self.project, quiet if expect else None)
        project.database = url
        done = project.manage("showmigrations", expect=expect)
        assert "Traceback" not in done.stderr
        return done.stderr


@pytest.fixture(scope="module", params=PRIVATE)
def encrypted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Encrypted]:
    folder = tmp_path_factory.mktemp("tls")
    authority = Authority(folder / "authority")
    private = PRIVATE[request.param]()
    files = [private.folder / name for name in ("server.pem", "server.key", "ca.pem")]
    for source, file in zip((*authority.issue("server"), authority.file), files, strict=True):
        shutil.copy(source, file)
        if private.user is not None:
            shutil.chown(file, private.user, group_of(private.user))
    private.options = [option.format(*files) for option in OPTIONS[private.name]]
    with private, migrated(private.server, folder) as project:
        yield Encrypted(project, private, authority)


def test_a_connection_is_encrypted(encrypted: Encrypted) -> None:
    mode, ca, *_, modes = encrypted.spelling
    with_authority = (ca, encrypted.authority.file)
    for options in (
        [(mode, modes[0])],
        [(mode, modes[1]), with_authority],
        [(mode, modes[2]), with_authority],
        [with_authority],
    ):
        project = with_settings(encrypted.project)
        project.database = encrypted.url(*options)
        done = project.run(project.python, "-c", ASK, CIPHER[encrypted.server.name])
        assert done.stdout.startswith("TLS_"), options


def test_a_server_is_verified_as_the_mode_says(encrypted: Encrypted) -> None:
    mode, ca, *_, (_, authority, host) = encrypted.spelling
    known = (ca, encrypted.authority.file)
    unknown = encrypted.connect(encrypted.url((mode, authority)), expect=1)
    assert "certificate verify failed" in unknown
    assert len(unknown.splitlines()) == 1
    encrypted.connect(encrypted.url((mode, authority), known, host="localhost"))
    other = encrypted.connect(encrypted.url((mode, host), known, host="localhost"), expect=1)
    assert "certificate" in other


def test_a_service_shows_its_certificate(encrypted: Encrypted) -> None:
    if encrypted.server.name == "postgresql":
        rules = encrypted.server.data / "pg_hba.conf"
        rules.write_text(DEMAND + rules.read_text())
        execute(encrypted.server.server.url, "SELECT pg_reload_conf()")
    for statement in GUARDED[encrypted.server.name]:
        execute(encrypted.server.server.url, statement)
    mode, ca, certificate, key, modes = encrypted.spelling
    known = ((mode, modes[2]), (ca, encrypted.authority.file))
    encrypted.connect(encrypted.url(*known, guarded=True), expect=1)
    files = zip((certificate, key), encrypted.authority.issue("service"), strict=True)
    encrypted.connect(encrypted.url(*known, *files, guarded=True))


def test_wrong_options_end_the_start_with_one_line(encrypted: Encrypted) -> None:
    mode, ca, *_ = encrypted.spelling
    unknown = encrypted.connect(encrypted.url((mode, "strict")), expect=2)
    assert "has the TLS mode 'strict'; use require, verify-ca or verify-full" in unknown
    missing = encrypted.connect(encrypted.url((ca, "/nowhere/ca.pem")), expect=2)
    assert "files that cannot be read: /nowhere/ca.pem: No such file or directory" in missing
    empty = encrypted.authority.folder / "empty.pem"
    empty.touch()
    assert "not a certificate" in encrypted.connect(encrypted.url((ca, empty)), expect=2)


def test_every_command_connects_with_it(encrypted: Encrypted) -> None:
    mode, ca, *_, modes = encrypted.spelling
    project = with_settings(encrypted.project)
    project.database = encrypted.url((mode, modes[2]), (ca, encrypted.authority.file))
    project.manage("migrate", "--sql", "head")
    project.manage("makemigrations", "--check")
    project.manage("test", "tests/test_framework.py")  # in a database that it creates


def test_a_server_without_tls_is_refused_if_it_is_required(
    encrypted: Encrypted, private: Server
) -> None:
    mode, *_, modes = encrypted.spelling
    plain = private.url.set(database=None if private.name == "mariadb" else "postgres")
    refused = encrypted.connect(plain.update_query_dict({mode: modes[0]}), expect=1)
    assert "cannot be reached" in refused


@pytest.fixture
def private(encrypted: Encrypted) -> Generator[Server]:
    """A server of the same kind without TLS."""
    with PRIVATE[encrypted.server.name]() as plain:
        yield plain.server
