"""The pages of the documentation: their links, their place in the site, and the reference."""

import re
from pathlib import Path

import pytest

from tools.docs import api, facts, pages, reference

from ..support.projects import ROOT, render


@pytest.mark.parametrize("path", pages.sources())
def test_links_are_not_dead(path: str) -> None:
    pages.for_site(path, (ROOT / path).read_text())


def test_every_page_is_in_the_navigation() -> None:
    """A page is listed in docs/README.md, or in the README.md of its folder: `- [Title](page.md): …`."""
    listed: set[str] = set()
    for index in (ROOT / "docs").rglob("README.md"):
        path = index.relative_to(ROOT).as_posix()
        for line in index.read_text().splitlines():
            if pages.ITEM.match(line):
                targets = re.findall(r"\]\(([^)#\s]+\.md)\)", line)
                listed |= {pages.resolve(path, target) or "" for target in targets}
    assert set(pages.sources()) - {"README.md", "docs/README.md"} <= listed


def test_links_are_rewritten_for_the_site() -> None:
    text = "[a](../ARCHITECTURE.md#the-program) [b](../releases.toml) [c](cookbook/README.md)"
    assert pages.for_site("docs/updates.md", text) == (
        "[a](architecture.md#the-program) `b` [c](cookbook/index.md)\n"
    )


@pytest.mark.parametrize("target", ["nowhere.md", "updates.md#nowhere", "#nowhere"])
def test_a_dead_link_is_named(target: str) -> None:
    with pytest.raises(pages.DeadLink, match=rf"^docs/moving.md links to {target}, "):
        pages.for_site("docs/moving.md", f"[here]({target})")


def test_the_reference_names_everything(tmp_path: Path) -> None:
    project = render(tmp_path, driver="asyncpg")
    core = project / reference.PACKAGE / "core"
    code = "".join(file.read_text() for file in core.rglob("*.py"))
    checks, errors = facts.checks(core), facts.errors(core)
    assert set(re.findall(r'"([a-z]+\.[EWI]\d{3})"', code)) == set(
        re.findall(r"^\| `([a-z]+\.\w+)`", checks, re.MULTILINE)
    )
    assert set(re.findall(r'"(urn:problem:[a-z-]+)"', code)) == set(
        re.findall(r"^\| `(urn:\S+)` \| \d+ \| \w", errors, re.MULTILINE)
    )
    found = facts.settings(core / "settings.py")
    settings = {setting.name for setting in found if not setting.in_code}
    named = re.findall(r"^#?([A-Z_]+)=", (project / ".env.example").read_text(), re.MULTILINE)
    assert {name for name in named if not name.startswith("POSTGRES_")} == settings
    assert "`driver`" in reference.questions()
    assert "`decimal`" in reference.fields()
    for module in api.MODULES:
        assert api.page(core, module).count("\n## ") > 0
