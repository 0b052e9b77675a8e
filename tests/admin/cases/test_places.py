"""The admin behind a path prefix, and in several workers."""

import re
from datetime import timedelta

from fastapi import FastAPI
from httpx import AsyncClient
from support import Transport, audit, browser, csrf, hidden, stored_category, submit, superuser

from my_service.core.auth import TokenKind, issue
from my_service.core.web import create_app
from my_service.settings import settings

PREFIX = "/some/prefix"


def test_the_addresses_of_pages_are_found_in_the_first_route(app: FastAPI) -> None:
    """Each page has ten or more, and Starlette asks one route after the other."""
    address = app.router.routes[0].url_path_for("admin:static", path="admin.js")
    assert address == "/admin/static/admin.js"


async def test_it_works_behind_a_path_prefix(isolated: None, app: FastAPI) -> None:
    category = await stored_category()
    user = await superuser()
    transport = Transport(app, root_path=PREFIX)
    async with AsyncClient(
        transport=transport,
        base_url=f"https://localhost{PREFIX}",
        headers={"Sec-Fetch-Site": "same-origin"},
    ) as client:
        answer = await client.get("/admin/", follow_redirects=False)
        assert answer.headers["location"].startswith(f"https://localhost{PREFIX}/admin/login?next=")
        home = await client.get("/admin")
        assert home.headers["location"] == f"{PREFIX}/admin/"
        _, token = await issue(user.id, TokenKind.SESSION, timedelta(hours=1))
        client.headers["Cookie"] = f"__Host-session={token}"
        await csrf(client)
        pages = ["/admin/", "/admin/blog-category/list", "/admin/blog-category/create"]
        pages += [f"/admin/blog-category/{name}?pk={category.id}" for name in ("detail", "edit")]
        for url in pages:
            page = await client.get(url)
            assert page.status_code == 200, page.text
            links = re.findall(r"""\s(?:href|src|action)=["']([^"'#?]*)""", page.text)
            assert links
            for link in links:
                path = link.removeprefix("https://localhost")
                assert path.startswith((f"{PREFIX}/admin", "data:")) or not path, (url, link)
            assert not re.findall(r'"/admin[/"]', page.text)
        made = await submit(client, "/admin/blog-category/create", name="Arts", slug="arts")
        assert made.status_code == 303, made.text
        assert made.headers["location"].startswith(f"https://localhost{PREFIX}/admin/")
        gone = await client.post(f"/admin/_api/blog-category/action?pks={category.id}&name=delete")
        assert gone.status_code == 200, gone.text
        assert f"{PREFIX}/admin/blog-category/list" in gone.json()["redirect"]
        static = await client.get("/admin/static/admin.js")
        assert static.status_code == 200
    assert [entry.action for entry in await audit()] == ["add", "delete"]


async def test_a_form_of_one_worker_is_taken_by_another(isolated: None, app: FastAPI) -> None:
    user, category = await superuser(), await stored_category()
    url = f"/admin/blog-category/edit?pk={category.id}"
    other_worker = create_app(settings, title="My Service")
    async with browser(app, user) as one, browser(other_worker, user) as two:
        token = await csrf(one)
        seen = hidden((await one.get(url)).text, "_seen")
        two.headers["Cookie"], two.headers["X-CSRFToken"] = one.headers["Cookie"], token
        fields = {"_seen": seen, "name": "Arts", "slug": "news"}
        answer = await two.post(url, data=fields)
        assert answer.status_code == 303, answer.text
        cookies = answer.headers.get_list("set-cookie")
        one.headers["Cookie"] += "".join(f"; {each.split(';')[0]}" for each in cookies)
        shown = await one.get(f"/admin/blog-category/detail?pk={category.id}")
        assert "was changed successfully" in shown.text
