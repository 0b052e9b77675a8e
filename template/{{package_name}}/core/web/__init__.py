# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The web layer. Apps import from here: `from ...core.web import Router, Schema, SessionDep`."""

from .app import create_app as create_app
from .errors import ExceptionHandlers as ExceptionHandlers
from .errors import error_details as error_details
from .errors import unique_fields as unique_fields
from .lists import Cursor as Cursor
from .lists import Limit as Limit
from .lists import PageNumber as PageNumber
from .lists import PageOf as PageOf
from .lists import PerPage as PerPage
from .lists import ScrollOf as ScrollOf
from .lists import SortOf as SortOf
from .logging import configure_logging as configure_logging
from .patch import LEFT_OUT as LEFT_OUT
from .patch import Patch as Patch
from .problem import Problem as Problem
from .problem import problem as problem
from .problem import problems as problems
from .routing import Router as Router
from .routing import SessionDep as SessionDep
from .routing import UnitOfWorkRoute as UnitOfWorkRoute
from .rows import page_answer as page_answer
from .rows import scroll_answer as scroll_answer
from .schemas import Schema as Schema
from .unstorable_text import parse_json as parse_json
