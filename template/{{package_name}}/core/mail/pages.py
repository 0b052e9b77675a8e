# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""/dev/mailbox, which shows the sent messages. `create_app` adds it with DEBUG."""

from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader

from .mailbox import Mailbox

SHOWN = 100
HEADERS = {
    "Cache-Control": "no-store",
    # HTML mails inherit this policy, and are shown in a sandbox: nothing in them runs.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "img-src http: https: data:; form-action 'none'; frame-ancestors 'none'",
}

router = APIRouter(prefix="/dev/mailbox", include_in_schema=False)
templates = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)


@router.get("")
def show_mailbox() -> HTMLResponse:
    mailbox = Mailbox()
    messages = {name: mailbox.message(name) for name in mailbox.names()[:SHOWN]}
    return page(messages=messages, folder=mailbox.folder)


@router.get("/{name}")
def show_message(name: str) -> HTMLResponse:
    mailbox = Mailbox()
    if name not in mailbox.names():
        raise HTTPException(404)
    message = mailbox.message(name)
    bodies = {kind: message.get_body((kind,)) for kind in ("plain", "html")}
    texts = {kind: str(body.get_content()) for kind, body in bodies.items() if body is not None}
    return page(message=message, texts=texts)


def page(**values: object) -> HTMLResponse:
    return HTMLResponse(templates.get_template("mailbox.html").render(values), headers=HEADERS)
