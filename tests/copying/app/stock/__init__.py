"""An app as a service's owner would write it; the tests copy it into a rendered project."""
