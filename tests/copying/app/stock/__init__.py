"""An app of the user's: it is put into a rendered project."""
