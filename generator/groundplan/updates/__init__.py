"""Updates: git merges the template's changes into a service."""
