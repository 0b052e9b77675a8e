"""The laws of a rendered variant: each function yields faults, one line each."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import yaml
from packaging.requirements import Requirement

from ..support import traces
from ..support.projects import mypy_cache
from .oracle import Answers, brought_by, files, plainer, reasons
from .rendering import DEFAULTS, Tree, template_files, tree

BIN = Path(sys.executable).parent
LEFT = re.compile(r"(?<!\$)\{\{|\{%|%\}|\{#")
LONGEST_FILE = 400  # lines
OF_AUTH = re.compile(
    r"core[./]auth|apps[./]users|argon2|zxcvbn|createuser|endsessions|cleartokens|changepassword"
    r"|(?-i:\bAUTH_)|PUBLIC_URL|TRUSTED_ORIGINS",
    re.IGNORECASE,
)
OF_ADMIN = re.compile(r"core[./]admin|starlette[-_]admin", re.IGNORECASE)
OF_JOBS = re.compile(r"core[./](jobs|mail)|enqueue|webhook|aiosmtplib|cronsim", re.IGNORECASE)
SILENCER = re.compile(r"# ?(noqa|type: ?ignore|pyright: ?(ignore|basic)|mypy:)")
# Where a distribution's name is another.
IMPORTED_AS = {"argon2_cffi": "argon2", "opentelemetry_api": "opentelemetry"}
# Of FastAPI, SQLAlchemy and Pydantic; and the project's own.
BROUGHT_ALONG = {"starlette", "greenlet", "annotated_types", "pydantic_core", "tests", "factories"}
INSTRUCTION = re.compile(
    r"(FROM|ARG|ENV|RUN|COPY|WORKDIR|USER|EXPOSE|HEALTHCHECK|CMD|ENTRYPOINT|VOLUME|STOPSIGNAL|LABEL) "
)


def has_its_files(found: Tree, answers: Answers) -> Iterator[str]:
    """The files are those that the oracle expects, and no folder is empty."""
    wanted = files(template_files(), answers)
    yield from (f"{name}: missing" for name in sorted(wanted - found.keys()))
    yield from (f"{name}: not of this variant" for name in sorted(found.keys() - wanted))


def is_tidy(found: Tree, _answers: Answers) -> Iterator[str]:
    """Files are short, without trailing blanks, leftover Jinja or comments that silence a check."""
    for name, text in found.items():
        lines = text.split("\n")
        if len(lines) > LONGEST_FILE + 1:
            yield f"{name}: {len(lines) - 1} lines, more than {LONGEST_FILE}"
        if "\n\n\n\n" in text:
            yield f"{name}: three blank lines in a row"
        for number, line in enumerate(lines, 1):
            if SILENCER.search(line):
                yield f"{name}:{number}: silences a check: {line.strip()}"
            if line != line.rstrip():
                yield f"{name}:{number}: a blank at the end of the line"
            if LEFT.search(line) and not _is_template(name):
                yield f"{name}:{number}: Jinja is left: {line.strip()}"
        if text and (not text.endswith("\n") or text.endswith("\n\n")):
            yield f"{name}: does not end in one newline"


def _is_template(name: str) -> bool:
    return name.endswith((".mako", ".html")) or "/mails/" in name


def parses(found: Tree, _answers: Answers) -> Iterator[str]:
    """TOML, YAML, JSON, Python and the Dockerfile can be parsed."""
    for name, text in found.items():
        if error := _syntax_error(name, text):
            yield f"{name}: {error}"


@cache
def _syntax_error(name: str, text: str) -> str | None:
    try:
        _parse(name, text)
    except (SyntaxError, ValueError, yaml.YAMLError) as error:
        return str(error)
    return None


def _parse(name: str, text: str) -> None:
    match Path(name).suffix:
        case ".toml":
            tomllib.loads(text)
        case ".yml" | ".yaml":
            yaml.safe_load(text)
        case ".json":
            json.loads(text)
        case ".py":
            compile(text, name, "exec", dont_inherit=True)
        case _ if name == "Dockerfile":
            _parse_dockerfile(text)
        case _:
            pass


def _parse_dockerfile(text: str) -> None:
    joined = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text))
    for line in filter(None, joined.splitlines()):
        if not INSTRUCTION.match(line):
            raise ValueError(f"not an instruction: {line}")


def differs_for_a_reason(found: Tree, answers: Answers) -> Iterator[str]:
    """A file equals the default variant's, except for the answers that it depends on."""
    for name, text in found.items():
        follows = reasons(name)
        plain = plainer(answers, DEFAULTS, keep=follows | brought_by(name))
        if text != tree(plain).get(name):
            yield f"{name}: differs from the default variant, not only by {sorted(follows)}"


def mentions_no_other_driver(found: Tree, answers: Answers) -> Iterator[str]:
    """No file mentions a database that the project does not use."""
    yield from sorted(traces.of_others(str(answers["driver"]), found.items()))


def mentions_no_missing_part(found: Tree, answers: Answers) -> Iterator[str]:
    """Without auth or admin, no file mentions it; without jobs, none mentions mail or webhooks."""
    missing = {"auth": OF_AUTH, "admin": OF_ADMIN, "jobs": OF_JOBS}
    for part in (part for part in missing if not answers[part]):
        for name, text in found.items():
            for number, line in enumerate(text.split("\n"), 1):
                if missing[part].search(line):
                    yield f"{name}:{number}: mentions {part}: {line.strip()}"


def names_its_dependencies(found: Tree, answers: Answers) -> Iterator[str]:
    """pyproject.toml names the driver, and each package that the code imports."""
    metadata = tomllib.loads(found["pyproject.toml"])
    named = _names(metadata["project"]["dependencies"])
    if answers["driver"] not in named:  # SQLAlchemy imports it by the name in the URL
        yield f"pyproject.toml: {answers['driver']} is missing"
    tested = named | _names(metadata["dependency-groups"]["dev"])
    for name, text in found.items():
        if name.endswith(".py"):
            known = tested if name.startswith("tests/") or name.endswith("/testing.py") else named
            for package in sorted(_imported(text) - known - BROUGHT_ALONG - {"my_service"}):
                yield f"{name}: imports {package}, which pyproject.toml does not name"


def _names(requirements: Iterable[str]) -> set[str]:
    names = (Requirement(text).name.replace("-", "_") for text in requirements)
    return {IMPORTED_AS.get(name, name) for name in names}


@cache
def _imported(text: str) -> set[str]:
    """Return the top-level packages that a file imports, except the standard library's."""
    found = set[str]()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names


def ruff(root: Path) -> Iterator[str]:
    """Ruff finds no errors and nothing to format."""
    yield from _complaints(root, "ruff", "check", "--no-cache", "--output-format=concise")
    yield from _complaints(root, "ruff", "format", "--check", "--no-cache")


def mypy(root: Path) -> Iterator[str]:
    """Mypy finds no errors, in strict mode with the project's settings."""
    yield from _complaints(root, "mypy", "--strict", "--cache-dir", str(mypy_cache()))


def pyright(*roots: Path, only: Sequence[str] = ()) -> Iterator[str]:
    """Pyright finds no errors, in strict mode with the projects' settings.

    Args:
        roots: projects for one Python, in one folder; `pyrightconfig.json` is written there.
        only: the folders to check, in place of all.
    """
    found = [
        tomllib.loads((root / "pyproject.toml").read_text())["tool"]["pyright"] for root in roots
    ]
    assert all(settings == found[0] for settings in found)
    config = {
        "typeCheckingMode": found[0]["typeCheckingMode"],
        "pythonVersion": found[0]["pythonVersion"],
        "include": [
            f"{root.name}/{name}" for root in roots for name in only or found[0]["include"]
        ],
        "executionEnvironments": [{"root": root.name} for root in roots],
    }
    folder = roots[0].parent
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    yield from _complaints(folder, "pyright", "--pythonpath", sys.executable)


def _complaints(root: Path, tool: str, *arguments: str) -> Iterator[str]:
    done = subprocess.run(
        (BIN / tool, *arguments), cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode:
        yield f"{tool}: {done.stdout}{done.stderr}"


TEXT_LAWS = (
    has_its_files,
    is_tidy,
    parses,
    differs_for_a_reason,
    mentions_no_other_driver,
    mentions_no_missing_part,
    names_its_dependencies,
)
