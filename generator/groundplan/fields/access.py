"""Who may call the routes of a model: `--read`, `--write` and `--access`."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from ..projects import Project
from .refusals import Broken, Misspelt, did_you_mean
from .spec import Access, Field, Model, Spec, Target
from .spelling import spell

ACCESS: tuple[Access, ...] = ("public", "login", "owner", "staff")
# Who may write, by who may read: the answer to a write shows the row.
WRITERS: dict[Access, tuple[Access, ...]] = {
    "public": ACCESS,
    "login": ("login", "owner", "staff"),
    "owner": ("owner",),
    "staff": ("staff",),
}
USER = Target("users", "User")
OWNER = Field(name="owner", type="ref", target=USER, on_delete="cascade", readonly=True)


def with_access(
    spec: Spec, *, read: Sequence[str], write: Sequence[str], both: Sequence[str]
) -> Spec:
    """Set who may call the routes: `owner` for every model, `Product=owner` for one.

    Raises:
        Misspelt: a word is unknown, or names no model of the spec.
    """
    models = {model.name: model for model in spec.models}
    for text in (*both, *read):
        for name, access in _chosen(text, models):
            models[name] = replace(models[name], read=access)
    for text in (*both, *write):
        for name, access in _chosen(text, models):
            models[name] = replace(models[name], write=access)
    return replace(spec, models=tuple(models.values()))


def _chosen(text: str, models: Collection[str]) -> list[tuple[str, Access]]:
    """Return the models that an option names, each with its access."""
    name, equals, word = text.rpartition("=")
    access = access_named(word, text)
    if equals and name not in models:
        fix = did_you_mean(name, models, otherwise=f"The models are {', '.join(models)}.")
        raise Misspelt("access-model", text, f"this command has no model {name!r}", fix)
    return [(one, access) for one in ([name] if equals else models)]


def access_named(word: str, text: str) -> Access:
    """Return the access of this name.

    Raises:
        Misspelt: it is unknown.
    """
    for access in ACCESS:
        if word == access:
            return access
    otherwise = f"Write {', '.join(ACCESS[:-1])} or {ACCESS[-1]}."
    fix = did_you_mean(word, ACCESS, otherwise=otherwise)
    raise Misspelt("access-unknown", text, f"unknown access {word!r}", fix)


def with_defaults(model: Model, project: Project) -> Model:
    """Return a model with who may read and who may write.

    With users, the default is `login`; a model that only its owners or only staff read is
    written by them too. Without users every route is public.

    Raises:
        Broken: the project has no users, or whoever may write could not read the answer.
    """
    if not project.auth and model.read is None and model.write is None:
        return model
    default: Access = "login" if project.auth else "public"
    least: Access = "public" if model.write == "public" else default
    read = model.read or least
    write = model.write or (read if read in ("owner", "staff") else default)
    needed = [access for access in (read, write) if access != "public"]
    if needed and not project.has_users:
        problem = "this project has no users, so its routes are public"
        fix = "Run `groundplan update --set auth=yes` first, or leave it out."
        if project.auth:
            problem = "the app users is not installed, so no route can ask for a login"
            fix = 'Add "users" to INSTALLED_APPS, or write --access public.'
        raise Broken("no-auth", f"{model.name}={needed[0]}", problem, fix)
    if write not in WRITERS[read]:
        problem = f"write={write} needs read={' or '.join(_readers(write))}, not {read}"
        fix = "A write answers with the row, so whoever may write it must be able to read it."
        raise Broken("access-pair", model.name, problem, fix)
    return replace(model, read=read, write=write)


def check_owned(model: Model) -> None:
    """Check that no field has a name that an owned model uses.

    Raises:
        Broken: one does.
    """
    for field in model.fields if model.is_owned else ():
        if field.name in ("owner", "owner_id"):
            problem = "the column owner_id is the user who creates the row"
            raise Broken("owner-twice", spell(field), problem, "Remove the field, or rename it.")


def _readers(write: Access) -> list[Access]:
    return [read for read in ACCESS if write in WRITERS[read]]
