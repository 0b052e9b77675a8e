"""The admin in a real browser: by mouse, on a phone, and by keyboard alone."""

import json
from collections.abc import Generator

import pytest
from playwright.sync_api import BrowserContext, expect

from ..admin.test_admin import furnish
from ..generator.support import commit_all, groundplan
from ..resilience.served import database_of, with_settings
from ..support import browsers
from ..support.deep import DEEP
from ..support.projects import PASSWORD, Project, Service
from ..support.servers import Server, names
from .admin import Admin, Keyboard, Mouse
from .test_browser import address_of, serving

pytestmark = pytest.mark.full

ADA = "ada@example.org"
SHELF = ("Shelf", "name:str=40:unique", "kind:enum=oak,steel", "open:bool", "built:date:null")
BOOK = ("Book", "title:str=80", "shelf:ref=archive.Shelf")
WIDTHS = {"wide": (1200, 800), "phone": (390, 844)}
WAYS = {"mouse": ("wide", Mouse()), "phone": ("phone", Mouse()), "keyboard": ("wide", Keyboard())}
# In `make test`, each way on one database: `tests/admin` sends the same requests to each.
SHORT = zip(WAYS, ("postgresql", "mariadb", "sqlite"), strict=True)
EVERY = ((way, name) for way in WAYS for name in names())
CASES = [
    pytest.param(name, *WAYS[way], id=f"{way}-{name}") for way, name in (EVERY if DEEP else SHORT)
]


@pytest.fixture(scope="module")
def service(database: Server, tmp_path_factory: pytest.TempPathFactory) -> Generator[Service]:
    root = furnish(tmp_path_factory.mktemp("admin") / "project", driver=database.driver)
    project = Project(root, database=database.create_database())
    commit_all(root)
    groundplan("startapp", "archive", *SHELF, *BOOK, "--access=public", cwd=root)
    models = root / "my_service/apps/archive/models.py"
    text = models.read_text().replace(
        "class Shelf(PrimaryKey, Timestamps, ", "class Shelf(PrimaryKey, Timestamps, SoftDelete, "
    )
    models.write_text(text.replace("import Base, Key,", "import Base, Key, SoftDelete,"))
    try:
        project.manage("migrate")
        project.manage("makemigrations")
        project.manage("migrate")
        create = ("manage.py", "createuser", ADA, "--superuser")
        project.run(project.python, *create, given=f"{PASSWORD}\n")
        with serving(with_settings(project), DEBUG="true") as service:
            yield service
    finally:
        database.drop_database(database_of(project))


@pytest.fixture
def context(chromium: str, width: str) -> Generator[BrowserContext]:
    with browsers.running(chromium) as browser:
        yield browsers.new_context(browser, WIDTHS[width])


@pytest.mark.parametrize(("database", "width", "hand"), CASES, indirect=["database"])
def test_staff_keep_rows(service: Service, context: BrowserContext, hand: Mouse) -> None:
    keep_rows(service, context, hand)


def keep_rows(service: Service, context: BrowserContext, hand: Mouse) -> None:
    """Log in, create, find, filter, edit, conflict, delete, restore, export, log out."""
    admin = Admin(context.new_page(), address_of(service), hand)
    page = admin.page
    admin.log_in(ADA)
    create_shelves(admin)
    find_and_filter(admin)
    edit(admin, context)
    refer(admin)
    delete_and_restore(admin)
    admin.open("archive-shelf")
    rows = json.loads(admin.export("JSON").path().read_text())
    assert [(row["Name"], row["Kind"]) for row in rows] == [("Poems", "steel")]
    [_, row] = admin.export("CSV").path().read_text().splitlines()
    assert ",Poems,steel," in row
    clear(admin)
    admin.log_out()
    page.goto(f"{admin.address}/archive-shelf/list")
    page.get_by_role("button", name="Log in").wait_for()
    admin.check()


def create_shelves(admin: Admin) -> None:
    page, hand = admin.page, admin.hand
    admin.open("archive-shelf")
    admin.new("Shelf")
    for name, kind, then in (
        ("Novels", "OAK", "Save and add another"),
        ("Poems", "STEEL", "Save"),
    ):
        expect(page.get_by_label("Name")).to_have_value("")
        hand.write(page.get_by_label("Name"), name)
        hand.choose(page.get_by_label("Kind"), kind)
        hand.write(page.get_by_label("Built"), "2026-01-31")
        hand.press(page.get_by_role("button", name=then, exact=True))
    admin.saved()
    assert sorted(admin.rows()) == ["Novels", "Poems"]
    admin.open("archive-shelf")
    admin.new("Shelf")
    hand.write(page.get_by_label("Name"), "Poems")  # a duplicate
    hand.choose(page.get_by_label("Kind"), "OAK")
    admin.save()
    error = page.locator(".invalid-feedback").filter(has_text="unique value already exists")
    error.wait_for()
    assert page.get_by_label("Name").get_attribute("aria-invalid") == "true"
    admin.check()


def find_and_filter(admin: Admin) -> None:
    page, hand = admin.page, admin.hand
    admin.open("archive-shelf")
    hand.write(page.get_by_label("Search in list"), "Nov")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=Nov*")
    assert admin.rows() == ["Novels"]
    for field, comparison, value, found in (
        ("Kind", "Is", "STEEL", ["Poems"]),
        ("Open", "Yes", "", []),
        ("Built", "From", "2026-01-31", ["Novels", "Poems"]),
        ("Built", "Empty", "", []),
        ("Name", "Starts with", "Po", ["Poems"]),
    ):
        admin.open("archive-shelf")
        admin.filter(field, comparison, value)
        assert sorted(admin.rows()) == found, (field, comparison)


def edit(admin: Admin, context: BrowserContext) -> None:
    """Change a row, while somebody else has changed it."""
    page, hand = admin.page, admin.hand
    admin.open("archive-shelf")
    admin.visit("Poems", "Edit")
    late = Admin(context.new_page(), admin.address.removesuffix("/admin"), hand)
    late.page.goto(page.url)
    hand.choose(page.get_by_label("Kind"), "OAK")
    admin.save()
    admin.saved()
    late.page.bring_to_front()
    hand.write(late.page.get_by_label("Built"), "2027-01-31")
    late.save()
    late.page.get_by_text("Somebody changed this row meanwhile.").wait_for()
    late.page.get_by_text("Changed meanwhile to oak.").wait_for()
    late.check()
    hand.choose(late.page.get_by_label("Kind"), "STEEL")
    late.save()
    late.saved()
    late.visit("Poems", "View")
    late.page.get_by_text("kind: steel → oak").wait_for()
    late.page.get_by_text("built: 2026-01-31 → 2027-01-31").wait_for()
    late.check()
    late.page.close()
    page.bring_to_front()


def refer(admin: Admin) -> None:
    """Write a book, whose shelf is found by a search."""
    page, hand = admin.page, admin.hand
    admin.open("archive-book")
    admin.new("Book")
    hand.write(page.get_by_label("Title"), "Odes")
    hand.look_up(page.locator(".select2-selection"), "Novels")
    admin.check()
    admin.save()
    admin.saved()
    assert admin.row("Odes").get_by_role("link", name="Novels").is_visible()


def delete_and_restore(admin: Admin) -> None:
    page = admin.page
    for name, left in (("Novels", ["Poems"]), ("Poems", [])):
        admin.open("archive-shelf")
        admin.act(name, "Delete")
        admin.row(name).wait_for(state="detached")
        assert admin.rows() == left
    admin.open("archive-shelf", "?deleted=1")
    admin.act("Novels", "Delete for good")
    page.get_by_text("Other rows refer to this one.").wait_for()
    admin.check()
    admin.act("Poems", "Restore")
    admin.row("Poems").wait_for(state="detached")
    admin.open("archive-shelf")
    assert admin.rows() == ["Poems"]


def clear(admin: Admin) -> None:
    """Delete all rows, for the next test of this service."""
    for key, name in (("archive-book", "Odes"), ("archive-shelf", "Poems")):
        admin.open(key)
        admin.act(name, "Delete")
        admin.row(name).wait_for(state="detached")
    for name in ("Poems", "Novels"):
        admin.open("archive-shelf", "?deleted=1")
        admin.act(name, "Delete for good")
        admin.row(name).wait_for(state="detached")
