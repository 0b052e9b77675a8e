"""The blog's API, one file per resource."""

from . import categories, comments, posts, reports, users

routers = [
    users.router,
    posts.router,
    comments.router,
    categories.router,
    reports.router,
]
