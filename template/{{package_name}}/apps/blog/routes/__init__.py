"""The blog's API, one file per resource."""

from . import categories, comments, posts, reports

routers = [posts.router, comments.router, categories.router, reports.router]
