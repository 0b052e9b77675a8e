"""The questions: accepted and refused answers, messages, and derived facts."""

import ast
import html
import json
import keyword
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from .support.installed import needs_of
from .support.projects import render
from .support.rules import Refused, answers, questions, reckon

ACCEPTED: Mapping[str, Sequence[str | bool]] = {
    "project_name": [
        "x",
        "N" * 60,
        "東京　サービス",
        "نرم‌افزار",
        "👨‍👩‍👧 Family",
        "\"Quoted\" 'twice' \\ back",
        "{{ 7 * 7 }} ${{ x }} {% raw %} %s",
        "# - : @ & * ! | > ` [x]",
        "null",
        "None",
        "yes",
    ],
    "project_slug": ["a", "a1-2b-c3", "s" * 60, "on", "null", "true", "django"],
    "package_name": ["a", "A_1_", "p" * 60, "on", "null", "true", "none", "match", "type", "MyApp"],
    "description": ["", " ", "tab\there", "D" * 5_000, "‮right to left", '"""', "{{ x }}", "No"],
    "author_name": ["", "Acme, Inc.", 'Ada "Countess" Lovelace', "off", "<script>"],
    "author_email": ["", "a@b.co", "first.last+tag@sub.example.org", "o'neil@xn--bcher-kva.ch"],
    "python_version": ["3.11", "3.12", "3.13", "3.14", "3.15"],
    "driver": ["asyncpg", "aiosqlite", "aiomysql"],
    "primary_key": ["uuid7", "bigint"],
    "auth": [True, True, False, False],
    "admin": [True, False, False, False],
    "jobs": [True, True, True, False],
    "example": [True, False, False, False],
    "container": [True, False],
    "ci": ["github", "gitlab", "none"],
}

PRINTABLE = "printable characters, not all blank"
ONE_LINE = "one line of text"
SLUG = "lower-case words of a-z and 0-9 joined by '-'"
IDENTIFIER = "1 to 60 ASCII letters, digits and underscores, starting with a letter"
STDLIB = "a module of Python's standard library"
DEPENDENCY = "a dependency of the project"
FOLDER = "a file or folder that the project or its tools use"
ADDRESS = "an ASCII email address"

REFUSED = {
    ("project_name", PRINTABLE): [
        *("", " ", "\u200d", "N" * 61, "a\nb", "a\r", "a\tb", "a\x1b[1m", "a\u2028b"),
        *("a\u200bb", "\u202eevil", "\ufeffx", "\ue000"),
    ],
    ("project_slug", SLUG): [
        *("", "1st", "my_service", "My-Service", "-a", "a-", "a--b", "a b", "é", "s" * 61, "a\n"),
    ],
    ("project_slug", "no dependency of the project has"): [
        "fastapi",
        "ruff",
        "uv",
        "typing-extensions",
    ],
    ("package_name", IDENTIFIER): [
        *("", "1st", "_a", "my-service", "my service", "a.b", "été", "\uff46ull", "p" * 61, "a\n"),
    ],
    ("package_name", "a Python keyword"): ["class", "async", "None", "True"],
    ("package_name", STDLIB): ["email", "test", "asyncore", "annotationlib", "cProfile"],
    ("package_name", DEPENDENCY): ["sqlalchemy", "dotenv", "click", "Click", "aiomysql", "pip"],
    ("package_name", FOLDER): ["tests", "Tests", "migrations", "manage", "Dockerfile", "build"],
    ("description", ONE_LINE): ["a\nb", "a\r\nb", "a\x00b", "a\x85b", "a\u2029b", "\ufffe"],
    ("author_name", ONE_LINE): ["Ada\nLovelace", "\x1b[31mAda", "\x7f"],
    ("author_email", ADDRESS): [
        *("ada", "ada@example", "@example.org", "a b@example.org", "ada@example.org\n", "a@b..org"),
        *("ada@-x.org", 'a"@b.org', "a..b@c.org", "é@example.org", "a@é.org", "a@b@c.org"),
        f"{'a' * 250}@b.co",
    ],
}

DERIVED = {  # from a project's name: its slug and its package name
    "My Service": ("my-service", "my_service"),
    "42 Things": ("service-42-things", "service_42_things"),
    "7" * 60: ("service-" + "7" * 52, "service_" + "7" * 52),
    "東京": ("my-service", "my_service"),
    "🚀": ("my-service", "my_service"),
    "Café Łódź Straße": ("cafe-lodz-strasse", "cafe_lodz_strasse"),
    "Cafe\u0301": ("cafe", "cafe"),
    "Bob's & Ann\u2019s": ("bobs-anns", "bobs_anns"),
    "x" * 56 + " ß y": ("x" * 56 + "-ss", "x" * 56 + "_ss"),
    "Email": ("email", "email_service"),
    "class": ("class", "class_service"),
    "None": ("none", "none"),
    "Tests": ("tests", "tests_service"),
    "Django": ("django", "django"),
    "FastAPI": ("fastapi-service", "fastapi_service"),
    "Typing Extensions": ("typing-extensions-service", "typing_extensions_service"),
}

PROPERTY = settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CHARACTERS = st.characters(
    exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufffe\uffff"
)
TEXT = st.text(st.sampled_from("'\"\\\t {}$%#*_`[]<>&;|~!-+=.)1a") | CHARACTERS)


@pytest.mark.parametrize("row", range(max(map(len, ACCEPTED.values()))))
def test_accepted_answers_are_not_changed(row: int) -> None:
    given = {name: values[row] for name, values in ACCEPTED.items() if row < len(values)}
    facts = answers(**given)
    assert {name: facts[name] for name in given} == given


@pytest.mark.parametrize(
    ("question", "value", "rule"),
    [(question, value, rule) for (question, rule), values in REFUSED.items() for value in values],
)
def test_a_refusal_names_value_rule_and_example(question: str, value: str, rule: str) -> None:
    with pytest.raises(Refused) as refusal:
        reckon(**{question: value})
    sentence = str(refusal.value)
    shown = value if len(value) <= 80 else f"{value[:79]}…"
    assert sentence.startswith(f"Validation error for question '{question}': got {shown!r}, ")
    assert rule in sentence
    assert "\n" not in sentence
    example = sentence.rpartition("such as '")[2].partition("'")[0]
    assert reckon(**{question: example})[question] == example


@pytest.mark.parametrize(("rule", "values"), REFUSED.items())
def test_copier_prints_the_rules_message(rule: tuple[str, str], values: list[str]) -> None:
    answer = {rule[0]: values[-1]}
    with pytest.raises(Refused) as reckoned:
        reckon(**answer)
    with pytest.raises(Refused) as refusal:
        answers(**answer)
    assert str(refusal.value) == str(reckoned.value)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"auth": True, "jobs": False},
            "'jobs': got no, want yes: auth=yes includes background jobs, which send its mails",
        ),
        (
            {"auth": False, "example": True},
            "'example': got yes, want no with auth=no: the example apps need users to log in",
        ),
        (
            {"auth": False, "admin": True},
            "'admin': got yes, want no with auth=no: the admin needs users to log in",
        ),
    ],
)
def test_answers_that_do_not_fit_together_are_refused(
    given: dict[str, bool], sentence: str
) -> None:
    for evaluate in (answers, reckon):
        with pytest.raises(Refused) as refusal:
            evaluate(**given)
        assert str(refusal.value) == f"Validation error for question {sentence}"


@pytest.mark.parametrize("question", ["auth", "jobs", "example"])
def test_users_jobs_and_the_example_are_included_by_default(question: str) -> None:
    assert answers()[question] is reckon()[question] is True


def test_the_example_is_off_without_users() -> None:
    assert answers(auth=False)["example"] is reckon(auth=False)["example"] is False


@pytest.mark.parametrize("question", ["python_version", "driver", "primary_key", "ci"])
def test_a_choice_that_is_not_offered_is_refused(question: str) -> None:
    with pytest.raises(Refused, match=f"Invalid choice for '{question}': 'other' is not in "):
        answers(**{question: "other"})


@pytest.mark.parametrize(("name", "derived"), DERIVED.items())
def test_a_name_gives_valid_defaults(name: str, derived: tuple[str, str]) -> None:
    given = answers(project_name=name)
    assert (given["project_slug"], given["package_name"]) == derived
    assert reckon(project_name=name) == given


@PROPERTY
@given(TEXT.filter(lambda name: _accepted("project_name", name)))
def test_every_accepted_name_gives_valid_defaults(name: str) -> None:
    reckon(project_name=name)


@PROPERTY
@given(st.from_regex(r"[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,9}){0,4}", fullmatch=True))
def test_every_accepted_slug_gives_a_valid_package(slug: str) -> None:
    if _accepted("project_slug", slug):
        reckon(project_slug=slug)


def test_no_default_is_a_taken_name() -> None:
    facts = reckon()
    taken = [facts["keywords"], facts["taken_distributions"], *facts["taken_packages"].values()]
    for name in " ".join(taken).split():
        reckon(project_name=name)


def test_each_question_has_one_line_of_help() -> None:
    for name, question in questions().items():
        if question.get("when") is not False:
            assert question["help"].splitlines() == [question["help"]], name


def test_keywords_are_pythons() -> None:
    assert reckon()["keywords"].split() == sorted(keyword.kwlist, key=str.lower)


def test_every_standard_library_module_is_taken() -> None:
    public = {name for name in sys.stdlib_module_names if not name.startswith("_")}
    assert public <= set(reckon()["taken_packages"][STDLIB].split())


def test_every_dependency_is_taken(tmp_path: Path) -> None:
    """The lists in copier.yml are the distributions that projects install, with any driver."""
    requirements: set[str] = set()
    for driver in ACCEPTED["driver"]:
        project = tomllib.loads(
            render(tmp_path / str(driver), driver=driver, example=False)
            .joinpath("pyproject.toml")
            .read_text()
        )
        requirements |= {*project["project"]["dependencies"], *project["dependency-groups"]["dev"]}
    needed = needs_of(requirements)
    facts = reckon()
    installers = {"hatchling", "pip", "setuptools", "uv", "wheel"}
    assert set(facts["taken_distributions"].split()) == needed.distributions | installers
    assert set(facts["taken_packages"][DEPENDENCY].split()) == (
        needed.packages | installers | {"pkg_resources"}
    )


def test_every_name_next_to_the_package_is_taken(tmp_path: Path) -> None:
    project = render(tmp_path)
    taken = reckon()["taken_packages"][FOLDER].split()
    beside = {path.name for path in project.iterdir()} - {"my_service"}
    ignored = project.joinpath(".gitignore").read_text().splitlines()
    for name in {*beside, *(line.strip("/") for line in ignored)}:
        if name.isidentifier() and name[0].isalpha():
            assert name.lower() in taken


@PROPERTY
@given(TEXT)
def test_quoted_text_parses_to_the_same_text(text: str) -> None:
    facts = reckon(description=text, author_name=text)
    for quoted in (facts["description_dq"], facts["author_name_dq"]):
        assert tomllib.loads(f"x = {quoted}") == {"x": text}
        assert yaml.safe_load(f"x: {quoted}") == {"x": text}
        assert json.loads(quoted) == text
    assert ast.literal_eval(facts["description_py"]) == text


@PROPERTY
@given(TEXT.filter(lambda name: _accepted("project_name", name)))
def test_a_quoted_name_parses_to_the_same_name(name: str) -> None:
    facts = reckon(project_name=name)
    assert json.loads(facts["project_name_dq"]) == name
    assert ast.literal_eval(facts["project_name_py"]) == name


@settings(PROPERTY, max_examples=15)
@given(st.lists(TEXT, min_size=20, max_size=60))
def test_python_strings_are_formatted(texts: list[str]) -> None:
    lines = [f"    {reckon(description=text)['description_py']},\n" for text in texts]
    source = "".join(["texts = [\n", *lines, "]\n"])
    done = subprocess.run(
        (sys.executable, "-m", "ruff", "format", "--isolated", "-"),
        input=source.encode(),
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode() == source


@pytest.mark.parametrize(
    ("mark", "element"), [("", "<p>{}</p>\n"), ("# ", "<h1>{}</h1>\n"), ("a\n", "<p>a\n{}</p>\n")]
)
@PROPERTY
@given(text=TEXT.filter(str.strip))
def test_markdown_renders_to_the_same_text(mark: str, element: str, text: str) -> None:
    markdown = MarkdownIt("commonmark").enable(["strikethrough", "table"])
    shown = markdown.render(mark + reckon(description=text)["description_md"] + "\n")
    assert html.unescape(shown) == element.format(text.strip())


@pytest.mark.parametrize("package", ["postgres", "mysql", "Root", "pg_stats", "public"])
def test_no_database_gets_a_reserved_name(package: str) -> None:
    facts = reckon(package_name=package, driver="asyncpg")
    assert facts["database_name"] == facts["database_user"] == f"app_{package}"


def test_database_names_are_short_enough_for_the_servers() -> None:
    facts = reckon(package_name="p" * 60, driver="aiomysql")
    assert (facts["database_name"], facts["database_user"]) == ("p" * 58, "p" * 32)
    user = "p" * 32
    assert facts["database_url"] == f"mysql+aiomysql://{user}:{user}@localhost:3306/{'p' * 58}"


def _accepted(question: str, value: str) -> bool:
    try:
        reckon(**{question: value})
    except Refused as refusal:
        return f"'{question}'" not in str(refusal)
    return True
