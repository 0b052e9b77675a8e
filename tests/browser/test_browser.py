"""Users of the example in a real browser: mails, cookies, /docs, and pages of other sites."""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import BrowserContext, Page

from ..resilience.served import assert_clean_end, migrated, with_settings
from ..support import browsers
from ..support.processes import eventually, free_port
from ..support.projects import PASSWORD, Project, Service
from ..support.servers import Server
from .swagger import Swagger

pytestmark = pytest.mark.full

ADA = "ada@example.org"
POST = {"title": "Of engines", "body": "They weave."}


@pytest.fixture
def context(chromium: str) -> Generator[BrowserContext]:
    with browsers.running(chromium) as browser:
        yield browsers.new_context(browser)


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture(scope="module")
def project(sqlite: Server, tmp_path_factory: pytest.TempPathFactory) -> Generator[Project]:
    with migrated(sqlite, tmp_path_factory.mktemp("browser")) as project:
        project.run(project.python, "manage.py", "createuser", ADA, given=f"{PASSWORD}\n")
        yield with_settings(project)


@contextmanager
def serving(project: Project, **settings: str) -> Generator[Service]:
    """Serve a project, for people at localhost."""
    port = free_port()
    settings = {**project.settings, "PUBLIC_URL": f"http://localhost:{port}", **settings}
    with replace(project, settings=settings).serve("--no-reload", port=port) as service:
        yield service
        assert_clean_end(service)


@pytest.fixture(scope="module")
def debugged(project: Project) -> Generator[Service]:
    """The service with DEBUG, which has a mailbox, and cookies that need no https."""
    with serving(project, DEBUG="true") as service:
        yield service


def address_of(service: Service) -> str:
    """Return its address at localhost: cookies belong to a host, whatever its port."""
    return service.address.replace("127.0.0.1", "localhost")


def test_a_newcomer_confirms_an_address_and_writes_a_post(
    debugged: Service, context: BrowserContext, page: Page
) -> None:
    """With DEBUG: sign up, open the mail, set a password, log in by /docs, write, log out."""
    address = address_of(debugged)
    docs = Swagger(page, address)
    assert docs.schemes() == ["bearer", "cookie"]
    newcomer = {"email": "grace@example.org"}
    assert docs.execute("POST", "/api/auth/signup", newcomer).status == 202
    confirm(context, address, newcomer["email"])
    login = {**newcomer, "password": PASSWORD}
    assert docs.execute("POST", "/api/auth/login", login).status == 200
    assert cookies(context) == {
        name: {"httpOnly": True, "sameSite": "Lax", "secure": False, "path": "/"}
        for name in ("session", "device")
    }
    assert page.evaluate("document.cookie") == ""
    written = docs.execute("POST", "/api/posts", POST)
    assert written.status == 201
    assert written.request.header_value("authorization") is None
    assert docs.execute("POST", "/api/auth/logout").status == 204
    assert cookies(context).keys() == {"device"}
    assert docs.execute("POST", "/api/posts", POST).status == 401


def confirm(context: BrowserContext, address: str, recipient: str) -> None:
    """Open the newest mail to an address, follow its link, and set the password."""
    page = context.new_page()
    page.goto(f"{address}/dev/mailbox")
    mail = page.locator("tr").filter(has_text=recipient).first.locator("a")

    def arrived() -> bool:
        page.reload()
        return mail.is_visible()

    assert eventually(arrived, seconds=30), page.content()
    mail.click()
    with page.expect_popup() as popup:
        page.locator("pre a").click()
    form = popup.value
    errors: list[str] = []
    form.on("pageerror", lambda error: errors.append(str(error)))
    form.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    form.locator("input[type=password]").fill(PASSWORD)
    assert form.url == f"{address}/api/auth/confirm"  # the token is out of the history
    form.get_by_role("button").click()
    form.get_by_text("Done. You can close this page and log in.").wait_for()
    assert errors == []


def cookies(context: BrowserContext) -> dict[str, dict[str, object]]:
    """Return the attributes of each cookie that the browser keeps."""
    names = ("httpOnly", "sameSite", "secure", "path")
    return {
        cookie.get("name", ""): {name: cookie.get(name) for name in names}
        for cookie in context.cookies()
    }


def test_a_token_of_a_login_authorizes_docs(
    debugged: Service, context: BrowserContext, page: Page
) -> None:
    address = address_of(debugged)
    docs = Swagger(page, address)
    login = {"email": ADA, "password": PASSWORD, "bearer": True}
    token = docs.execute("POST", "/api/auth/login", login).json()["token"]
    assert cookies(context) == {}
    assert docs.execute("POST", "/api/posts", POST).status == 401
    docs.authorize("bearer", token)
    written = docs.execute("POST", "/api/posts", POST)
    assert written.status == 201
    assert written.request.header_value("authorization") == f"Bearer {token}"
    assert docs.execute("POST", "/api/auth/logout").status == 204
    assert docs.execute("POST", "/api/posts", POST).status == 401


def test_without_debug_cookies_are_secure_and_bound_to_the_host(
    project: Project, context: BrowserContext, page: Page
) -> None:
    """Browsers accept such cookies on localhost without https."""
    with serving(project) as service:
        docs = Swagger(page, address_of(service))
        login = {"email": ADA, "password": PASSWORD}
        assert docs.execute("POST", "/api/auth/login", login).status == 200
        assert cookies(context) == {
            name: {"httpOnly": True, "sameSite": "Lax", "secure": True, "path": "/"}
            for name in ("__Host-session", "__Host-device")
        }
        assert docs.execute("GET", "/api/me").status == 200


@contextmanager
def other_site() -> Generator[int]:
    """Serve an empty page on 127.0.0.1 and localhost; yield its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Another site</title>")

        def log_message(self, format: str, *args: object) -> None:
            """Keep the output of tests short."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


FETCH = """([url, kind, body]) => fetch(url, {
  method: "POST", credentials: "include", mode: kind ? "no-cors" : "cors",
  headers: { "Content-Type": kind || "application/json" }, body,
}).then((answer) => answer.type, (error) => "failed")"""
FORM = """([url, kind]) => {
  const form = document.createElement("form");
  Object.assign(form, { action: url, method: "post", enctype: kind });
  form.innerHTML = "<input name='{\\"title\\":\\"x\\",\\"body\\":\\"' value='\\"}'>";
  document.body.append(form);
  form.submit();
}"""
SIMPLE = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data")


@pytest.mark.parametrize(("host", "status"), [("localhost", 403), ("127.0.0.1", 401)])
def test_a_page_of_another_site_cannot_write(
    debugged: Service, page: Page, host: str, status: int
) -> None:
    """Another port is another origin of the same site, which the cookie reaches: 403.

    Another host is another site, which it does not reach: 401.
    """
    docs = Swagger(page, address_of(debugged))
    login = {"email": ADA, "password": PASSWORD}
    assert docs.execute("POST", "/api/auth/login", login).status == 200
    url, body = f"{address_of(debugged)}/api/posts", json.dumps(POST)
    before = debugged.client.get("/api/posts").json()["total"]
    with other_site() as port:
        page.goto(f"http://{host}:{port}/")
        assert page.evaluate(FETCH, [url, "", body]) == "failed"
        for kind in SIMPLE:
            with page.expect_response(url) as refused:
                assert page.evaluate(FETCH, [url, kind, body]) == "opaque"
            assert refused.value.status == status
        for kind in SIMPLE:
            page.goto(f"http://{host}:{port}/")
            with page.expect_navigation(url=url) as shown:
                page.evaluate(FORM, [url, kind])
            assert shown.value.status == status
    assert debugged.client.get("/api/posts").json()["total"] == before
    docs = Swagger(page, address_of(debugged))
    assert docs.execute("POST", "/api/posts", POST).status == 201  # with the same cookie
