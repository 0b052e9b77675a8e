<%!
def docstring(text):
    return text.replace("\\", "\\\\").replace('"""', "'''")


def body(statements):
    lines = [line for line in (statements or "").splitlines() if "# ### " not in line]
    return "\n".join(lines).strip() or "pass"
%>\
<%
    up, down = body(context.get("upgrades")), body(context.get("downgrades"))
%>\
"""${message | n, docstring}

Revises: ${comma(down_revision) or "nothing"}
Created: ${create_date.strftime("%Y-%m-%d %H:%M")}
"""

% if "sa." in up + down:
import sqlalchemy as sa
% endif
% if "op." in up + down:
from alembic import op
% endif
% if context.get("imports"):
${imports}
% endif

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
% if branch_labels:
branch_labels = ${repr(branch_labels)}
% endif
% if depends_on:
depends_on = ${repr(depends_on)}
% endif


def upgrade() -> None:
    ${up | n}


def downgrade() -> None:
    ${down | n}
