"""The blog's API, one file a resource."""

from ....core.web import Router
from . import categories, comments, posts, reports, users

router = Router()
router.include_router(users.router)
router.include_router(posts.router)
router.include_router(comments.router)
router.include_router(categories.router)
router.include_router(reports.router)
