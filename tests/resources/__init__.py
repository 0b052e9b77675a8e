"""What a resource is rendered to, on real databases."""
