"""Mails and webhooks as jobs: a job carries ids and addresses, and its task makes the token."""

from secrets import token_urlsafe
from uuid import UUID

from ...core.jobs import task
from ...core.mail import compose, send_mail
from ...core.webhooks import RETRIES, make_key, send_webhook

KEY = make_key()


@task()
async def welcome(address: str, name: str) -> None:
    link = f"https://example.org/confirm#token={token_urlsafe()}"
    await send_mail(compose("letters/welcome", to=address, subject="Welcome", name=name, link=link))


@task(queue="webhooks", retries=RETRIES, timeout=60)
async def announce(url: str, message_id: UUID) -> None:
    await send_webhook(url, {"type": "letter.sent"}, id=message_id, keys=KEY)
