# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Checks of the mail settings and the mail templates."""

from collections.abc import Iterator
from pathlib import Path

from jinja2 import TemplateSyntaxError
from jinja2.meta import find_referenced_templates

from ...mail.composing import environment
from ...settings import CoreSettings
from .registry import Level, Message, check_settings, warning


@check_settings("mail", deploy=True)
def mail_is_sent(settings: CoreSettings) -> Iterator[Message]:
    if settings.mail_url is None:
        yield warning(
            "mail.W001",
            "MAIL_URL is not set: no mail is sent.",
            "Name the mail server: smtp://user:password@host.",
        )
    if settings.mail_from == CoreSettings.model_fields["mail_from"].default:
        yield warning(
            "mail.W002",
            f"MAIL_FROM is {settings.mail_from}: nobody can answer, and servers may refuse the mail.",
            "Set the sender: Shop <shop@example.org>.",
        )


@check_settings("mail")
def templates_can_be_used(settings: CoreSettings) -> Iterator[Message]:
    mails = environment()
    names = mails.list_templates(extensions=["txt", "html"])
    for name in names:
        try:
            file = mails.get_template(name).filename or ""  # compiles it
            source = mails.parse(Path(file).read_text(encoding="utf-8"))
        except (TemplateSyntaxError, UnicodeDecodeError) as error:
            problem = str(error)
        else:
            needed = {other for other in find_referenced_templates(source) if other}
            problem = ", ".join(sorted(needed.difference(names)))
            problem = problem and f"no such template: {problem}"
        if problem:
            yield Message(
                Level.ERROR,
                "mail.E001",
                f"The mail template {name} cannot be used: {problem}",
                "Correct the template, or remove it.",
            )
