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
