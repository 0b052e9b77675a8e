"""The pages that the links in mails open: each posts the link's token to its own address."""

from functools import cache
from pathlib import Path
from secrets import token_urlsafe

from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, Template

from ....core.web import Router

PAGES = Path(__file__).parents[1] / "pages"

router = Router(
    prefix="/auth", tags=["pages"], default_response_class=HTMLResponse, route_class=APIRoute
)


@router.get("/confirm")
def confirm() -> HTMLResponse:
    return page("Confirm your address", asks_for_password=True)


@router.get("/reset/confirm")
def reset() -> HTMLResponse:
    return page("Set a new password", asks_for_password=True)


@router.get("/email/confirm")
def email() -> HTMLResponse:
    return page("Confirm your new address", asks_for_password=False)


def page(title: str, *, asks_for_password: bool) -> HTMLResponse:
    nonce = token_urlsafe(16)
    text = template().render(title=title, asks_for_password=asks_for_password, nonce=nonce)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
        "connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    )
    return HTMLResponse(text, headers={"Content-Security-Policy": policy})


@cache
def template() -> Template:
    return Environment(loader=FileSystemLoader(PAGES), autoescape=True).get_template("link.html")
