"""A primary key that a revision cannot replace is refused, with the steps to take."""

import pytest

from .keys import CODE, ID, table
from .lab import Lab

GENERATED = table("posts", "id: Mapped[int] = mapped_column(primary_key=True)", CODE.format(""))
BY_CODE = table("posts", CODE.format(", primary_key=True"))
COMMENT = (
    '\n\nclass Comment(Row):\n    __tablename__ = "comments"\n\n'
    '    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))\n'
)


@pytest.mark.parametrize("database", ["postgresql", "mysql"], indirect=True)
def test_a_generated_key_is_not_replaced(project: Lab) -> None:
    project.begin(GENERATED)
    project.models(BY_CODE)
    told = project.manage("makemigrations", expect=1).stderr
    assert "the primary key of posts changes from id to code" in told
    assert "the database generates the values of id" in told
    assert "makemigrations --empty" in told
    assert len(project.versions) == 1


@pytest.mark.full
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_key_that_another_table_refers_to_is_not_replaced(project: Lab) -> None:
    project.begin(table("posts", ID, CODE.format("")) + COMMENT)
    project.models(
        table("posts", ID.replace(", autoincrement=False", "").replace("primary_key", "unique"))
        + f"    {CODE.format(', primary_key=True')}\n"
        + COMMENT
    )
    told = project.manage("makemigrations", expect=1).stderr
    assert "comments.post_id refers to id" in told
    assert "migrations.E003" in project.manage("check", expect=1).stderr


def referring(child: str, parent: str, *, refers: bool) -> str:
    """A pair of columns, and two others that refer to it or do not."""
    unique = '    __table_args__ = (UniqueConstraint("x", "y"),)\n'
    key = f'ForeignKeyConstraint(["x", "y"], ["{parent}.x", "{parent}.y"])'
    return (
        f'class {parent.title()}(Row):\n    __tablename__ = "{parent}"\n\n    x: Mapped[int]\n    y: Mapped[int]\n'
        f"{unique if refers else ''}\n\n"
        f'class {child.title()}(Row):\n    __tablename__ = "{child}"\n\n    x: Mapped[int]\n    y: Mapped[int]\n'
        + (f"    __table_args__ = ({key},)\n" if refers else "")
    )


@pytest.mark.full
def test_a_foreign_key_comes_and_goes_with_the_key_that_it_refers_to(project: Lab) -> None:
    """In whichever order the names of the tables are."""
    without, refers = (
        f"{referring('a', 'b', refers=refers)}\n\n{referring('d', 'c', refers=refers)}"
        for refers in (False, True)
    )
    project.begin(without)
    for models in (refers, without):
        project.models(models)
        project.manage("makemigrations")
        for target in ("head", "-1", "head"):
            project.manage("migrate", target)
        project.manage("makemigrations", "--check")
