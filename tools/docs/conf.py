"""Sphinx's settings for the site; see `tools.docs`."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

project = "Groundplan"
author = "Groundplan contributors"
project_copyright = author
version = release = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

extensions = ["myst_parser"]
myst_heading_anchors = 4
myst_enable_extensions = ["deflist"]
root_doc = "index"
highlight_language = "text"
suppress_warnings = ["misc.highlighting_failure"]  # blocks of code may have an ellipsis

html_theme = "furo"
html_title = f"Groundplan {version}"
html_copy_source = False
html_show_sphinx = False
html_static_path = [str(Path(__file__).with_name("static"))]
html_css_files = ["site.css"]
