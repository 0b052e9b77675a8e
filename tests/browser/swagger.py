"""Swagger UI at /docs, as a person uses it."""

import json
from typing import Any

from playwright.sync_api import Locator, Page, Response


class Swagger:
    """The page /docs of a service."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.goto(f"{address}/docs")

    def execute(self, method: str, path: str, body: dict[str, Any] | None = None) -> Response:
        """Try a route out, and return the answer.

        Args:
            method: such as "POST".
            path: as the document has it.
            body: replaces the example.
        """
        block = self._opened(method, path)
        if body is not None:
            block.locator("textarea.body-param__text").fill(json.dumps(body))
        with self.page.expect_response(lambda answer: answer.url.endswith(path)) as answered:
            block.locator("button.execute").click()
        shown = block.locator(".live-responses-table .response-col_status").last
        shown.get_by_text(str(answered.value.status)).wait_for()
        return answered.value

    def authorize(self, scheme: str, token: str) -> None:
        """Enter a token for a security scheme, and close the dialog."""
        self.page.locator("button.authorize").first.click()
        dialog = self.page.locator(".auth-container").filter(has_text=scheme)
        dialog.locator("input").fill(token)
        dialog.locator("button.authorize").click()
        self.page.locator(".btn-done").first.click()

    def schemes(self) -> list[str]:
        """Return the names of the security schemes that Authorize offers."""
        self.page.locator("button.authorize").first.click()
        names = self.page.locator(".auth-container h4 code").all_inner_texts()
        self.page.locator(".btn-done").first.click()
        return names

    def _opened(self, method: str, path: str) -> Locator:
        block = self.page.locator(f".opblock-{method.lower()}").filter(
            has=self.page.locator(f'[data-path="{path}"]')
        )
        if not block.locator("button.execute").is_visible():
            block.locator(".opblock-summary-control").click()
            block.locator("button.try-out__btn").click()
        return block
