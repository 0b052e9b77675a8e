"""Mails as jobs: a job carries ids and addresses, and its task makes the token."""

from secrets import token_urlsafe

from ...core.jobs import task
from ...core.mail import compose, send_mail


@task()
async def welcome(address: str, name: str) -> None:
    link = f"https://example.org/confirm#token={token_urlsafe()}"
    await send_mail(compose("letters/welcome", to=address, subject="Welcome", name=name, link=link))
