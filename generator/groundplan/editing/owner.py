"""An owner for an existing model: its column, and the routes and queries that filter by it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..fields.access import OWNER, USER
from ..fields.hidden import checked_references, generated
from ..fields.history import renderable, with_owner
from ..fields.names import table_of
from ..fields.nesting import check_parent
from ..fields.owner import NewOwner
from ..fields.refusals import Broken
from ..fields.spec import Model, Spec, Target
from ..projects import Project
from ..resources.modules import app_files
from . import references
from .checking import check_reference
from .code import defined
from .definitions import Generated, replace_definitions
from .edits import Edits, keep_sorted
from .fields import NewFields, add_fields
from .source import Unsafe


def check_owner(project: Project, target: Target) -> None:
    """Check that a model may get an owner.

    Raises:
        Broken: the project has no users, the model has an owner, or the users refer to it.
    """
    spelled = f"{target.app}.{target.model}"
    if not project.has_users:
        problem = "this project has no users, so no row can belong to one"
        fix = "Run `groundplan update --set auth=yes` first."
        if project.auth:
            problem = "the app users is not installed, so no row can belong to a user"
            fix = 'Add "users" to INSTALLED_APPS.'
        raise Broken("no-auth", spelled, problem, fix)
    if taken := {"owner", "owner_id"} & project.model(target).names:
        problem = f"the model already has an attribute {min(taken)!r}"
        raise Broken(
            "owner-twice", spelled, problem, "Rename it first, or write the filters by hand."
        )
    if not project.model(target).has_id:
        problem = "the model has no column `id`, which the index of an owner ends with"
        raise Broken("owner-key", spelled, problem, "Add the owner by hand.")
    if target == USER:
        problem = "the owner of a user would be a user"
        raise Broken("reference-circle", spelled, problem, "Choose another model.")
    check_reference(project, target, OWNER)


def add_owner(
    project: Project, target: Target, owner: NewOwner, table: str, commands: Iterable[str]
) -> Edits:
    """Work out what the files of a project become, and what is left to do by hand.

    Args:
        commands: the commands that made the app, as its record has them, oldest first.

    Raises:
        Refusal: anyone could refer to the rows, or a template is invalid.
    """
    addition = _Addition(
        project, target, owner, add_fields(NewFields.of(project, target, (), table, owner))
    )
    spec = renderable(project, commands, target.model)
    if spec is None:
        addition.say_everything()
    else:
        addition.replace_all(spec)
    if owner.read == "owner":
        addition.say_references()
    edits = keep_sorted(project.root, addition.edited)
    return Edits(
        {**addition.made.files, **addition.new}, addition.made.edits | edits, addition.by_hand
    )


@dataclass
class _Addition:
    project: Project
    target: Target
    owner: NewOwner
    made: Edits
    new: dict[PurePosixPath, str] = field(default_factory=dict[PurePosixPath, str])
    edited: dict[PurePosixPath, tuple[str, str]] = field(
        default_factory=dict[PurePosixPath, tuple[str, str]]
    )
    generated: set[Target] = field(default_factory=set[Target])

    @property
    def by_hand(self) -> list[str]:
        return self.made.by_hand

    @property
    def folder(self) -> PurePosixPath:
        return PurePosixPath(self.project.package, "apps", self.target.app)

    def replace_all(self, spec: Spec) -> None:
        """Replace what is rendered otherwise once the model has an owner."""
        owned = with_owner(spec, self.target.model, self.owner.read)
        self._refuse_anyone(owned)
        for model in owned.models:
            check_parent(model, owned, self.project)
        before, after = app_files(self.project, spec), app_files(self.project, owned)
        skipped = (self.folder / "models.py", self.folder / "__init__.py")
        classes = defined(before[self.folder / "models.py"])
        self.generated = {Target(self.target.app, name) for name in classes}
        for path, text in after.items():
            if path not in skipped and "versions" not in path.parts and text != before.get(path):
                self._replace(path, before.get(path, ""), text)
        self._say_unfiltered({name for text in after.values() for name in defined(text)})

    def _replace(self, path: PurePosixPath, before: str, after: str) -> None:
        file = self.project.root / path
        kept = frozenset({f"{self.target.model}Read"} if path.name == "schemas.py" else ())
        generated = Generated(before, after, kept)
        if not file.exists():
            if before and generated.changed:
                self._say(path, "it does not exist", generated.changed)
            if not before:
                self.new[path] = after
            return
        try:
            text = self.made.edits.get(path) or file.read_bytes().decode()
            done = replace_definitions(self.project.root, path, text, generated)
        except (Unsafe, UnicodeDecodeError) as reason:
            said = reason if isinstance(reason, Unsafe) else "it is not valid UTF-8"
            self._say(path, str(said), generated.changed)
            return
        if done.text is not None:
            self.edited[path] = text, done.text
        if done.by_hand:
            verb = "is" if len(done.by_hand) == 1 else "are"
            said = f"{', '.join(done.by_hand)} {verb} not as generated"
            self._say(path, said, done.by_hand)

    def _say_unfiltered(self, generated: set[str]) -> None:
        """Name the owner's definitions whose statements have no condition on the new column."""
        statement = re.compile(rf"\b(select|update|delete|prepare_\w+)\(\s*{self.target.model}\b")
        for file in sorted((self.project.root / self.folder).rglob("*.py")):
            path = PurePosixPath(file.relative_to(self.project.root).as_posix())
            texts = _definitions(file)
            found = [
                name
                for name, text in texts.items()
                if name not in generated and statement.search(text) and "owner_id" not in text
            ]
            if found:
                names = ", ".join(found)
                self.by_hand.append(
                    f"{path}: {names}: a statement of {self.target.model} without its owner. If users "
                    f'call it, add the condition {self.target.model}.owner_id == bindparam("owner").'
                )

    def _say(self, path: PurePosixPath, reason: str, texts: dict[str, str]) -> None:
        written = "\n\n\n".join(texts.values())
        self.by_hand.append(f"{path}: {reason}. With the owner, the generated code is:\n{written}")

    def _refuse_anyone(self, spec: Spec) -> None:
        """Refuse an owner if anyone could refer to rows that only their owners may read.

        Raises:
            Broken: anonymous callers could.
        """
        for model in spec.models:
            if model.write == "public" and self._checked(model, spec):
                problem = f"anyone could refer to rows of {self.target.model}, which only their owners may read"
                name = f"{self.target.app}.{model.name}"
                fix = f"Give {name} an owner first, or let others read: --read login."
                raise Broken("owned-reference", name, problem, fix)

    def _checked(self, model: Model, spec: Spec) -> bool:
        return any(
            one.target == self.target for one in checked_references(model, spec, self.project)
        )

    def say_everything(self) -> None:
        """Say what to do in an app that was written by hand."""
        name = self.target.model
        filtered = f'{name}.owner_id == bindparam("owner")'
        reads = "read, " if self.owner.read == "owner" else ""
        self.by_hand.append(
            f"{self.folder}: {name} was not generated, or its record is missing. In its routes:\n"
            "Import CurrentUser from apps/users/access.py, and add the parameter `user: CurrentUser`.\n"
            "Set owner_id=user.id where a row is created.\n"
            f"Add the condition {filtered} to each statement that can {reads}change or delete a row,\n"
            "and pass owner=user.id. A row of another user is then answered with 404."
        )

    def say_references(self) -> None:
        """Name the other models that refer to rows which only their owners may now read."""
        models, alone = self.project.models(), Spec(app="", models=())
        made = {model: generated(model, alone, self.project) for model in models}
        below = [model for model, one in made.items() if one and one.under == self.target]
        for target in (self.target, *below):
            table = self.project.model(target).table or table_of(target.model)
            for model, file in models.items():
                follows = model in self.generated or model == target
                if not follows and table in references.tables(self.project, model):
                    path = file.relative_to(self.project.root).as_posix()
                    self.by_hand.append(
                        f"{path}: {model.model} refers to {target.model}, whose rows only their owners "
                        "may now read. Check in its routes that the row belongs to the caller."
                    )


def _definitions(file: Path) -> dict[str, str]:
    """Return the definitions of a file; none if it cannot be read."""
    try:
        return defined(file.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError):
        return {}
