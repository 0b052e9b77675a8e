"""The repository of follows."""

from ...core.db import Repository
from ..users.models import Follow


class FollowRepository(Repository[Follow]):
    model = Follow
