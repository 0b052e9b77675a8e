"""The modules of an app, rendered from templates."""
