"""`dumpdata` and `loaddata`: exact rows, in an order that loads, all or none."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from ..migrations.lab import Lab, lab
from ..support.servers import Server
from .edges import FILL, MODELS, NATIVE_MODELS, NATIVE_ROWS

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def full(database: Server, tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[Lab, Path]]:
    """A project with rows, and their dump."""
    folder = tmp_path_factory.mktemp("full")
    with lab(database, folder) as project:
        project.begin(MODELS)
        project.run(project.python, "-c", FILL)
        project.manage("dumpdata", "--output", "../rows.jsonl")
        yield project, folder / "rows.jsonl"


@pytest.fixture
def empty(full: tuple[Lab, Path], database: Server) -> Generator[Lab]:
    """The same project on an empty, migrated database."""
    other = Lab(full[0].root, database=database.create_database())
    other.manage("migrate")
    yield other
    assert other.database is not None
    database.drop_database(other.database)


REFUSED = [
    ('{"table":"nothing","row":{}}', "no model has the table 'nothing'"),
    ('{"row":{}}', 'it has no "table"'),
    ("[]", 'not a line like {"table": "posts", "row": {"id": 1}}'),
    ('{"table":"labels","row":{"name":5}}', "labels.name: Input should be a valid string, not 5"),
    ('{"table":"labels","row":{}}', "labels.name: Field required"),
    (
        '{"table":"labels","row":{"name":"x","colour":"red"}}',
        "labels.colour: Extra inputs are not permitted, not 'red'",
    ),
    (
        '{"table":"labels","row":{"name":"123456789012345678901"}}',
        "labels.name: String should have at most 20 characters, not '123456789012345678901'",
    ),
    (
        '{"table":"homes","row":{"id":"01a22686-8be5-71ff-bf37-395af57d888b","owner_id":77}}',
        "homes: ",
    ),
    (
        '{"table":"people","row":{"id":1,"name":null}}',
        "people.name: Input should be a valid string",
    ),
    ('{"table":"labels","row":{"name":"a"}}', "labels: "),
]


def rows_of(dump: str, table: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in dump.split("\n") if line]
    return [line["row"] for line in lines if line["table"] == table]


def refused(project: Lab, *lines: str) -> str:
    file = project.root / "rows.jsonl"
    file.write_text("".join(f"{line}\n" for line in lines))
    return project.manage("loaddata", "rows.jsonl", expect=1).stderr


def test_rows_come_back_exactly_and_counting_continues(full: tuple[Lab, Path], empty: Lab) -> None:
    _, file = full
    loaded = empty.manage("loaddata", str(file)).stdout
    assert loaded == (
        "Loaded 2539 rows: edges 3, labels 2, places 30, people 2500, homes 2, tagged 2.\n"
    )
    assert empty.manage("dumpdata").stdout == file.read_text()
    empty.sql("INSERT INTO people (name) VALUES ('next')")
    assert empty.sql("SELECT id FROM people WHERE name = 'next'") == [(2501,)]


def test_a_line_says_each_value_as_text_or_number(full: tuple[Lab, Path]) -> None:
    first, second, third = rows_of(full[1].read_text(), "edges")
    assert first["document"] is None
    assert third["document"] == {"$json": None}
    assert second["document"] == {"$json": {"$json": None}}
    assert second["price"] == "-99999999999999.9999"
    assert second["at"] == "2026-10-25T00:59:59.999999Z"
    assert second["mood"] == "it's \u2028 bad"
    assert second["level"] == "high"
    assert "double" not in second


def test_apps_and_models_are_chosen(full: tuple[Lab, Path]) -> None:
    project, file = full
    done = project.manage("dumpdata", "lab.Home", "lab.Label")
    tables = [json.loads(line)["table"] for line in done.stdout.splitlines()]
    assert tables == ["labels", "labels", "homes", "homes"]
    assert done.stderr == (
        "homes refers to people, which is not dumped.\nDumped 4 rows of 2 tables.\n"
    )
    assert project.manage("dumpdata", "lab").stdout == file.read_text()
    done = project.manage("dumpdata", "lab.Nothing", expect=1)
    assert done.stderr == (
        "Error: 'lab.Nothing' is not an app or a model with a table. Use one of: lab, lab.Edge, "
        "lab.Home, lab.Label, lab.Person, lab.Place.\n"
    )


def test_existing_rows_are_refused_or_updated(full: tuple[Lab, Path], empty: Lab) -> None:
    _, file = full
    empty.sql("INSERT INTO people (id, name) VALUES (2000, 'other')")
    assert empty.manage("loaddata", str(file), expect=1).stderr == (
        f"Error: {file}:2035: people has a row with id=2000. Nothing was loaded. Delete the row, or "
        "replace the fields of existing rows with --update.\n"
    )
    assert empty.sql("SELECT count(*) FROM edges") == [(0,)]
    empty.manage("loaddata", "--update", str(file))
    empty.manage("loaddata", "--update", str(file))
    assert empty.manage("dumpdata").stdout == file.read_text()


def test_an_error_names_the_line_the_field_and_the_rule(empty: Lab) -> None:
    for line, rule in REFUSED:
        error = refused(empty, '{"table":"labels","row":{"name":"a"}}', "", line)
        assert error.startswith(f"Error: rows.jsonl:3: {rule}"), line
        assert error.endswith(". Nothing was loaded. Correct the line.\n"), line
    assert empty.sql("SELECT count(*) FROM labels") == [(0,)]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_native_types_and_infinities_come_back(database: Server, tmp_path: Path) -> None:
    with lab(database, tmp_path) as project:
        project.begin(NATIVE_MODELS)
        for statement in NATIVE_ROWS:
            project.sql(statement)
        tables = ("natives", "keyeds", "counteds", "unkeyed")
        before = [project.sql(f"SELECT t::text FROM {table} t ORDER BY 1") for table in tables]
        project.manage("dumpdata", "-o", "rows.jsonl")
        for table in tables:
            project.sql(f"DELETE FROM {table}")
        project.sql("ALTER SEQUENCE counteds_id_seq RESTART")
        project.manage("loaddata", "rows.jsonl")
        after = [project.sql(f"SELECT t::text FROM {table} t ORDER BY 1") for table in tables]
        assert after == before
        for table in ("counteds", "unkeyed"):
            project.sql(f"DELETE FROM {table}")
        project.manage("loaddata", "--update", "rows.jsonl")
        after = [project.sql(f"SELECT t::text FROM {table} t ORDER BY 1") for table in tables]
        assert after == before
        project.sql("INSERT INTO counteds DEFAULT VALUES")
        assert project.sql("SELECT max(id) FROM counteds") == [(42,)]
