"""The cookbook's code as tests: a page is one function, its blocks run one after the other.

A page that begins with `<!-- databases: postgresql mariadb -->` is run on these alone.
"""

import re
from pathlib import Path
from textwrap import indent

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SOURCE = re.compile(r"# (\S+\.py)\n")
DATABASES = re.compile(r"<!-- databases: (.*) -->\n")

TEST = '''"""The page "{page}" of the cookbook."""

import pytest
{imports}

@pytest.mark.commits
async def test_the_page_is_right({fixture}) -> None:
{body}'''


def pages(folder: Path) -> list[Path]:
    """The cookbook's pages, but for its list of them."""
    return [page for page in sorted(folder.glob("*.md")) if page.stem != "README"]


def is_for(page: Path, database: str) -> bool:
    """Return whether a page is run on a database."""
    named = DATABASES.match(page.read_text())
    return named is None or database in named[1].split()


def blocks(page: Path) -> list[str]:
    """The page's blocks of Python."""
    return BLOCK.findall(page.read_text())


def quoted(block: str) -> tuple[str, str] | None:
    """What a block quotes, if it quotes a file: the file's path and the text."""
    source = SOURCE.match(block)
    return None if source is None else (source[1], block[source.end() :])


def as_test(page: Path) -> str:
    """A module of one test, whose function has `session` when the page does not open one."""
    code = "\n".join(block for block in blocks(page) if quoted(block) is None)
    given = "session" in code and " as session" not in code
    return TEST.format(
        page=page.stem,
        imports="from sqlalchemy.ext.asyncio import AsyncSession\n" if given else "",
        fixture="session: AsyncSession" if given else "isolated: None",
        body=indent(code, "    "),
    )


def as_tests(folder: Path, database: str | None = None) -> dict[str, str]:
    """The test of each page, or of each page for a database, by a file's name."""
    return {
        f"test_{page.stem.replace('-', '_')}_page.py": as_test(page)
        for page in pages(folder)
        if database is None or is_for(page, database)
    }
