"""SQLite copies a table that it cannot alter: the copy has all that the original had."""

import re

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


# As SQLite stores them: what SQLAlchemy reflects partly, and what it takes for a parameter.
PARTS = {
    "table parts": 'CREATE TABLE "parts" (\n\t'
    + ", \n\t".join(
        (
            "id INTEGER NOT NULL",
            """code VARCHAR(9) COLLATE "NOCASE" CHECK /* the type's */ (length(code) <= 9) DEFAULT '{"a":1}' NOT NULL""",
            "n INTEGER CHECK /* the type's */ (n BETWEEN -2147483648 AND 2147483647)",
            "CONSTRAINT pk_parts PRIMARY KEY (id)",
            "CONSTRAINT ck_parts_code CHECK (code <> ' :n 100%')",
            "CONSTRAINT uq_parts_code UNIQUE (code)",
        )
    )
    + "\n)",
    "index newest": "CREATE INDEX newest ON parts (n DESC, code)",
    "index folded": "CREATE UNIQUE INDEX folded ON parts (code COLLATE RTRIM)\nWHERE n > 0\nAND code <> ') where :n'",
}
NOT_NULL = PARTS["table parts"].replace("2147483647)", "2147483647) NOT NULL")
ALTERED = """
    with op.batch_alter_table("parts") as batch_op:
        batch_op.alter_column("n", existing_type=sa.Integer(), nullable={nullable})
"""


@pytest.mark.full
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_copied_table_keeps_collations_orders_conditions_and_colons(project: Lab) -> None:
    for sql in PARTS.values():
        project.sql(sql.replace(":", "\\:"))
    write(project, ALTERED.format(nullable=False), ALTERED.format(nullable=True))
    for target, nullable in (("head", False), ("base", True), ("head", False)):
        project.manage("migrate", target)
        after = stored(project)
        expected = PARTS if nullable else {**PARTS, "table parts": NOT_NULL}
        assert {name: lines(after[name]) for name in PARTS} == {
            name: lines(sql) for name, sql in expected.items()
        }


@pytest.mark.full
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_indexes_follow_a_renamed_column_and_new_ones_keep_their_order(project: Lab) -> None:
    for sql in PARTS.values():
        project.sql(sql.replace(":", "\\:"))
    new = 'batch_op.create_index("oldest", ["id", sa.text("lower(code) DESC")])'
    renamed = 'batch_op.alter_column("n", new_column_name="the n")'
    altered = ALTERED.format(nullable=True)
    write(project, f"{altered}        {renamed}\n        {new}\n")
    project.manage("migrate")
    after = stored(project)
    assert after["index oldest"] == "CREATE INDEX oldest ON parts (id, lower(code) DESC)"
    assert after["index newest"] == 'CREATE INDEX newest ON parts ("the n" DESC, code)'
    assert after["index folded"] == PARTS["index folded"].replace("n > 0", '"the n" > 0')


SORTED = """class Note(Row):
    __tablename__ = "notes"
    __table_args__ = (
        Index("newest", text("n DESC"), "name"),
        Index("folded", func.lower(text("name")), unique=True),
        Index("named", text("name COLLATE NOCASE"), sqlite_where=text("n > 0 AND n < 9")),
    )

    name: Mapped[str] = mapped_column(String(40))
    n: Mapped[{kind}]
"""


@pytest.mark.full
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_indexes_of_expressions_are_created_and_compared(project: Lab) -> None:
    project.begin(SORTED.format(kind="int | None"))
    project.manage("makemigrations", "--check")
    before = {name: sql for name, sql in stored(project).items() if name.startswith("index")}
    assert list(before) == ["index folded", "index named", "index newest"]
    project.models(SORTED.format(kind="int").replace("n DESC", "n ASC"))
    project.manage("makemigrations", "--default", "notes.n=1")
    project.manage("migrate")
    project.manage("makemigrations", "--check")
    project.manage("migrate", "-1")
    after = {**stored(project), "index newest": before["index newest"]}
    assert before.items() <= after.items()


@pytest.mark.full
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_copy_that_would_lose_a_clause_is_refused(project: Lab) -> None:
    project.sql("CREATE TABLE owners (id INTEGER PRIMARY KEY)")
    project.sql(
        "CREATE TABLE parts (id INTEGER PRIMARY KEY, n INTEGER /* on conflict fail */ unique on conflict ignore, "
        "code TEXT, owner INTEGER REFERENCES owners (id) ON DELETE CASCADE, UNIQUE (code COLLATE NOCASE))"
    )
    before = stored(project)
    write(project, ALTERED.format(nullable=False))
    assert (
        "failed: the table parts has to be copied, and the copy would lose ON CONFLICT IGNORE, ON DELETE CASCADE, "
        "COLLATE NOCASE: describe the table in the revision, as a Table given to batch_alter_table as copy_from=. "
        "The run is rolled back. Correct the revision, and run `migrate` again."
    ) in project.manage("migrate", expect=1).stderr
    assert before.items() <= stored(project).items()
    described = """copy_from=sa.Table(
        "parts",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("n", sa.Integer()),
        sa.Column("code", sa.Text(collation="NOCASE")),
        sa.Column("owner", sa.Integer(), sa.ForeignKey("owners.id", ondelete="CASCADE")),
        sa.UniqueConstraint("n", sqlite_on_conflict="IGNORE"),
    )"""
    revision = project.versions[-1]
    revision.write_text(revision.read_text().replace('"parts"', f'"parts", {described}', 1))
    project.manage("migrate")
    assert "ON CONFLICT IGNORE" in stored(project)["table parts"]


MISSING = {
    "drop_column('x')": "no such column: 'x'",
    "alter_column('x', nullable=False)": "no such column: 'x'",
    "drop_constraint('x', type_='check')": "No such constraint: 'ck_notes_x'",
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("operation", MISSING)
def test_a_revision_that_changes_what_a_table_does_not_have_is_refused(
    project: Lab, operation: str
) -> None:
    project.begin(NOTE.format(kind="int"))
    write(
        project,
        f"\n    with op.batch_alter_table('notes') as batch_op:\n        batch_op.{operation}\n",
    )
    (revision,) = re.findall(r'(?m)^revision = "(\w+)"', project.versions[-1].read_text())
    assert project.manage("migrate", expect=1).stderr == (
        f"Error: revision {revision} by hand failed: {MISSING[operation]}. "
        "The run is rolled back. Correct the revision, and run `migrate` again.\n"
    )


def write(project: Lab, upgrade: str, downgrade: str = "    pass\n") -> None:
    """Write a revision by hand."""
    project.manage("makemigrations", "--empty", "-m", "by hand")
    revision = project.versions[-1]
    head, _, _ = revision.read_text().partition("def upgrade()")
    head = head.replace(
        "revision =", "import sqlalchemy as sa\nfrom alembic import op\n\nrevision =", 1
    )
    revision.write_text(
        f"{head}def upgrade() -> None:{upgrade}\n\ndef downgrade() -> None:\n{downgrade}"
    )


def lines(sql: str) -> list[str]:
    """Return the lines of a definition, whose constraints have no order."""
    return sorted(line.rstrip(", ") for line in sql.splitlines())


def stored(project: Lab) -> dict[str, str]:
    """Return the objects of the database and their definitions, by kind and name."""
    found = project.sql("SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: sql for name, sql in found if "sqlite_" not in name}
