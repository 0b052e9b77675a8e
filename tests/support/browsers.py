"""Chromium, driven by playwright: the installed one, or Debian's package."""

import re
import shutil
from collections.abc import Generator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Route, sync_playwright

from .processes import apt_installed

PROGRAM = "chromium-headless-shell"  # also the name of Debian's package
PROGRAMS = (PROGRAM, "chromium", "chromium-browser", "google-chrome")
PATIENCE = 30_000  # milliseconds that a page may take for each step


def installed() -> str | None:
    """Return the path of the installed Chromium, or None."""
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


def install() -> str:
    """Return the path of Chromium; install it if it is missing.

    Raises:
        ServerError: as `processes.apt_installed`.
    """
    return installed() or apt_installed(PROGRAM, PROGRAM, "Chromium")


def closing_line(tested: dict[str, str]) -> str:
    """Return the line of the summary about browsers."""
    if "chromium" in tested:
        return f"browsers tested: Chromium {tested['chromium']}; not tested: none"
    how = "" if installed() else f" (install {PROGRAM}, or run make deep as root)"
    return f"browsers tested: none; not tested: Chromium{how}"


@contextmanager
def running(program: str) -> Generator[Browser]:
    """Run Chromium while the block runs."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        try:
            yield browser
        finally:
            browser.close()


def new_context(browser: Browser, size: tuple[int, int] = (1280, 720)) -> BrowserContext:
    """Return a browser without cookies that reaches this machine only.

    Args:
        browser: the running browser.
        size: the width and height of its windows in pixels.
    """
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    context.set_default_timeout(PATIENCE)
    context.route(re.compile("^https:"), Route.abort)
    return context
