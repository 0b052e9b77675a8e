"""Django's async views.

Reads return dicts rather than model instances:
https://docs.djangoproject.com/en/5.2/topics/db/optimization/#use-queryset-values-or-values-list
"""

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from .django_models import User, change
from .users import UserRead, pages, tune_collector

COLUMNS = tuple(UserRead.model_fields)


def shown(user: User) -> dict[str, Any]:
    """Return a user as JSON members."""
    return {name: getattr(user, name) for name in COLUMNS}


async def user(request: HttpRequest, id: UUID) -> HttpResponse:
    if request.method == "DELETE":
        # https://docs.djangoproject.com/en/5.2/topics/db/optimization/#use-queryset-update-and-delete
        deleted, _ = await User.objects.filter(id=id).adelete()
        if not deleted:
            raise Http404
        return HttpResponse(status=204)
    try:
        if request.method == "PATCH":
            found = await User.objects.aget(id=id)
            await change(found, json.loads(request.body))
            return JsonResponse(shown(found))
        return JsonResponse(await User.objects.values(*COLUMNS).aget(id=id))
    except User.DoesNotExist:
        raise Http404 from None


async def users(request: HttpRequest) -> JsonResponse:
    if request.method == "POST":
        created = await User.objects.acreate(**json.loads(request.body))
        return JsonResponse(shown(created), status=201)
    page = int(request.GET.get("page", 1))
    per_page = int(request.GET.get("per_page", 20))
    start = (page - 1) * per_page
    rows = User.objects.order_by("id").values(*COLUMNS)[start : start + per_page]
    items = [row async for row in rows]
    total = await User.objects.acount()
    return JsonResponse(
        {
            "items": items,
            "total": total,
            "page": page,
            "per_page": per_page,
            "pages": pages(total, per_page),
        }
    )


urlpatterns = [path("api/users", users), path("api/users/<uuid:id>", user)]
settings.ROOT_URLCONF = __name__
app = ASGIHandler()
tune_collector()
