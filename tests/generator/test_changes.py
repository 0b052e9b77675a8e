"""What is printed of a plan is what is done: dry runs, conflicts, JSON, colours."""

import json
from pathlib import Path

import pytest

from .support import commit_all, groundplan, on_terminal, status, tree

STARTAPP = ["startapp", "shop", "Product", "title:string:uniq", "author:references:users"]
CANONICAL = (
    "groundplan startapp shop Product title:str=255:unique author:ref=users.User --access login"
)


@pytest.mark.full
@pytest.mark.parametrize("options", [[], ["--diff"], ["--json"], ["--json", "--force"]])
def test_a_dry_run_prints_exactly_what_the_real_run_prints(
    project: Path, options: list[str]
) -> None:
    before = tree(project)
    dry = groundplan(*STARTAPP, *options, "--dry-run", cwd=project)
    assert tree(project) == before
    real = groundplan(*STARTAPP, *options, cwd=project)
    assert (real.stdout, real.stderr) == (dry.stdout, dry.stderr)
    assert tree(project) != before


def test_the_json_of_a_dry_run_is_what_is_written_byte_for_byte(project: Path) -> None:
    before = tree(project)
    data = json.loads(groundplan(*STARTAPP, "--dry-run", "--json", cwd=project).stdout)
    groundplan(*STARTAPP, cwd=project)
    written = {
        name: content
        for name, (content, _) in tree(project).items()
        if before.get(name, (None,))[0] != content
    }
    said = {change["path"]: change["text"].encode() for change in data["changes"]}
    assert said == written
    assert data["command"] == CANONICAL
    assert data["by_hand"] == []


def test_the_status_is_right_aligned_in_twelve_columns(project: Path) -> None:
    lines = groundplan(*STARTAPP, cwd=project).stdout.splitlines()
    assert lines[0] == CANONICAL
    assert "      create  my_service/apps/shop/models.py" in lines
    assert "      update  my_service/settings.py" in lines
    assert lines[-1] == "    uv run python manage.py test"


def test_a_conflict_stops_the_whole_change(project: Path) -> None:
    before = in_conflict(project)
    done = groundplan(*STARTAPP, cwd=project, code=1)
    assert "    conflict  my_service/apps/shop/models.py" in done.stdout
    assert done.stderr == (
        "Error: my_service/apps/shop/models.py already exists with different content; nothing was "
        "changed. See the differences with --diff, or overwrite with --force.\n"
    )
    assert tree(project) == before
    dry = groundplan(*STARTAPP, "--dry-run", cwd=project, code=1)
    assert (dry.stdout, dry.stderr) == (done.stdout, done.stderr)


def test_force_overwrites(project: Path) -> None:
    in_conflict(project)
    done = groundplan(*STARTAPP, "--force", cwd=project)
    assert "      update  my_service/apps/shop/models.py" in done.stdout
    assert "mine" not in (project / "my_service/apps/shop/models.py").read_text()


@pytest.mark.full
@pytest.mark.parametrize(
    ("typed", "code", "kept"),
    [("\n", 0, True), ("n\n", 0, True), ("y\n", 0, False), ("d\ny\n", 0, False)],
)
def test_on_a_terminal_a_conflict_is_a_prompt_and_enter_keeps_the_file(
    project: Path, typed: str, code: int, kept: bool
) -> None:
    in_conflict(project)
    assert on_terminal(*STARTAPP, cwd=project, typed=typed) == code
    models = project / "my_service/apps/shop/models.py"
    assert ("mine" in models.read_text()) is kept
    assert "shop" in (project / "my_service/settings.py").read_text()


def test_quitting_at_a_conflict_changes_nothing(project: Path) -> None:
    before = in_conflict(project)
    assert on_terminal(*STARTAPP, cwd=project, typed="q\n") == 1
    assert tree(project) == before


@pytest.mark.full
def test_an_identical_file_is_not_written_and_survives_destroy(project: Path) -> None:
    data = json.loads(groundplan(*STARTAPP, "--dry-run", "--json", cwd=project).stdout)
    made = [change for change in data["changes"] if change["path"].startswith("tests/")][-1]
    file = project / made["path"]
    file.parent.mkdir()
    file.write_text(made["text"])
    (file.parent / "mine.py").write_text("")
    commit_all(project)
    done = groundplan(*STARTAPP, cwd=project)
    assert f"   identical  {made['path']}" in done.stdout
    groundplan("destroy", "shop", "--yes", cwd=project)
    assert status(project) == ""


def test_only_terminals_get_colours(project: Path) -> None:
    assert "\x1b[" not in groundplan(*STARTAPP, "--dry-run", "--diff", cwd=project).stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["startapp"], 2, "Error: The name of the app is missing. Example: groundplan startapp shop Product"),
        (["destroy"], 2, "Error: The name of the app is missing. Example: groundplan destroy shop"),
        (["startapp", "blog"], 1, "Error: 'blog': the app already exists (app-twice). Name a model or a --task to add. Example: groundplan startapp"),
        (["startapp", "shop", "--from", "no.toml"], 1, "Error: Cannot read 'no.toml': No such file or directory. Pass the path of a TOML file to --from."),
        (["startapp", "shop", "Product", "--from", "x.toml"], 2, "Error: Name the models on the command line or in the file of --from, not in both."),
        (["startapp", "shop", "--forse"], 2, "Error: No such option '--forse'. (Did you mean one of: '--force', '--from', '--read'?)"),
        (["startap", "shop"], 2, "Error: No such command 'startap'. (Did you mean one of: 'startapp', 'startproject'?)"),
        (["migrate"], 2, "Error: No such command 'migrate'. Run `python manage.py migrate` instead."),
        (["generate", "shop"], 2, "Error: No such command 'generate'. Run `groundplan startapp` instead."),
        (["startapp", "shop", "Product", "a:itn"], 2, "Error: 'a:itn': unknown type 'itn' (type-unknown). Did you mean 'int'?"),
        (["startapp", "shop", "Product", "order:int"], 1, "Error: 'order': 'order' is a reserved word of SQL (sql-word). Choose another name, for example order_value."),
    ],
)  # fmt: skip
def test_errors_of_the_command_line(
    project: Path, arguments: list[str], code: int, said: str
) -> None:
    before = tree(project)
    done = groundplan(*arguments, cwd=project, code=code)
    assert said in done.stderr
    assert tree(project) == before


def test_a_folder_outside_any_project_is_refused(tmp_path: Path) -> None:
    done = groundplan(*STARTAPP, cwd=tmp_path, code=1)
    assert done.stderr == (
        f"Error: '{tmp_path}' is not in a Groundplan project: neither it nor a parent folder has a "
        ".copier-answers.yml. Change to a project's folder, or start a project: "
        "groundplan startproject my-service.\n"
    )


def test_a_source_file_with_a_syntax_error_is_named(project: Path) -> None:
    models = project / "my_service/apps/blog/models.py"
    models.write_text("def (")
    done = groundplan(*STARTAPP, cwd=project, code=1)
    assert done.stderr == (
        f"Error: '{models}' cannot be read: invalid syntax (models.py, line 1). "
        "Correct the file, or restore it from git.\n"
    )


def test_a_broken_answers_file_is_named(project: Path) -> None:
    answers = project / ".copier-answers.yml"
    answers.write_text("driver: oracle\npackage_name: [1]\n")
    done = groundplan(*STARTAPP, cwd=project, code=1)
    assert done.stderr == (
        f"Error: '{answers}' has no valid answer to package_name, driver, primary_key. "
        "Restore the file from git: git checkout -- .copier-answers.yml.\n"
    )


def test_a_symbolic_link_out_of_the_project_is_refused(project: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (project / "my_service/apps/shop").symlink_to(outside)
    done = groundplan(*STARTAPP, cwd=project, code=1)
    assert "leads out of the project. Remove the symbolic link." in done.stderr
    assert list(outside.iterdir()) == []


def in_conflict(project: Path) -> dict[str, tuple[bytes, int]]:
    """Write a file to a path that `startapp` would create."""
    models = project / "my_service/apps/shop/models.py"
    models.parent.mkdir()
    models.write_text("# mine\n")
    return tree(project)
