"""The commands: one file each, named as the command, with its help as the docstring and a `click` command named `command`."""
