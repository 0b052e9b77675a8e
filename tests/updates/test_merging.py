"""The merge, case by case, on small trees."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from groundplan.git import Git, identity
from groundplan.updates import lists
from groundplan.updates.merging import merge
from groundplan.updates.rendering import Rendered
from groundplan.updates.service import Service

TEXT = "".join(f"line {number}\n" for number in range(12))
MINE = TEXT.replace("line 2\n", "mine\n")
NEWS = TEXT.replace("line 9\n", "news\n")
BOTH = MINE.replace("line 9\n", "news\n")
Tree = Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """Three trees, and the expected result."""

    name: str
    base: Tree
    ours: Tree
    theirs: Tree
    merged: Tree | None = None
    conflicts: list[str] = field(default_factory=list[str])
    orphaned: list[str] = field(default_factory=list[str])
    left_out: list[str] = field(default_factory=list[str])
    kept: list[str] = field(default_factory=list[str])


CASES = [
    Case("both edit", {"a": TEXT}, {"a": MINE}, {"a": NEWS}, {"a": BOTH}),
    Case("the template adds", {"a": TEXT}, {"a": MINE}, {"a": TEXT, "b": NEWS}, {"a": MINE, "b": NEWS}),
    Case("the template deletes", {"a": TEXT, "b": ""}, {"a": TEXT, "b": ""}, {"b": ""}, {"b": ""}),
    Case("the owner adds", {"a": TEXT}, {"a": TEXT, "b": MINE}, {"a": NEWS}, {"a": NEWS, "b": MINE}),
    Case("both add the same", {"a": TEXT}, {"a": TEXT, "b": MINE}, {"a": TEXT, "b": MINE}, {"a": TEXT, "b": MINE}),
    Case("both add, and differ", {"a": TEXT}, {"a": TEXT, "b": "x\n"}, {"a": TEXT, "b": "y\n"}, conflicts=["b"]),
    Case("both edit one line", {"a": TEXT}, {"a": MINE}, {"a": TEXT.replace("line 2\n", "x\n")}, conflicts=["a"]),
    Case("the template renames an edited file", {"a": TEXT}, {"a": MINE}, {"b": NEWS}, {"b": BOTH}),
    Case("the template renames a folder", {"d/a": TEXT, "d/b": "b\n"}, {"d/a": MINE, "d/b": "b\n", "d/c": "x\n"}, {"e/a": NEWS, "e/b": "b\n"}, {"e/a": BOTH, "e/b": "b\n", "e/c": "x\n"}),
    Case("the owner renames an edited file", {"a": TEXT}, {"b": MINE}, {"a": NEWS}, {"b": BOTH}),
    Case("the template deletes an edited file", {"a": TEXT, "b": ""}, {"a": MINE, "b": ""}, {"b": ""}, orphaned=["a"]),
    Case("the owner deletes an edited file", {"a": TEXT, "b": ""}, {"b": ""}, {"a": NEWS, "b": ""}, {"b": ""}, left_out=["a"]),
    Case("the owner deletes a renamed file", {"a": TEXT, "z": ""}, {"z": ""}, {"b": NEWS, "z": ""}, {"z": ""}, left_out=["b"]),
    Case("the owner renames a deleted file", {"a": TEXT, "z": ""}, {"b": MINE, "z": ""}, {"z": ""}, {"b": MINE, "z": ""}, kept=["b"]),
    Case("both delete", {"a": TEXT, "z": ""}, {"z": ""}, {"z": ""}, {"z": ""}),
    Case("both rename, differently", {"a": TEXT}, {"b": TEXT}, {"c": TEXT}, conflicts=["a", "b", "c"]),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_files_merge_as_expected(tmp_path: Path, case: Case) -> None:
    git = Git(tmp_path, identity())
    git("init", "--quiet")
    before, ours, after = (write(git, tree) for tree in (case.base, case.ours, case.theirs))
    merged = merge(service(git, ours), Rendered(git, before, after), "news")
    assert merged.conflicting == case.conflicts
    assert merged.orphaned == case.orphaned
    assert merged.left_out == case.left_out
    assert merged.kept == case.kept
    if case.merged is not None:
        assert read(git, merged.tree) == case.merged
    differing = {
        path for path, text in read(git, merged.tree).items() if case.ours.get(path) != text
    }
    assert {change.path for change in merged.changes if change.action != "remove"} >= differing


Lists = tuple[list[str], list[str], list[str], list[str] | None]
LISTS: dict[str, Lists] = {
    "an added item next to a changed one": (
        ["a>=1", "c>=1"],
        ["a>=1", "b", "c>=1"],
        ["a>=2", "c>=2"],
        ["a>=2", "b", "c>=2"],
    ),
    "different items added at one place": (
        ["a", "z"],
        ["a", "b", "z"],
        ["a", "c", "z"],
        ["a", "b", "c", "z"],
    ),
    "the same item added by both": (["a"], ["a", "b"], ["a", "b"], ["a", "b"]),
    "a removed item next to a changed one": (["a>=1", "b"], ["a>=1"], ["a>=2", "b"], ["a>=2"]),
    "an item changed by both": (["a>=1"], ["a<9"], ["a>=2"], None),
    "an item removed by one and changed by the other": (["a>=1"], [], ["a>=2"], None),
    "an item that occurs twice": (["a"], ["a", "b>1", "b>2"], ["c"], None),
}


@pytest.mark.parametrize(("base", "ours", "theirs", "merged"), LISTS.values(), ids=LISTS)
def test_lists_merge_item_by_item(
    base: list[str], ours: list[str], theirs: list[str], merged: list[str] | None
) -> None:
    def lines(items: list[str]) -> str:
        return "".join(f'    "{item}",\n' for item in items)

    hunk = f"<<<<<<< x\n{lines(ours)}||||||| y\n{lines(base)}=======\n{lines(theirs)}>>>>>>> z\n"
    settled = lists.settle("pyproject.toml", f"all = [\n{hunk}]\n")
    assert settled == (None if merged is None else f"all = [\n{lines(merged)}]\n")


@pytest.mark.parametrize(
    "line",
    ["def f():", "# a comment", "", "[a.table]", "items = ["],
    ids=lambda line: line or "none",
)
def test_a_line_that_is_not_an_item_stays_in_conflict(line: str) -> None:
    hunk = f"<<<<<<< x\n{line}\n||||||| y\n=======\na = 1\n>>>>>>> z\n"
    assert lists.settle("pyproject.toml", hunk) is None


def service(git: Git, tree: str) -> Service:
    return Service(git.folder, git, "", tree, "", {}, "", "")


def write(git: Git, tree: Tree) -> str:
    index = git.with_index(git.folder / "index")
    index("read-tree", "--empty")
    for path, text in tree.items():
        blob = git("hash-object", "-w", "--stdin", stdin=text)
        index("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
    return index("write-tree")


def read(git: Git, tree: str) -> Tree:
    paths = [path for path in git.lines("ls-tree", "-r", "-z", "--name-only", tree) if path]
    return {path: git.run("cat-file", "blob", f"{tree}:{path}").stdout.decode() for path in paths}
