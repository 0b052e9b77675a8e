"""django-ninja with async operations."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.http import Http404, HttpRequest
from django.urls import path
from ninja import NinjaAPI, Schema

from .django_models import User
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


api = NinjaAPI(docs_url=None, openapi_url=None)


async def found(id: UUID) -> User:
    try:
        return await User.objects.aget(id=id, deleted_at=None)
    except User.DoesNotExist:
        raise Http404 from None


@api.get("/users/{uuid:id}", response=UserOut)
async def read_user(request: HttpRequest, id: UUID) -> User:
    return await found(id)


@api.get("/users", response=UserPageOut)
async def list_users(request: HttpRequest, page: int = 1, per_page: int = 20) -> dict[str, Any]:
    live = User.objects.filter(deleted_at=None)
    start = (page - 1) * per_page
    items = [user async for user in live.order_by("id")[start : start + per_page]]
    total = await live.acount()
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
    for name, value in data.dict(exclude_unset=True).items():
        setattr(user, name, value)
    await user.asave()
    return user


urlpatterns = [path("api/", api.urls)]
settings.ROOT_URLCONF = __name__
app = ASGIHandler()
tune_collector()
