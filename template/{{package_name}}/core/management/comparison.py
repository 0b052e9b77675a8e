# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Compares the models with the database more closely than Alembic does by itself.

Only commands that compare import it: `makemigrations`, `check`, and `migrate --fake`.
"""

from . import check_constraints, computed, indexes, primary_keys, server_defaults

PLUGINS = (
    check_constraints.PLUGIN,
    computed.PLUGIN,
    indexes.PLUGIN,
    primary_keys.PLUGIN,
    server_defaults.PLUGIN,
)
