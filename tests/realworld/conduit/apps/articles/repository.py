"""The repositories of tags and favorites."""

from ...core.db import Repository
from .models import Favorite, Tag


class TagRepository(Repository[Tag]):
    model = Tag


class FavoriteRepository(Repository[Favorite]):
    model = Favorite
