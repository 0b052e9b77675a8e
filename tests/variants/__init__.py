"""Every variant: rendered, judged, and run, against rules that are stated apart from copier.yml."""
