"""Django's async views, with its sessions in the database and its authentication.

See https://docs.djangoproject.com/en/5.2/topics/auth/default/#authentication-in-web-requests
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any
from uuid import UUID

import django
from django.apps import apps
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.management import call_command
from django.http import Http404, JsonResponse
from django.urls import path

from .products import ProductRead
from .users import tune_collector

settings.INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "benchmarks.stacks.django_people",
]
settings.AUTH_USER_MODEL = "django_people.Account"
settings.MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
settings.ROOT_URLCONF = __name__
django.setup()
Product: Any = apps.get_model("django_people", "Product")
COLUMNS = tuple(ProductRead.model_fields)


async def product(request: Any, id: UUID) -> JsonResponse:
    user = await request.auser()
    if not user.is_authenticated:
        return JsonResponse({}, status=401)
    try:
        return JsonResponse(await Product.objects.values(*COLUMNS).aget(id=id))
    except Product.DoesNotExist:
        raise Http404 from None


def log_in(keys: Sequence[str]) -> list[str]:
    """Create the table of sessions, and return the header of each user."""
    call_command("migrate", "sessions", verbosity=0)
    sessions = import_module(settings.SESSION_ENGINE)
    users: Any = apps.get_model("django_people", "Account")
    headers: list[str] = []
    for user in users.objects.filter(id__in=keys):
        session = sessions.SessionStore()
        session["_auth_user_id"] = str(user.id)
        session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
        session["_auth_user_hash"] = user.get_session_auth_hash()
        session.save()
        headers.append(f"Cookie: {settings.SESSION_COOKIE_NAME}={session.session_key}")
    return headers


urlpatterns = [path("api/products/<uuid:id>", product)]
app = ASGIHandler()
tune_collector()
