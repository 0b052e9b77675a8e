# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Compares the models with the database more closely than Alembic does by itself.

Only commands that compare import it: `makemigrations`, `check`, and `migrate --fake`.
"""

from . import check_constraints, primary_keys, server_defaults

PLUGINS = (check_constraints.PLUGIN, primary_keys.PLUGIN, server_defaults.PLUGIN)
