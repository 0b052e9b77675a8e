# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""From the models to a revision: what Alembic finds, and what it would lose if nobody asked."""

from alembic.runtime.plugins import Plugin

from . import check_constraints, operations, renames

PLUGINS = ("core.check_constraints", "core.renames")

Plugin.setup_plugin_from_module(check_constraints, PLUGINS[0])
Plugin.setup_plugin_from_module(renames, PLUGINS[1])

__all__ = ["PLUGINS", "operations"]
