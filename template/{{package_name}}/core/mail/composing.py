# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Makes messages from the templates in the folders `mails` of the installed apps."""

from collections.abc import Mapping
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from functools import cache
from pathlib import Path

import jinja2

from ...settings import settings
from ..db import utc_now
from ..jobs import NoRetry
from ..mail_settings import CONTROL, parse_address, parse_mail_from

APPS = Path(__file__).parents[2] / "apps"
POLICY = policy.default.clone(cte_type="7bit")  # which every server accepts


class InvalidMail(NoRetry, ValueError):
    """The message cannot be sent: an address, a header or the name of a template is wrong."""


def compose(
    template: str,
    /,
    *,
    to: str | Address,
    subject: str,
    reply_to: str | Address | None = None,
    headers: Mapping[str, str] | None = None,
    **context: object,
) -> EmailMessage:
    """Return a message from MAIL_FROM to one person. Methods such as `add_attachment` add to it.

    "shop/receipt" is the template `apps/shop/mails/receipt.txt`, and `receipt.html` if it exists.
    HTML templates escape values. A name that is not in the context is an error.

    Args:
        template: the app and the template, without an extension.
        to: the recipient; `Address("Ada Lovelace", addr_spec="ada@example.org")` has a name.
        subject: one line.
        reply_to: the address for answers; by default the sender's.
        headers: further headers, such as List-Unsubscribe.
        context: the values that the template uses.

    Raises:
        InvalidMail: an address or a header is invalid, or the app has no such text template.
        UndefinedError: the template uses a name that is not in the context.
    """
    text, html = find(f"{template}.txt"), find(f"{template}.html")
    if text is None:
        app, _, name = template.partition("/")
        raise InvalidMail(
            f"no mail template {template!r}: write apps/{app}/mails/{name}.txt, and list the app in "
            "INSTALLED_APPS"
        )
    sender = parse_mail_from(settings.mail_from)
    message = EmailMessage(POLICY)
    message["Message-ID"] = make_msgid(domain=sender.domain)
    message["Date"] = format_datetime(utc_now())
    message["From"] = foldable(sender)
    message["To"] = recipient(to)
    if reply_to is not None:
        message["Reply-To"] = recipient(reply_to)
    given = {"Subject": subject, "Auto-Submitted": "auto-generated", **(headers or {})}
    for name, value in given.items():
        if CONTROL.search(name + value):
            raise InvalidMail(f"the header {name!r} contains a control character: {value!r}")
        message[name] = value
    message.set_content(text.render(context))
    if html is not None:
        message.add_alternative(html.render(context), subtype="html")
    return message


@cache
def environment() -> jinja2.Environment:
    """The templates of all installed apps: one may extend or include another app's."""
    folders = {
        app: jinja2.FileSystemLoader(APPS / app / "mails") for app in settings.INSTALLED_APPS
    }
    return jinja2.Environment(
        loader=jinja2.PrefixLoader(folders),
        autoescape=jinja2.select_autoescape(),  # in HTML, but not in text
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def find(name: str) -> jinja2.Template | None:
    try:
        return environment().get_template(name)
    except jinja2.TemplateNotFound:
        return None


def recipient(address: str | Address) -> Address:
    try:
        return foldable(parse_address(address))
    except ValueError as error:
        raise InvalidMail(str(error)) from None


def foldable(address: Address) -> Address:
    """Return the address, without a long name that the email package would fold into a second address.

    Older Pythons drop its quotes: https://github.com/python/cpython/issues/121284
    """
    probe = EmailMessage(POLICY)
    probe["To"] = address
    found = message_from_bytes(bytes(probe), policy=POLICY)["To"].addresses
    same = [other.addr_spec for other in found] == [address.addr_spec]
    return address if same else Address(addr_spec=address.addr_spec)
