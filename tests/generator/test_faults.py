"""Errors of files, the disk, git and templates rather than of arguments: each whole message."""

import errno
import json
import resource
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib.metadata import Distribution
from pathlib import Path, PurePosixPath
from typing import NoReturn

import pytest
from plumbum import ProcessExecutionError

from groundplan import template
from groundplan.changes import journal
from groundplan.changes.fingerprint import fingerprint
from groundplan.changes.plan import FilePlan, make, read
from groundplan.editing.source import Source, Unsafe
from groundplan.errors import Refusal
from groundplan.fields import requests, rules, toml
from groundplan.git import GitError, own_repositories
from groundplan.projects import Project
from groundplan.starting import questions, rendering, repository, running

from ..support.projects import ROOT
from .support import environment, groundplan, tree
from .test_refusals import refused

AGAIN = "Correct that, and run the command again."


def message(error: pytest.ExceptionInfo[Refusal]) -> str:
    return error.value.format_message()


@pytest.fixture
def plan(tmp_path: Path) -> FilePlan:
    """A plan with an edit and a new file, in a new folder."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "old.txt").write_text("old")
    long = {PurePosixPath("sub/new.txt"): "new" * 1000}
    return make(root, files=long, edits={PurePosixPath("old.txt"): "edited"})


@contextmanager
def no_file_longer_than(size: int) -> Generator[None]:
    """Limit the size of files, as a full disk or a quota would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_the_files_unchanged(plan: FilePlan) -> None:
    before = tree(plan.root)
    with no_file_longer_than(1000), pytest.raises(Refusal) as error:
        journal.apply(plan)
    assert message(error).endswith(
        f"' cannot be written: File too large; nothing was changed. {AGAIN}"
    )
    assert ".groundplan-journal/new/0" in message(error)
    assert tree(plan.root) == before


def test_a_file_that_changes_after_planning_is_named(plan: FilePlan) -> None:
    (plan.root / "old.txt").write_text("mine")
    with pytest.raises(Refusal) as error:
        journal.apply(plan)
    assert message(error) == "'old.txt' changed in the meantime. Run the command again."
    assert (plan.root / "old.txt").read_text() == "mine"


@pytest.mark.parametrize("file", ["migrations/versions/0002_more.py", ".groundplan/apps/crm.json"])
def test_a_plan_that_another_command_made_stale_is_refused(plan: FilePlan, file: str) -> None:
    built_on = fingerprint(plan.root)
    (plan.root / file).parent.mkdir(parents=True, exist_ok=True)
    (plan.root / file).touch()
    before = tree(plan.root)
    with pytest.raises(Refusal) as error:
        journal.apply(plan, built_on)
    assert message(error) == "The project changed in the meantime. Run the command again."
    assert tree(plan.root) == before


@contextmanager
def half_done(plan: FilePlan, monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Make the last step of applying a plan fail, and undoing the other steps too."""

    def full(file: Path, *_: object, **__: object) -> NoReturn:
        raise OSError(28, "No space left on device", str(file))

    rename, last = Path.rename, plan.root / plan.writes[-1].path

    def until_the_last(file: Path, target: Path) -> Path:
        return full(file) if target == last else rename(file, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", until_the_last)
        patch.setattr(Path, "replace", full)
        patch.setattr(Path, "unlink", full)
        yield


def test_a_change_that_could_not_be_undone_is_undone_by_the_next_command(
    plan: FilePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(plan.root)
    with half_done(plan, monkeypatch), pytest.raises(Refusal) as error:
        journal.apply(plan)
    fails = "cannot be written: No space left on device"
    assert message(error) == (
        f"'{plan.root / '.groundplan-journal/new/1'}' {fails}, and then "
        f"'{plan.root / 'sub/new.txt'}' {fails}: the change is half done. "
        "Correct that: the next groundplan command in this project undoes it."
    )
    assert tree(plan.root) != before
    with half_done(plan, monkeypatch), pytest.raises(Refusal) as error:
        journal.recover(plan.root)
    assert message(error) == (
        f"An interrupted change cannot be undone: '{plan.root / 'sub/new.txt'}' {fails}. {AGAIN}"
    )
    assert journal.recover(plan.root)
    assert tree(plan.root) == before
    assert not journal.recover(plan.root)


def test_an_edit_of_a_file_of_a_half_done_change_is_named(
    plan: FilePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    with half_done(plan, monkeypatch), pytest.raises(Refusal, match="the change is half done"):
        journal.apply(plan)
    (plan.root / "sub/new.txt").write_text("mine")
    with pytest.raises(Refusal) as error:
        journal.recover(plan.root)
    assert message(error) == (
        "'sub/new.txt' was edited after a command was killed halfway through a change. Delete your "
        "version and run the command again, or keep all files as they are: "
        f"rm -r {plan.root / '.groundplan-journal'}."
    )
    assert (plan.root / "sub/new.txt").read_text() == "mine"


def test_ctrl_c_undoes_a_change(plan: FilePlan, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(plan.root)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(journal, "_end", interrupted)
    with pytest.raises(KeyboardInterrupt):
        journal.apply(plan)
    monkeypatch.undo()
    assert journal.recover(plan.root)
    assert tree(plan.root) == before


def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "models.py").mkdir()
    with pytest.raises(Refusal) as error:
        read(tmp_path, PurePosixPath("models.py"))
    assert message(error) == "'models.py' exists and is not a file. Move it away."


@pytest.mark.parametrize("path", ["../other.py", "/etc/other.py"])
def test_a_path_that_leads_out_of_the_project_is_named(tmp_path: Path, path: str) -> None:
    with pytest.raises(Refusal) as error:
        read(tmp_path, PurePosixPath(path))
    assert message(error) == f"{path!r} leads out of the project. Remove the symbolic link."


@pytest.mark.skipif(sys.platform != "linux", reason="it takes a file that no one can read")
def test_a_file_that_cannot_be_read_is_named() -> None:
    with pytest.raises(Refusal) as error:
        read(Path("/proc/self"), PurePosixPath("mem"))
    assert message(error) == "'mem' cannot be read: Input/output error. Correct that."


def test_a_result_that_is_not_valid_python_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("a = 1\n")
    source = Source(file)
    source.insert(0, "(")
    with pytest.raises(Unsafe) as error:
        source.result()
    assert str(error.value) == "the result would not be valid Python"


@pytest.mark.full
def test_settings_without_a_literal_list_of_apps_are_named(project: Path) -> None:
    file = project / "my_service/settings.py"
    file.write_text("INSTALLED_APPS = sorted(['blog'])\n")
    done = groundplan("startapp", "shop", "Product", "title:str", cwd=project, code=1)
    assert done.stderr == (
        f"Error: INSTALLED_APPS in '{file}' is not a literal list of names. "
        'Write it as a list: INSTALLED_APPS: ClassVar[list[str]] = ["blog"].\n'
    )


def test_a_spec_file_that_is_not_valid_toml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "spec.toml"
    for content, why in ((b"[", "Invalid initial character"), (b"\xff", "'utf-8' codec")):
        file.write_bytes(content)
        with pytest.raises(Refusal) as error:
            toml.from_toml(file, "shop")
        assert message(error).startswith(f"'{file}' is not valid TOML: {why}")
        assert message(error).endswith(f" Example: {toml.EXAMPLE}.")


def test_an_existing_model_is_refused_with_a_hint_to_addfield(reading: Project) -> None:
    spec = requests.from_words("blog", ["Post"])
    with pytest.raises(Refusal) as error:
        rules.check(spec, reading)
    assert message(error) == (
        "'Post': the app 'blog' already has a model of this name (model-twice). "
        "To add fields to it: groundplan addfield blog.Post name:type."
    )


def test_a_comment_that_is_too_long_is_refused(reading: Project) -> None:
    error = refused(reading, f"Product a:int:comment={'x' * 256}")
    assert error.format_message().endswith(
        ": a comment is one line of at most 255 printable characters (comment). Shorten it."
    )


def test_a_model_name_that_two_apps_have_is_ambiguous(project: Path) -> None:
    app = project / "my_service/apps/crm"
    app.mkdir()
    (app / "__init__.py").touch()
    (app / "models.py").write_text('class User(PrimaryKey, Base):\n    __tablename__ = "people"\n')
    error = refused(Project.open(project), "Product author:ref=User")
    assert (error.rule, error.format_message()) == (
        "target-several",
        "'author:ref=User': ambiguous: it may be crm.User and users.User (target-several). "
        "Write one of them: author:ref=crm.User.",
    )


def test_missing_git_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = groundplan("startproject", "shop", cwd=tmp_path, code=1)
    assert done.stderr == "Error: git is not installed. Install git 2.38 or newer.\n"
    assert list(tmp_path.iterdir()) == []


def test_a_failing_git_command_is_reported(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("no repository")
    with pytest.raises(Refusal) as error:
        repository.commit(tmp_path, {})
    assert message(error).startswith("`git init --quiet --initial-branch main` failed: ")
    assert message(error).endswith(
        "; nothing was changed. Correct that, or start without a repository: --no-git."
    )


def test_a_template_that_cannot_be_fetched_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as error:
        questions.read(template.find(f"file://{tmp_path}/nowhere"))
    assert message(error).startswith(f"'file://{tmp_path}/nowhere': the template cannot be read: ")
    assert message(error).endswith(
        ". Name another with --template: a git address, or the folder of a clone."
    )


def test_a_full_disk_stops_the_copy_of_the_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "my.py"))

    monkeypatch.setattr("copier.run_copy", full)
    with pytest.raises(Refusal) as error:
        rendering.render(template.find(str(ROOT)), tmp_path / "x", {}, ask=False)
    assert message(error) == (
        f"The template cannot be copied: [Errno 28] No space left on device: '{tmp_path}/my.py'; "
        "nothing was changed. Correct that, and run the command again."
    )


def test_a_failing_git_of_copier_is_named_without_its_progress() -> None:
    told = "Cloning into '/tmp/x'...\nwarning: --filter is ignored.\nfatal: early EOF\n"
    failure = ProcessExecutionError(["/usr/bin/git", "clone", "x"], 128, "", told)
    with pytest.raises(GitError) as error, own_repositories():
        raise failure
    assert str(error.value) == "`git clone x` failed: early EOF"


def test_a_template_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as error:
        template.find("nowhere")
    assert message(error) == (f"'nowhere' is neither a folder nor a git address. {template.HOW}.")


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (None, "This program was not installed from a clone or a git address"),
        (
            {"url": "file:///a.whl", "archive_info": {}},
            "This program was installed from an archive, file:///a.whl, without its history",
        ),
    ],
)
def test_a_program_without_its_template_says_how_to_name_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record: object, said: str
) -> None:
    """pip records where a package came from, except for a package from an index."""
    (tmp_path / "METADATA").write_text("Name: groundplan\n")
    if record is not None:
        (tmp_path / "direct_url.json").write_text(json.dumps(record))

    def distribution(_: str) -> Distribution:
        return Distribution.at(tmp_path)

    monkeypatch.setattr(template, "distribution", distribution)
    with pytest.raises(Refusal) as error:
        template.find()
    assert message(error) == f"{said}. {template.HOW}."


def test_a_failing_step_of_run_names_the_project_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uv = tmp_path / "bin/uv"
    uv.parent.mkdir()
    uv.symlink_to("/bin/false")
    monkeypatch.setenv("PATH", str(uv.parent))
    (tmp_path / ".env.example").touch()
    with pytest.raises(Refusal) as error:
        running.run(tmp_path, {"driver": "aiosqlite"})
    assert message(error) == (
        f"`uv sync` ended with 1; the project is in {tmp_path}. Correct that, and run the remaining steps there."
    )


@pytest.mark.full
def test_a_locale_that_is_not_utf_8_does_not_matter(project: Path, tmp_path: Path) -> None:
    """Arguments, folder names and file contents may be non-ASCII in any locale."""
    root = tmp_path / "Bücher mit Leerzeichen"
    project.rename(root)
    narrow = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "COLUMNS": "20"}
    for words in (
        ["startapp", "shop", "Product", "title:str=20:default=Grüße", "--diff"],
        ["addfield", "shop.Product", "note:str=20:default=Straße"],
        ["destroy", "shop", "--yes"],
    ):
        done = subprocess.run(
            (sys.executable, "-m", "groundplan", *words),
            cwd=root,
            env={**environment(), **narrow},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        text = root / "my_service/apps/shop/models.py"
        assert not text.exists() or "Grüße" in text.read_text(encoding="utf-8")
