"""The start page, and the pages of jobs and sessions."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import func, select
from support import audit, browser, csrf, staff, stored_category, superuser

from my_service.core.admin import operations, views, visitor
from my_service.core.auth import SecurityEvent, Token, TokenKind, issue
from my_service.core.auth.testing import make_user
from my_service.core.db import Key, transaction, utc_now
from my_service.core.jobs import JobState, run_jobs, task
from my_service.core.jobs.models import QueuedJob

JOB, SESSION = "/admin/jobs-queued-job", "/admin/auth-token"
ran: list[int] = []


@task(name="tests.note")
async def note(number: int) -> None:
    ran.append(number)


@task(name="tests.note_once", unique=True)
async def note_once(number: int) -> None:
    ran.append(number)


async def stored_job(state: JobState, number: int = 7, *, once: bool = False) -> QueuedJob:
    """A job that has failed, or is in another state."""
    async with transaction() as session:
        made = await (note_once if once else note).enqueue(session, number)
        job = await session.get_one(QueuedJob, made.id)
        job.state, job.attempts, job.error = state, 6, "<script>alert(1)</script>"
        job.unique_key = None
        return job


async def now(job: QueuedJob) -> QueuedJob:
    async with transaction(read_only=True) as session:
        return await session.get_one(QueuedJob, job.id)


async def act(client: AsyncClient, key: str, name: str, *keys: object) -> Any:
    """Run a bulk action."""
    url = key.replace("/admin/", "/admin/_api/")
    return await client.post(
        f"{url}/action", params={"name": name, "pks": [str(key) for key in keys]}
    )


async def test_failed_jobs_run_again(root: AsyncClient) -> None:
    ran.clear()
    failed, cancelled, done = [
        await stored_job(state, number)
        for number, state in enumerate([JobState.FAILED, JobState.CANCELLED, JobState.DONE])
    ]
    page = await root.get(f"{JOB}/list")
    assert page.text.count("tests.note") >= 3
    detail = await root.get(f"{JOB}/detail?pk={failed.id}")
    assert "&lt;script&gt;alert(1)" in detail.text
    assert "Run again" in detail.text
    answer = await act(root, JOB, "retry", failed.id, cancelled.id, done.id)
    assert answer.status_code == 200, answer.text
    assert [(await now(job)).state for job in (failed, cancelled, done)] == [
        "ready",
        "ready",
        "done",
    ]
    assert len(await audit()) == 2
    await run_jobs()
    assert sorted(ran) == [0, 1]


async def test_one_job_runs_again_and_is_cancelled(root: AsyncClient) -> None:
    job, running = await stored_job(JobState.FAILED), await stored_job(JobState.RUNNING)
    url = f"{JOB.replace('/admin/', '/admin/_api/')}/row-action"
    for name, state in (("retry", "ready"), ("cancel", "cancelled")):
        answer = await root.post(url, params={"pk": str(job.id), "name": name})
        assert answer.status_code == 200, answer.text
        assert (await now(job)).state == state
    again = await root.post(url, params={"pk": str(job.id), "name": "cancel"})
    assert again.status_code == 400
    assert (await act(root, JOB, "cancel", job.id, running.id)).status_code == 200
    assert (await now(running)).state == "cancelling"


async def test_a_job_of_a_unique_task_waits_for_the_other(root: AsyncClient) -> None:
    failed = await stored_job(JobState.FAILED, once=True)
    async with transaction() as session:
        other = await note_once.enqueue(session, 7)
    answer = await act(root, JOB, "retry", failed.id)
    assert answer.json() == {
        "msg": "Another job of this unique task has not ended. Retry this one later."
    }
    assert (await now(failed)).state == "failed"
    async with transaction() as session:
        (await session.get_one(QueuedJob, other.id)).unique_key = None
    assert (await act(root, JOB, "retry", failed.id)).status_code == 200
    assert (await now(failed)).unique_key is not None


async def test_the_start_page_counts_rows_and_jobs(
    isolated: None, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        await stored_category(slug=f"s{number}")
    await stored_job(JobState.FAILED)
    for module in (operations, views):
        monkeypatch.setattr(module, "MOST_EXPORTED", 3)
        monkeypatch.setattr(module, "MOST_COUNTED", 4)
    async with browser(app, await staff("blog.category.view", "jobs.queued_job.view")) as client:
        page = (await client.get("/admin/")).text
    assert "3+" in page
    assert "Failed" in page
    assert "default" in page
    assert "Posts" not in page
    async with browser(app, await staff("blog.category.view")) as client:
        assert "Failed" not in (await client.get("/admin/")).text


async def sessions_of(key: Key) -> int:
    async with transaction(read_only=True) as session:
        counted = select(func.count()).select_from(Token).where(Token.user_id == key)
        return await session.scalar(counted) or 0


async def test_sessions_are_found_and_ended(root: AsyncClient) -> None:
    user = await make_user(email="ada@example.org")
    token, raw = await issue(user.id, TokenKind.SESSION, timedelta(hours=1))
    for term in ("ada@", str(user.id)):
        page = await root.get(f"{SESSION}/list", params={"q": term})
        assert "of 1 entries" in page.text
        assert "ada@example.org" in page.text
        assert raw not in page.text
        assert sha256(raw.encode()).hexdigest() not in page.text
    assert f"q={user.id}" in (await root.get(f"/admin/users-user/detail?pk={user.id}")).text
    assert (await act(root, SESSION, "delete", token)).status_code == 200
    assert await sessions_of(user.id) == 0
    async with transaction(read_only=True) as session:
        kinds = select(SecurityEvent.kind).where(SecurityEvent.user_id == user.id)
        assert [*await session.scalars(kinds)] == ["session_ended"]
    assert await audit() == []


async def test_all_sessions_of_a_user_are_ended(root: AsyncClient) -> None:
    user = await make_user()
    for kind in (TokenKind.SESSION, TokenKind.API, TokenKind.RESET):
        await issue(user.id, kind, timedelta(hours=1))
    url = "/admin/_api/users-user/row-action"
    answer = await root.post(url, params={"pk": str(user.id), "name": "end"})
    assert answer.status_code == 200, answer.text
    assert await sessions_of(user.id) == 0


async def test_links_of_mails_and_expired_sessions_are_not_shown(root: AsyncClient) -> None:
    user = await make_user(email="ada@example.org")
    link, _ = await issue(user.id, TokenKind.RESET, timedelta(hours=1))
    old, _ = await issue(user.id, TokenKind.SESSION, timedelta(hours=-1))
    assert "of 0 entries" in (await root.get(f"{SESSION}/list?q=ada@")).text
    for token in (link, old):
        assert (await root.get(f"{SESSION}/detail?pk={token}")).status_code == 404
        assert (await act(root, SESSION, "delete", token)).status_code < 500
    assert await sessions_of(user.id) == 2


ATTACKS = [
    ("GET", f"{JOB}/list"),
    ("GET", f"{JOB}/detail?pk={{job}}"),
    ("POST", "/admin/_api/jobs-queued-job/action?name=retry&pks={job}"),
    ("POST", "/admin/_api/jobs-queued-job/action?name=cancel&pks={job}"),
    ("POST", "/admin/_api/jobs-queued-job/row-action?name=retry&pk={job}"),
    ("POST", "/admin/_api/jobs-queued-job/row-action?name=cancel&pk={job}"),
    ("GET", f"{SESSION}/list"),
    ("GET", f"{SESSION}/detail?pk={{token}}"),
    ("POST", "/admin/_api/auth-token/action?name=delete&pks={token}"),
    ("POST", "/admin/_api/auth-token/row-action?name=delete&pk={token}"),
    ("POST", "/admin/_api/users-user/row-action?name=end&pk={user}"),
    ("GET", "/admin/admin-audit-entry/list"),
    ("GET", "/admin/auth-security-event/list"),
]
ONLY_VIEW = ("jobs.queued_job.view", "auth.token.view", "users.user.view")
WRITES = [url for method, url in ATTACKS if method == "POST"]
CLOSED = [f"{key}/create" for key in (JOB, SESSION)] + [f"{JOB}/edit?pk={{job}}"]


async def attacked(client: AsyncClient, method: str, url: str) -> tuple[int, bool]:
    """The status, and whether nothing has changed."""
    user = await superuser()
    token, _ = await issue(user.id, TokenKind.SESSION, timedelta(hours=1))
    job = await stored_job(JobState.FAILED)
    await csrf(client)
    url = url.format(job=job.id, token=token, user=user.id)
    answer = await (client.get(url) if method == "GET" else client.post(url))
    kept = (await now(job)).state is JobState.FAILED and await sessions_of(user.id) == 1
    assert "tests.note" not in answer.text
    return answer.status_code, kept and await audit() == []


@pytest.mark.parametrize(("method", "url"), ATTACKS)
async def test_the_pages_of_the_service_need_permissions(
    isolated: None, app: FastAPI, method: str, url: str
) -> None:
    async with browser(app) as client:
        assert await attacked(client, method, url) == (303 if method == "GET" else 401, True)
    for user in (await make_user(), await staff("blog.post.view")):
        async with browser(app, user) as client:
            status, kept = await attacked(client, method, url)
            assert status in (400, 403)
            assert kept


@pytest.mark.parametrize("url", WRITES)
async def test_staff_who_may_only_view_end_and_retry_nothing(
    isolated: None, app: FastAPI, url: str
) -> None:
    async with browser(app, await staff(*ONLY_VIEW)) as client:
        assert await attacked(client, "POST", url) == (400, True)


@pytest.mark.parametrize("url", [each for each in WRITES if "jobs" not in each])
async def test_sessions_of_superusers_are_for_superusers(
    isolated: None, app: FastAPI, url: str
) -> None:
    more = ("auth.token.delete", "users.user.change")
    async with browser(app, await staff(*ONLY_VIEW, *more)) as client:
        assert await attacked(client, "POST", url) == (400, True)


@pytest.mark.parametrize("url", [each for each in WRITES if "jobs" not in each])
async def test_ending_sessions_needs_a_recent_login(
    isolated: None, app: FastAPI, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with browser(app, await superuser()) as client:
        monkeypatch.setattr(visitor, "utc_now", lambda: utc_now() + timedelta(hours=1))
        assert await attacked(client, "POST", url) == (400, True)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("url", CLOSED)
async def test_what_the_service_records_is_not_written_by_forms(
    isolated: None, app: FastAPI, method: str, url: str
) -> None:
    async with browser(app, await superuser()) as client:
        assert await attacked(client, method, url) == (403, True)
