# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Checks of what logging in needs."""

from collections.abc import Iterator

from ...settings import CoreSettings
from .deploy import unmatched
from .registry import Message, check_settings, warning


@check_settings("security", deploy=True)
def links_begin_with_the_public_url(settings: CoreSettings) -> Iterator[Message]:
    if not settings.public_url.startswith("https://"):
        yield warning(
            "security.W007",
            f"PUBLIC_URL is {settings.public_url}: links in mails lead there, without https.",
            "Set the URL that people use: https://app.example.com",
        )


@check_settings("security", deploy=True)
def trusted_origins_can_match(settings: CoreSettings) -> Iterator[Message]:
    found = unmatched(settings.trusted_origins)
    if found:
        yield warning(
            "security.W014",
            f"TRUSTED_ORIGINS contains what no browser sends as its origin: {found}.",
            "Write each as https://app.example.com: in lower case, without a path, the port 443 or *.",
        )
