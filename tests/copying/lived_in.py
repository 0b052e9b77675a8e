"""Creates a service that its owner has worked on: with an app, revisions, edits and rows."""

import shutil
import sys
from pathlib import Path

from ..support.projects import Project
from ..support.servers import Server
from ..updates import services
from ..updates.edits.edit import after, append, together, write
from ..updates.history import NEWEST, git

COPYDATA = (sys.executable, "-m", "groundplan", "copydata")
APP = Path(__file__).parent / "app" / "stock"

EDITS = together(
    "edits on either side",
    append("the README", "README.md", "\nAsk Ada before you deploy.\n"),
    append("an option", ".env.example", "\nSTOCK_LIMIT=5\n"),
    after("a dependency", "pyproject.toml", '    "httptools>=0.7",', '    "jinja2>=3.1",\n'),
    append("the template's", "my_service/core/web/problem.py", "\n# Ada was here.\n"),
    after("the app", "my_service/settings.py", '        "ledger",', '        "stock",\n'),
    write("a test", "tests/stock/test_mine.py", "def test_mine() -> None:\n    assert True\n"),
)
REMARK = after(
    "a column of the users",
    "my_service/apps/users/models.py",
    "    full_name: Mapped[str | None] = mapped_column(String(120))",
    "    remark: Mapped[str | None] = mapped_column(String(200))\n",
)
BEST = after(
    "a circle: a shelf refers to an item, and the item to a shelf",
    "my_service/apps/stock/models.py",
    '    inside_id: Mapped[int | None] = mapped_column(ForeignKey("shelves.id"))',
    '    best_id: Mapped[UUID | None] = mapped_column(ForeignKey("items.id", use_alter=True))\n',
)


def furnish(root: Path, driver: str) -> Path:
    """Render a service from the working tree, and add an app and edits, but no revision."""
    services.service(NEWEST, root, {"driver": driver, "auth": True, "jobs": True})
    shutil.copytree(APP, root / "my_service" / "apps" / "stock")
    EDITS.make(root)
    REMARK.make(root)
    return root


def live_in(root: Path, server: Server, *, rows: int) -> Project:
    """Create the service on a new database, with generated revisions, rows and a commit."""
    project = Project(furnish(root, server.driver), server.create_database())
    project.manage("migrate")
    project.manage("makemigrations", "-m", "stock")
    BEST.make(root)
    project.manage("migrate")
    project.manage("makemigrations", "-m", "best")
    project.manage("migrate")
    project.run(project.python, "-m", "my_service.apps.stock.fill", str(rows))
    save(root)
    return project


def save(root: Path) -> None:
    """Commit all files that git does not ignore."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Lived in")


def tracked(root: Path) -> dict[str, bytes]:
    """Return the files that git tracks."""
    names = git(root, "ls-files", "-z").split("\0")
    return {name: text for name, text in services.files(root).items() if name in names}


def dump(project: Project) -> list[str]:
    """Return every row as the models read it, independently of `copydata`."""
    return project.run(project.python, "-m", "my_service.apps.stock.dump").stdout.splitlines()
