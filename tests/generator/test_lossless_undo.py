"""`startapp` followed by `destroy` leaves a project as it was, for any spec."""

import shlex
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groundplan.cli import run
from groundplan.editing.checking import refuse_import_circles
from groundplan.errors import Refusal
from groundplan.fields.spec import Spec
from groundplan.fields.spelling import command
from groundplan.projects import Project

from ..support.deep import DEEP
from ..support.specs import specs
from .support import git, status

pytestmark = pytest.mark.full

SEARCH = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

WITHOUT_ASKING = ("--yes", "--keep-database")


@pytest.fixture
def standing(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Project]:
    """A project as the current directory, without a working Python environment.

    `destroy` then does not ask the database, which takes seconds and is tested elsewhere.
    """
    python = tmp_path / "environment/bin/python"
    python.parent.mkdir(parents=True)
    python.symlink_to("/bin/false")
    monkeypatch.setenv("VIRTUAL_ENV", str(python.parents[1]))
    monkeypatch.chdir(project)
    yield Project.open(project)
    assert status(project) == ""


def test_startapp_then_destroy_leaves_nothing(standing: Project) -> None:
    @settings(SEARCH, max_examples=500 if DEEP else 15)
    @given(specs(standing))
    def law(spec: Spec) -> None:
        start(spec)
        assert status(standing.root) != ""
        assert run(["destroy", spec.app, *WITHOUT_ASKING]) == 0
        assert status(standing.root) == ""

    law()


def test_destroy_also_removes_later_additions(standing: Project) -> None:
    """One `destroy` removes two apps, with models and a field that were added to the first later."""

    @settings(SEARCH, max_examples=100 if DEEP else 4)
    @given(st.data())
    def law(data: st.DataObject) -> None:
        forget(standing.root)
        for app, suffix in (("shop", ""), ("store", "Kept"), ("shop", "Later")):
            there = Project.open(standing.root)
            spec = data.draw(specs(there, app, suffix=suffix, most_models=2))
            if is_import_circle(there, spec):
                assert run(shlex.split(command(spec))[1:]) == 1
            else:
                start(spec)
        model = min(one.model for one in Project.open(standing.root).models() if one.app == "shop")
        added = ["added:int:null", "since:datetime:default=now"]
        assert run(["addfield", f"shop.{model}", *added]) in (
            0,
            1,
        )  # 1: some lines have to be added by hand
        before = status(standing.root)
        assert run(["destroy", "shop", *WITHOUT_ASKING]) == 1
        assert status(standing.root) == before
        apps = data.draw(st.permutations(["shop", "store"]))
        assert run(["destroy", *apps, *WITHOUT_ASKING]) == 0
        assert status(standing.root) == ""

    law()
    forget(standing.root)


def forget(root: Path) -> None:
    """Remove what an abandoned example left: Hypothesis stops one whose next draw is invalid."""
    git(root, "clean", "--quiet", "--force", "-d")
    git(root, "checkout", "--quiet", ".")


def is_import_circle(project: Project, spec: Spec) -> bool:
    try:
        refuse_import_circles(project, spec)
    except Refusal:
        return True
    return False


def start(spec: Spec) -> None:
    assert run(shlex.split(command(spec))[1:]) == 0


@pytest.mark.parametrize("order", [("blurb", "gadgets"), ("gadgets", "blurb")])
def test_the_other_side_of_a_reference_is_undone(standing: Project, order: tuple[str, str]) -> None:
    """`back=` adds relationships to models of two other apps; `destroy` takes them back."""
    users = standing.apps / "users/models.py"
    before = users.read_text()
    assert run(["startapp", "gadgets", "Gadget", "title:str=80"]) == 0
    words = ["gadget:ref=gadgets.Gadget:back=blurbs", "author:ref=users.User:null:back=blurbs"]
    assert run(["startapp", "blurb", "Blurb", *words]) == 0
    relationship = 'blurbs: Mapped[list["Blurb"]] = relationship('
    for app in ("users", "gadgets"):
        text = (standing.apps / app / "models.py").read_text()
        assert text.count(relationship) == 1
        assert "if TYPE_CHECKING:\n    from ..blurb.models import Blurb\n" in text
    assert run(["destroy", *order, *WITHOUT_ASKING]) == 0
    assert users.read_text() == before
