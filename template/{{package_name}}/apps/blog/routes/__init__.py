"""The blog's API, one file a resource."""

from ....core.web import Router
from . import posts, users

router = Router()
router.include_router(users.router)
router.include_router(posts.router)
