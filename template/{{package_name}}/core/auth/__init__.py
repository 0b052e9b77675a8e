# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Users and access. Apps import from here: `from ...core.auth import BaseUser, limit`."""

from .access import Access as Access
from .access import Identity as Identity
from .events import record as record
from .limits import Limit as Limit
from .limits import limit as limit
from .login import end_session as end_session
from .login import forget_session as forget_session
from .login import log_in as log_in
from .models import BaseUser as BaseUser
from .models import Group as Group
from .models import GroupMember as GroupMember
from .models import GroupPermission as GroupPermission
from .models import SecurityEvent as SecurityEvent
from .models import Token as Token
from .models import TokenKind as TokenKind
from .models import UserPermission as UserPermission
from .passwords import WeakPassword as WeakPassword
from .passwords import make_hash as make_hash
from .passwords import verifiers as verifiers
from .passwords import verify as verify
from .permissions import has_permission as has_permission
from .tokens import InvalidToken as InvalidToken
from .tokens import delete_tokens as delete_tokens
from .tokens import hold as hold
from .tokens import issue as issue
from .tokens import lifetime as lifetime
from .tokens import mailed_token as mailed_token
from .tokens import read_mailed as read_mailed
from .tokens import requested_token as requested_token
from .tokens import use as use
from .users import by_email as by_email
from .users import normalize_email as normalize_email
from .users import user_model as user_model
