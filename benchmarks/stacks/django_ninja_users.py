"""django-ninja with async operations."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.http import Http404, HttpRequest
from django.urls import path
from ninja import NinjaAPI, Schema
from ninja.renderers import BaseRenderer

from .django_models import User, change
from .users import pages, tune_collector


class UserIn(Schema):
    email: str
    username: str
    full_name: str | None = None


class UserChange(Schema):
    full_name: str | None = None


class UserOut(Schema):
    id: UUID
    email: str
    username: str
    full_name: str | None
    is_active: bool
    created_at: datetime
    updated_at: datetime


class UserPageOut(Schema):
    items: list[UserOut]
    total: int
    page: int
    per_page: int
    pages: int


class OrjsonRenderer(BaseRenderer):
    """The renderer of https://django-ninja.dev/guides/response/response-renderers/."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data)


api = NinjaAPI(docs_url=None, openapi_url=None, renderer=OrjsonRenderer())


async def found(id: UUID) -> User:
    try:
        return await User.objects.aget(id=id)
    except User.DoesNotExist:
        raise Http404 from None


@api.get("/users/{uuid:id}", response=UserOut)
async def read_user(request: HttpRequest, id: UUID) -> User:
    return await found(id)


@api.get("/users", response=UserPageOut)
async def list_users(request: HttpRequest, page: int = 1, per_page: int = 20) -> dict[str, Any]:
    start = (page - 1) * per_page
    items = [user async for user in User.objects.order_by("id")[start : start + per_page]]
    total = await User.objects.acount()
    return {
        "items": items,
        "total": total,
        "page": page,
        "per_page": per_page,
        "pages": pages(total, per_page),
    }


@api.post("/users", response={201: UserOut})
async def create_user(request: HttpRequest, data: UserIn) -> tuple[int, User]:
    return 201, await User.objects.acreate(**data.dict())


@api.patch("/users/{uuid:id}", response=UserOut)
async def change_user(request: HttpRequest, id: UUID, data: UserChange) -> User:
    user = await found(id)
    await change(user, data.dict(exclude_unset=True))
    return user


@api.delete("/users/{uuid:id}", response={204: None})
async def delete_user(request: HttpRequest, id: UUID) -> tuple[int, None]:
    # https://docs.djangoproject.com/en/5.2/topics/db/optimization/#use-queryset-update-and-delete
    deleted, _ = await User.objects.filter(id=id).adelete()
    if not deleted:
        raise Http404
    return 204, None


urlpatterns = [path("api/", api.urls)]
settings.ROOT_URLCONF = __name__
app = ASGIHandler()
tune_collector()
