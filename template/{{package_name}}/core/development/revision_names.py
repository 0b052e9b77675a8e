# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Names a revision after what it does, for `makemigrations` without -m."""

from collections.abc import Sequence

from ..management.describe import Description

LONGEST_NAME = 40  # characters; Alembic cuts the file's name there


def suggest_name(found: Sequence[Description]) -> str:
    """A name for a revision: "create posts", "add slug to posts and more"."""
    names = list(dict.fromkeys(operation.name for operation in found if operation.name))
    name, count = joined(names), len(names)
    while len(name) > LONGEST_NAME and count > 1:
        count -= 1
        name = f"{joined(names[:count])} and more"
    return name


def joined(names: Sequence[str]) -> str:
    """The names with commas between them and no verb repeated: "create posts, comments"."""
    verbs = [name.partition(" ")[0] for name in names]
    return ", ".join(
        name.removeprefix(f"{verb} ") if verb == before else name
        for name, verb, before in zip(names, verbs, ["", *verbs], strict=False)
    )
