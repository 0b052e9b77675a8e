"""The generated test of missing fields, once requests need further ones."""

from collections.abc import Sequence

from ..fields.history import renderable, with_fields
from ..fields.names import snake
from ..fields.spec import Field, Target
from ..projects import Project
from ..resources.modules import app_files
from .code import defined
from .definitions import Generated, replace_definitions
from .edits import Edits
from .source import Unsafe


def expect_required(
    project: Project,
    target: Target,
    fields: tuple[Field, ...],
    commands: Sequence[str],
    edits: Edits,
) -> None:
    """Have the test name new fields that requests need, or say what to do by hand.

    Args:
        fields: the new fields.
        commands: the commands that made the app, oldest first.
        edits: of the call so far.
    """
    spec = renderable(project, commands, target.model, with_added=True)
    if spec is None:
        return
    name = f"test_{snake(target.model)}_rejects_missing_and_unknown_fields"
    before = app_files(project, spec)
    after = app_files(project, with_fields(spec, target.model, fields))
    for path in before.keys() & after.keys():
        new, file = defined(after[path]), project.root / path
        if name not in new or not file.is_file():
            continue
        kept = frozenset({*defined(before[path]), *new} - {name})
        generated = Generated(before[path], after[path], kept, merges=True)
        try:
            done = replace_definitions(project.root, path, file.read_bytes().decode(), generated)
        except (Unsafe, UnicodeDecodeError) as reason:
            said = reason if isinstance(reason, Unsafe) else "it is not valid UTF-8"
            edits.by_hand.append(f"{path}: {said}. With the fields, the test is:\n{new[name]}")
            continue
        if done.text is not None:
            edits.edits[path] = done.text
        for text in done.by_hand.values():
            said = f"{path}: {name} is not as generated. With the fields, it is:\n{text}"
            edits.by_hand.append(said)
