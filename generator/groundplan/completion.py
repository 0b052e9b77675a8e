"""Shell completion. It reads the project's files, and ignores errors."""

from collections.abc import Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem


def complete_app(_ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Offer the apps of the project."""
    from .errors import Refusal
    from .projects import Project

    try:
        project = Project.find(Path.cwd())
        apps = sorted(init.parent.name for init in project.apps.glob("*/__init__.py"))
    except Refusal:
        apps = []
    return _items(apps, typed)


def complete_model(
    _ctx: click.Context, _param: click.Parameter, typed: str
) -> list[CompletionItem]:
    """Offer the models of the project."""
    return _items(_models(), typed)


def complete_word(_ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Offer the next part of a field: its type, the model that it refers to, its modifiers."""
    from .fields import words

    begun, colon, last = typed.rpartition(":")
    if not colon:
        return []
    if begun.count(":") == 0:
        word, equals, _ = last.partition("=")
        if equals and word in ("ref", "many"):
            return _items((f"{begun}:{word}={model}" for model in _models()), typed)
        takes = (f"{name}=" if word.takes else name for name, word in words.TYPES.items())
        return _items((f"{begun}:{name}" for name in takes), typed)
    type_ = words.type_named(begun.split(":")[1].partition("=")[0])
    if type_ is None:
        return []
    modifiers = (word for word in words.MODIFIERS if word in words.TYPES[type_].modifiers)
    spelled = (word if word in words.FLAGS else f"{word}=" for word in modifiers)
    return _items((f"{begun}:{word}" for word in spelled), typed)


def _models() -> list[str]:
    from .errors import Refusal
    from .projects import Project

    try:
        found = Project.find(Path.cwd()).models()
    except Refusal:
        return []
    return sorted(f"{target.app}.{target.model}" for target in found)


def _items(words: Iterable[str], typed: str) -> list[CompletionItem]:
    return [CompletionItem(word) for word in words if word.startswith(typed)]
