"""`check` finds models that cannot be mapped, and statements that cannot be compiled."""

import pytest

from .lab import Lab

PERSON = 'class Person(Row):\n    __tablename__ = "people"\n\n'
AMBIGUOUS = (
    "from sqlalchemy.orm import relationship\n\n\n"
    + PERSON
    + '\n\nclass Letter(Row):\n    __tablename__ = "letters"\n\n'
    '    sender_id: Mapped[int] = mapped_column(ForeignKey("people.id"))\n'
    '    reader_id: Mapped[int] = mapped_column(ForeignKey("people.id"))\n'
    "    sender: Mapped[Person] = relationship()\n"
)
QUERIES = """from dataclasses import dataclass

from sqlalchemy import any_, literal, select
from sqlalchemy.dialects.postgresql import array

from ...core.db import prepare, prepare_delete
from .models import Person


@dataclass
class Pair:
    id: int
    both: list[int]


pairs = prepare(select(Person.id, array([1, 2]).label("both")), Pair)
erase = prepare_delete(Person, literal(1) == any_(array([1, 2])))
"""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_relationship_without_its_foreign_key_is_reported(project: Lab) -> None:
    project.models(AMBIGUOUS)
    told = project.manage("check", "--tag", "apps", expect=1).stderr
    assert "(apps.E003) The installed apps cannot be used" in told
    assert "Letter.sender" in told


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_statement_that_the_database_does_not_know_is_reported(project: Lab) -> None:
    project.models(PERSON + "    pass\n")
    project.root.joinpath("my_service/apps/lab/queries.py").write_text(QUERIES)
    told = project.manage("check", "--tag", "apps", expect=1).stderr
    for name in ("pairs", "erase"):
        assert f"The prepared statement apps.lab.queries.{name} cannot be compiled" in told
    assert "(apps.E004)" in told
