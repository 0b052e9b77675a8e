"""The admin in a browser: the pages of a model, used by the mouse, on a phone or by keyboard."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Download, Locator, Page, Request, expect

from ..support.projects import PASSWORD

TABS = 150  # more than a page has
FOCUS = """() => {
  const style = getComputedStyle(document.activeElement);
  return [document.activeElement.outerHTML.slice(0, 120), style.outlineStyle, style.boxShadow];
}"""
SIDEWAYS = """() => {
  const width = document.documentElement.clientWidth;
  const shown = [...document.querySelectorAll("body *")].filter((each) => each.checkVisibility());
  const over = width > 767 && document.documentElement.scrollWidth <= width ? [] :
    shown.filter((each) => each.getBoundingClientRect().right > width + 1);
  return over.map((each) => each.outerHTML.slice(0, 160));
}"""


class Mouse:
    """Clicks and types."""

    def press(self, target: Locator) -> None:
        target.click()

    def write(self, target: Locator, text: str) -> None:
        target.fill(text)

    def choose(self, target: Locator, label: str) -> None:
        target.select_option(label=label)

    def look_up(self, target: Locator, text: str) -> None:
        """Choose a row that a reference's search finds."""
        target.click()
        target.page.locator(".select2-search__field").fill(text)
        target.page.locator(".select2-results__option", has_text=text).click()


class Keyboard(Mouse):
    """Reaches everything by the Tab key, and sees where the focus is."""

    def press(self, target: Locator) -> None:
        self.reach(target)
        target.page.keyboard.press("Enter")

    def write(self, target: Locator, text: str) -> None:
        self.reach(target)
        if target.get_attribute("type") == "date":  # Chromium has a field for each part
            year, month, day = text.split("-")
            target.page.keyboard.type(f"{month}{day}{year}")
            return
        target.page.keyboard.press("Control+A")
        target.page.keyboard.type(text)

    def choose(self, target: Locator, label: str) -> None:
        self.reach(target)
        target.page.keyboard.type(label)
        assert target.locator("option:checked").inner_text().strip() == label

    def look_up(self, target: Locator, text: str) -> None:
        self.press(target)
        expect(target.page.locator(".select2-search__field")).to_be_focused()
        target.page.keyboard.type(text)
        target.page.locator(".select2-results__option--highlighted", has_text=text).wait_for()
        target.page.keyboard.press("Enter")

    def reach(self, target: Locator) -> None:
        target.wait_for()
        passed: list[str] = []
        for _ in range(TABS):
            if target.evaluate("each => each === document.activeElement"):
                return
            target.page.keyboard.press("Tab")
            element, outline, shadow = target.page.evaluate(FOCUS)
            passed.append(element)
            assert element.startswith("<body") or outline != "none" or shadow != "none", element
        raise AssertionError(f"{target} is not reached by Tab, but {passed}")


class Admin:
    """The pages of a service's admin in a tab of a browser."""

    def __init__(self, page: Page, address: str, hand: Mouse) -> None:
        self.page = page
        self.address = f"{address}/admin"
        self.hand = hand
        self.complaints: list[str] = []
        self.host = urlsplit(address).netloc
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._see)

    def _hear(self, line: ConsoleMessage) -> None:
        refused = re.search(r"status of 4(00|09|22)", line.text)  # which the test expects
        if line.type in ("error", "warning") and not refused:
            self.complaints.append(f"{self.page.url}: {line.text}")

    def _see(self, request: Request) -> None:
        if urlsplit(request.url).netloc not in ("", self.host):
            self.complaints.append(request.url)

    def check(self) -> None:
        """Assert that nothing was refused by the policy, and that nothing scrolls sideways."""
        assert self.complaints == []
        wide = self.page.evaluate(SIDEWAYS)
        assert wide == [], f"{self.page.url}: {wide}"

    def log_in(self, email: str) -> None:
        self.page.goto(self.address)
        self.check()
        self.hand.write(self.page.get_by_label("Email address"), email)
        self.hand.write(self.page.get_by_label("Password"), PASSWORD)
        self.hand.press(self.page.get_by_role("button", name="Log in"))
        self.page.wait_for_url(f"{self.address}/")
        self.check()

    def log_out(self) -> None:
        self.page.wait_for_load_state()
        self.hand.press(self.page.get_by_label("Open user menu").locator("visible=true"))
        self.hand.press(self.page.get_by_role("button", name="Logout").locator("visible=true"))
        self.page.get_by_role("button", name="Log in").wait_for()

    def open(self, key: str, query: str = "") -> None:
        """Open the list of a model."""
        self.page.goto(f"{self.address}/{key}/list{query}")
        self.check()

    def row(self, text: str) -> Locator:
        return self.page.locator("tbody tr").filter(has_text=text)

    def rows(self, column: str = "name") -> list[str]:
        """Return a column of the list, in order."""
        cells = self.page.locator(f"tbody td[data-column={column}]")
        return [text.strip() for text in cells.all_inner_texts()]

    def new(self, name: str) -> None:
        """Open the form of a new row."""
        self.hand.press(self.page.get_by_role("link", name=f"New {name}"))
        self.page.wait_for_url("**/create*")
        self.check()

    def visit(self, text: str, name: str) -> None:
        """Open the page of a row of the list: "View" or "Edit"."""
        self.hand.press(self.row(text).get_by_label(name))
        self.page.wait_for_url("**?pk=*")
        self.check()

    def save(self) -> None:
        self.hand.press(self.page.get_by_role("button", name="Save", exact=True))

    def saved(self) -> None:
        self.page.wait_for_url("**/list*")
        self.check()

    def act(self, text: str, name: str) -> None:
        """Do with a row of the list what needs a confirmation, and wait for the message."""
        self.hand.press(self.row(text).get_by_label(name, exact=True))
        dialog = self.page.get_by_role("dialog").locator("visible=true")
        dialog.wait_for()
        self.check()
        self.hand.press(dialog.locator("#actionSubmit"))

    def filter(self, field: str, comparison: str, value: str = "") -> None:
        self.hand.press(self.page.get_by_role("button", name="Filters"))
        row = self.page.locator(".filter-row").first
        self.hand.choose(row.get_by_label("Field"), field)
        self.hand.choose(row.get_by_label("Filter", exact=True), comparison)
        choices = row.locator(".filter-row-value-select")
        if value and choices.is_visible():
            self.hand.choose(choices, value)
        elif value:
            self.hand.write(row.get_by_label("Value", exact=True).locator("visible=true"), value)
        self.check()
        self.hand.press(self.page.get_by_role("button", name="Apply filters"))
        self.page.wait_for_url("**filter=*")
        self.check()

    def export(self, kind: str) -> Download:
        self.hand.press(self.page.get_by_role("link", name="Export"))
        dialog = self.page.get_by_role("dialog").locator("visible=true")
        dialog.wait_for()
        self.hand.choose(dialog.get_by_label("Format"), kind)
        self.check()
        with self.page.expect_download() as loading:
            self.hand.press(dialog.locator("#actionSubmit"))
        return loading.value
