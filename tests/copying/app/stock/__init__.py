"""An app of a service's owner; the tests copy it into a rendered project."""
