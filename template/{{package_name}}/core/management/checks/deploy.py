# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Checks for a deployment: `manage.py check --deploy`."""

import re
from collections.abc import Iterator

from ...settings import CoreSettings
from .registry import Message, check_settings, warning

SHORTEST_SECRET = 32
# What documentation and examples write in place of a key.
PLACEHOLDER = re.compile("change|default|example|insecure|password|placeholder|secret|your[-_]")
# An origin as browsers send it: in lower case and ASCII, without a path or the scheme's own port.
ORIGIN = re.compile(
    r"(?!http://.*:80$|https://.*:443$)[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]+)?"
)
# Everyone can register a name directly below these: *.com, *.co.uk.
PUBLIC_SUFFIX = re.compile(r"\*\.((ac|co|com|edu|gov|net|org)\.)?[^.]+")


def unmatched(origins: list[str]) -> str:
    """The origins that no browser sends, separated by commas."""
    return ", ".join(o for o in origins if o not in ("*", "null") and not ORIGIN.fullmatch(o))


@check_settings("security", deploy=True)
def debug_is_off(settings: CoreSettings) -> Iterator[Message]:
    if settings.debug:
        yield warning(
            "security.W001",
            "DEBUG is on: clients may see internal details.",
            "Set DEBUG=false.",
        )


@check_settings("security", deploy=True)
def secret_key_is_secret(settings: CoreSettings) -> Iterator[Message]:
    secret = settings.secret_key.get_secret_value() if settings.secret_key else ""
    is_guessable = len(secret) < SHORTEST_SECRET or len(set(secret)) < SHORTEST_SECRET // 4
    if is_guessable or PLACEHOLDER.search(secret.lower()):
        weakness = "easy to guess" if is_guessable else "a placeholder"
        yield warning(
            "security.W002",
            f"SECRET_KEY is {weakness if secret else 'not set'}.",
            'Generate one: python -c "import secrets; print(secrets.token_urlsafe(48))"',
        )


@check_settings("security", deploy=True)
def hosts_are_named(settings: CoreSettings) -> Iterator[Message]:
    if "*" in settings.allowed_hosts:
        yield warning(
            "security.W003",
            "ALLOWED_HOSTS contains *: a forged Host header may reach links and caches.",
            "List the host names of this service.",
        )
    elif set(settings.allowed_hosts) <= set(CoreSettings.model_fields["allowed_hosts"].default):
        yield warning(
            "security.W004",
            "ALLOWED_HOSTS lists only this machine: requests to other names are refused.",
            "List the host names of this service.",
        )
    suffixes = [host for host in settings.allowed_hosts if PUBLIC_SUFFIX.fullmatch(host)]
    if suffixes:
        yield warning(
            "security.W010",
            f"ALLOWED_HOSTS contains {', '.join(suffixes)}: anyone can register such a name.",
            "List the host names of this service, or *.example.com for a domain of your own.",
        )


@check_settings("security", deploy=True)
def origins_are_named(settings: CoreSettings) -> Iterator[Message]:
    for every in sorted({"*", "null"}.intersection(settings.cors_origins)):
        yield warning(
            "security.W005",
            f"CORS_ORIGINS contains {every}: any website can call this service from its visitors' "
            "browsers.",
            "List the origins that may call it.",
        )
    found = unmatched(settings.cors_origins)
    if found:
        yield warning(
            "security.W011",
            f"CORS_ORIGINS contains what no browser sends as its origin: {found}.",
            "Write each as https://app.example.com: in lower case, without a path, a final slash, the "
            "port 443 or *.",
        )


@check_settings("security", deploy=True)
def statements_are_not_logged(settings: CoreSettings) -> Iterator[Message]:
    if settings.db_echo:
        yield warning(
            "security.W012",
            "DB_ECHO is on: every statement is logged, which is slow and shows the data's structure.",
            "Set DB_ECHO=false; DB_SLOW_QUERY logs slow statements.",
        )


@check_settings("security", deploy=True)
def documentation_is_closed(settings: CoreSettings) -> Iterator[Message]:
    if settings.docs:
        yield warning(
            "security.W013",
            "DOCS is on: everyone can read the API's documentation.",
            "Set DOCS=false, or list the check in SILENCED_CHECKS if the API is public.",
        )
