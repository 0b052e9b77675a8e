"""The users' API and pages, one file per resource."""

from . import login, me, pages, staff, tokens

routers = [login.router, me.router, tokens.router, staff.router, pages.router]
