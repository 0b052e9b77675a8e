"""The blog's API, one file a resource."""

from . import categories, comments, posts, reports, users

routers = [
    users.router,
    posts.router,
    comments.router,
    categories.router,
    reports.router,
]
