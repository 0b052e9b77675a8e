# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Checks for a deployment: `manage.py check --deploy`."""

from collections.abc import Iterator

from ...settings import CoreSettings
from .registry import Level, Message, check_settings

SHORTEST_SECRET = 32


@check_settings("security", deploy=True)
def debug_is_off(settings: CoreSettings) -> Iterator[Message]:
    if settings.debug:
        yield Message(
            Level.WARNING,
            "security.W001",
            "DEBUG is on: clients may see internal details.",
            "Set DEBUG=false.",
        )


@check_settings("security", deploy=True)
def secret_key_is_secret(settings: CoreSettings) -> Iterator[Message]:
    secret = settings.secret_key.get_secret_value() if settings.secret_key else ""
    if len(secret) < SHORTEST_SECRET or len(set(secret)) < SHORTEST_SECRET // 4:
        yield Message(
            Level.WARNING,
            "security.W002",
            f"SECRET_KEY is {'easy to guess' if secret else 'not set'}.",
            'Generate one: python -c "import secrets; print(secrets.token_urlsafe(48))"',
        )


@check_settings("security", deploy=True)
def hosts_are_named(settings: CoreSettings) -> Iterator[Message]:
    if "*" in settings.allowed_hosts:
        yield Message(
            Level.WARNING,
            "security.W003",
            "ALLOWED_HOSTS contains *: a forged Host header may reach links and caches.",
            "List the host names of this service.",
        )
    elif set(settings.allowed_hosts) <= set(CoreSettings.model_fields["allowed_hosts"].default):
        yield Message(
            Level.WARNING,
            "security.W004",
            "ALLOWED_HOSTS lists only this machine: requests to other names are refused.",
            "List the host names of this service.",
        )


@check_settings("security", deploy=True)
def origins_are_named(settings: CoreSettings) -> Iterator[Message]:
    if "*" in settings.cors_origins:
        yield Message(
            Level.WARNING,
            "security.W005",
            "CORS_ORIGINS contains *: any website can call this service from its visitors' browsers.",
            "List the origins that may call it.",
        )
