"""Updates: whatever release a service comes from, it gets the template's news and keeps its own."""
