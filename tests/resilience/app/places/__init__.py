"""An app that says which server answered a read."""
