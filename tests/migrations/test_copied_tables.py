"""SQLite copies a table that it cannot alter: the copy has all that the original had."""

import pytest

from .lab import Lab

NOTE = """class Note(Base):
    __tablename__ = "notes"
    __table_args__ = {{"sqlite_autoincrement": True}}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    n: Mapped[{kind}]


class Log(Row):
    __tablename__ = "logs"
"""
OBJECTS = {
    "trigger noted": "CREATE TRIGGER noted AFTER INSERT ON notes BEGIN INSERT INTO logs VALUES (new.id); END",
    "trigger logged": "CREATE TRIGGER logged AFTER DELETE ON logs BEGIN DELETE FROM notes WHERE id = old.id; END",
    "index lower_name": "CREATE UNIQUE INDEX lower_name ON notes (lower(name)) WHERE name <> '?'",
    "view names": "CREATE VIEW names AS SELECT name FROM notes",
}


@pytest.mark.full
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_copied_table_keeps_triggers_views_and_indexes_of_expressions(project: Lab) -> None:
    project.begin(NOTE.format(kind="int | None"))
    for sql in OBJECTS.values():
        project.sql(sql)
    project.sql("INSERT INTO notes (name) VALUES ('a'), ('b'), ('z')")
    project.sql("DELETE FROM notes WHERE name = 'z'")
    before = stored(project)
    assert before.keys() > OBJECTS.keys()
    project.models(NOTE.format(kind="int"))
    project.manage("makemigrations", "--default", "notes.n=3")
    for target in ("head", "-1", "head"):
        project.manage("migrate", target)
        after = stored(project)
        assert after.keys() == before.keys()
        assert {name: after[name] for name in OBJECTS} == OBJECTS
        assert "AUTOINCREMENT" in after["table notes"]
    project.sql("INSERT INTO notes (name, n) VALUES ('c', 1)")
    project.sql("DELETE FROM logs WHERE id = 1")
    assert project.sql("SELECT id FROM logs") == [(2,), (3,), (4,)]  # 3 is not counted again
    assert project.sql("SELECT name FROM names") == [("b",), ("c",)]


@pytest.mark.full
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_dropped_column_takes_its_indexes_along_and_no_trigger(project: Lab) -> None:
    project.begin(NOTE.format(kind="int"))
    project.sql("CREATE UNIQUE INDEX lower_name ON notes (lower(name), n)")
    project.sql("CREATE INDEX sum ON notes (n + 1) WHERE n <> 'name'")
    project.sql(
        "CREATE TRIGGER named AFTER INSERT ON notes WHEN new.name = '' BEGIN SELECT raise(abort, 'no'); END"
    )
    project.models(
        NOTE.format(kind="int").replace("    name: Mapped[str] = mapped_column(String(40))\n", "")
    )
    project.manage("makemigrations")
    assert (
        "failed: the trigger named uses notes.name, which is dropped or gets another name: drop the trigger in "
        "the revision before, and create it again without name. The run is rolled back. Correct the revision, "
        "and run `migrate` again."
    ) in project.manage("migrate", expect=1).stderr
    revision = project.versions[-1]
    opened = 'op.batch_alter_table("notes", '
    options = f'{opened}table_kwargs={{"sqlite_autoincrement": False}}, '
    upgrade = f'op.execute("DROP TRIGGER named")\n    with {options}'
    assert opened in revision.read_text()
    revision.write_text(revision.read_text().replace(f"with {opened}", upgrade, 1))
    project.manage("migrate")
    after = stored(project)
    assert {"index sum", "index lower_name", "trigger named"} & after.keys() == {"index sum"}
    assert "AUTOINCREMENT" not in after["table notes"]


def stored(project: Lab) -> dict[str, str]:
    """Return the objects of the database and their definitions, by kind and name."""
    found = project.sql("SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: sql for name, sql in found if "sqlite_" not in name}
