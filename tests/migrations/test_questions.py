"""`makemigrations` asks before it would lose rows; without a terminal it exits with the question."""

from collections.abc import Generator
from pathlib import Path

import pytest

from ..support.servers import Server
from .lab import Lab, lab

pytestmark = pytest.mark.full

POST = "class Post(Row):\n    {title}: Mapped[str] = mapped_column(String(40))\n"
NULLABLE = "class Post(Row):\n    title: Mapped[str | None] = mapped_column(String(40))\n"


@pytest.fixture
def project(sqlite: Server, tmp_path: Path) -> Generator[Lab]:
    with lab(sqlite, tmp_path) as project:
        yield project


@pytest.mark.parametrize(
    ("before", "after", "question", "answer"),
    [
        (
            POST.format(title="title"),
            POST.format(title="headline"),
            "The models no longer have the column posts.title. Was it renamed?",
            ["--rename", "posts.title:posts.headline"],
        ),
        (
            POST.format(title="title"),
            POST.format(title="title").replace("Post", "Article"),
            "The models no longer have the table posts. Was it renamed?",
            ["--rename", "posts:articles"],
        ),
        (
            POST.format(title="title"),
            POST.format(title="title") + "    views: Mapped[int]\n",
            "The new column posts.views (INTEGER) is NOT NULL. Which value should existing rows get?",
            ["--default", "posts.views=0"],
        ),
        (
            NULLABLE,
            POST.format(title="title"),
            "becomes NOT NULL. What should replace existing NULLs?",
            ["--default", "posts.title=nobody"],
        ),
        (
            POST.format(title="title"),
            "class Post(Row):\n    title: Mapped[int]\n",
            "The column posts.title changes from VARCHAR(40) to INTEGER",
            ["--default", "posts.title=cast"],
        ),
    ],
)
def test_an_open_question_writes_nothing(
    project: Lab, before: str, after: str, question: str, answer: list[str]
) -> None:
    project.begin(before)
    revisions = project.versions
    project.models(after)
    refused = project.manage("makemigrations", expect=3)
    assert question in refused.stderr
    assert f"{answer[0]} {answer[1].partition('=')[0]}" in refused.stderr
    assert refused.stdout == ""
    assert project.versions == revisions
    project.manage("makemigrations", *answer)
    assert len(project.versions) == len(revisions) + 1
    project.manage("migrate")
    project.manage("makemigrations", "--check")


def test_a_rename_is_listed_with_its_own_sign(project: Lab) -> None:
    project.begin(POST.format(title="title"))
    project.models(POST.format(title="headline"))
    told = project.manage("makemigrations", "--rename", "posts.title:posts.headline").stdout
    assert "> Rename column posts.title to headline" in told
    assert "rename_title_to_headline_in_posts" in told


def test_a_column_answered_as_dropped_is_dropped(project: Lab) -> None:
    project.begin(POST.format(title="title"))
    project.models(POST.format(title="headline").replace("[str]", "[str | None]"))
    told = project.manage("makemigrations", "--rename", "posts.title:").stdout
    assert "+ Add column posts.headline" in told
    assert "- Drop column posts.title" in told


@pytest.mark.parametrize(
    "answer",
    [
        ["--rename", "posts.title"],
        ["--rename", "posts.title:articles"],
        ["--default", "views=3"],
        ["--default", "posts.views"],
    ],
)
def test_a_malformed_answer_is_wrong_usage(project: Lab, answer: list[str]) -> None:
    assert answer[1] in project.manage("makemigrations", *answer, expect=2).stderr


@pytest.mark.parametrize(
    "answer", [["--rename", "posts.titel:posts.headline"], ["--default", "posts.votes=0"]]
)
def test_an_answer_without_a_question_is_refused(project: Lab, answer: list[str]) -> None:
    project.begin(POST.format(title="title"))
    project.models(POST.format(title="title") + "    views: Mapped[int | None]\n")
    assert answer[1] in project.manage("makemigrations", *answer, expect=2).stderr
    assert len(project.versions) == 1


def test_an_answer_without_a_question_lists_the_open_questions(project: Lab) -> None:
    project.begin(POST.format(title="title"))
    project.models(POST.format(title="headline") + "    views: Mapped[int]\n")
    told = project.manage("makemigrations", "--rename", "posts.titel:posts.headline", expect=2)
    assert "The models no longer have the column posts.title. Was it renamed?" in told.stderr
    assert "    --rename posts.title:posts.headline\n" in told.stderr
    assert "No question asks for --rename posts.titel:posts.headline." in told.stderr
    renamed = ["--rename", "posts.title:posts.headline"]
    told = project.manage("makemigrations", *renamed, "--default", "posts.votes=0", expect=2)
    assert "The new column posts.views (INTEGER) is NOT NULL." in told.stderr
    assert "No question asks for --default posts.votes=0." in told.stderr


def test_a_name_of_another_table_is_refused(project: Lab) -> None:
    project.begin(POST.format(title="title"))
    project.models(POST.format(title="headline"))
    told = project.manage("makemigrations", "--rename", "posts.title:comments.headline", expect=2)
    assert "posts.title cannot be renamed to 'comments.headline'" in told.stderr
    assert len(project.versions) == 1


def test_a_table_does_not_take_the_place_of_one_that_is_dropped(project: Lab) -> None:
    project.begin(
        POST.format(title="title") + "\n\n" + POST.format(title="text").replace("Post", "Article")
    )
    project.models(POST.format(title="title").replace("Post", "Article"))
    answers = ["--rename", "posts:articles", "--rename", "articles:"]
    assert (
        "posts cannot be renamed to 'articles': articles exists. Rename it too, or drop it in an earlier "
        "revision, made from models without articles."
    ) in project.manage("makemigrations", *answers, expect=2).stderr


def test_a_value_of_another_type_is_refused(project: Lab) -> None:
    project.begin(POST.format(title="title") + "    votes: Mapped[int | None]\n")
    project.models(POST.format(title="title") + "    votes: Mapped[int]\n    views: Mapped[int]\n")
    told = project.manage("makemigrations", "--default", "posts.views=many", expect=2).stderr
    assert "'many' is not a value of posts.views" in told
    answers = ["--default", "posts.views=0", "--default", "posts.votes=many"]
    assert (
        "'many' is not a value of posts.votes (INTEGER): Input should be a valid integer, unable to parse "
        "string as an integer. Give another value, or an SQL expression after sql:."
    ) in project.manage("makemigrations", *answers, expect=2).stderr


def test_an_empty_expression_is_refused(project: Lab) -> None:
    project.begin(POST.format(title="title"))
    project.models(POST.format(title="title") + "    views: Mapped[int]\n")
    assert (
        "'sql:' is not a value of posts.views (INTEGER): the expression is empty. "
        "Give another value, or an SQL expression after sql:."
    ) in project.manage("makemigrations", "--default", "posts.views=sql:", expect=2).stderr


@pytest.mark.parametrize("answer", ["0", "sql:0"])
def test_one_answer_does_not_convert_values_and_replace_nulls(project: Lab, answer: str) -> None:
    project.begin(NULLABLE)
    project.models("class Post(Row):\n    title: Mapped[int]\n")
    assert (
        "the column posts.title gets another type and becomes NOT NULL. Nothing was written. Change its type "
        "in one revision, while the model still allows None, and the rest in the next one."
    ) in project.manage("makemigrations", "--default", f"posts.title={answer}", expect=1).stderr
    assert len(project.versions) == 1


def test_a_dry_run_writes_nothing(project: Lab) -> None:
    project.models(POST.format(title="title"))
    assert "+ Create table posts" in project.manage("makemigrations", "--dry-run").stdout
    assert project.versions == []


def test_no_change_writes_nothing(project: Lab) -> None:
    project.begin(POST.format(title="title"))
    assert project.manage("makemigrations").stdout == "No changes detected.\n"
    assert len(project.versions) == 1


def test_a_pending_revision_is_linted_by_check(project: Lab) -> None:
    project.begin(POST.format(title="title"))
    project.models(POST.format(title="title") + "    views: Mapped[int]\n")
    told = project.manage("makemigrations", "--default", "posts.views=0").stderr
    assert "(migrations.W101) posts.views" in told
    assert "(migrations.W101)" in project.manage("check").stderr
    revision = project.versions[-1]
    noted = revision.read_text().replace(
        'alter_column("views"', 'alter_column(  # checked: migrations.W101\n            "views"'
    )
    revision.write_text(noted)
    assert "(migrations.W101)" not in project.manage("check").stderr
