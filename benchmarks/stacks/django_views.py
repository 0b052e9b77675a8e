"""Django's async views."""

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import path

from .django_models import User, shown
from .users import pages, tune_collector


async def user(request: HttpRequest, id: UUID) -> JsonResponse:
    try:
        found = await User.objects.aget(id=id, deleted_at=None)
    except User.DoesNotExist:
        raise Http404 from None
    if request.method == "PATCH":
        for name, value in json.loads(request.body).items():
            setattr(found, name, value)
        await found.asave()
    return JsonResponse(shown(found))


async def users(request: HttpRequest) -> JsonResponse:
    if request.method == "POST":
        created = await User.objects.acreate(**json.loads(request.body))
        return JsonResponse(shown(created), status=201)
    page = int(request.GET.get("page", 1))
    per_page = int(request.GET.get("per_page", 20))
    live = User.objects.filter(deleted_at=None)
    start = (page - 1) * per_page
    items: list[dict[str, Any]] = [
        shown(found) async for found in live.order_by("id")[start : start + per_page]
    ]
    total = await live.acount()
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
