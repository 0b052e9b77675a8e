"""The rules of association tables: `tags:many=Tag:table=labels`, `products:many=Product:through=OrderLine`."""

import re
from dataclasses import replace

from . import reserved
from .names import LONGEST
from .refusals import Broken, did_you_mean
from .spec import Field, Model, Spec, Target
from .spelling import spell

TABLE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
OWN = ("owner", "staff")


def check_table(field: Field) -> None:
    """Check the name of an association table.

    Raises:
        Broken: it breaks a rule.
    """
    if field.table is None:
        return
    if field.through is not None:
        problem = f"the associations are the rows of {field.through}, which has its own table"
        raise Broken("through-table", spell(field), problem, "Remove table= or through=.")
    if not TABLE.fullmatch(field.table) or len(field.table) > LONGEST:
        problem = f"a table's name has at most {LONGEST} lowercase letters, digits and single underscores, and starts with a letter"
        raise Broken("table-name", spell(field), problem, "Example: table=product_labels.")
    if field.table in reserved.SQL:
        problem = f"{field.table!r} is a reserved word of SQL"
        raise Broken("sql-word", spell(field), problem, f"Write table={field.table}_links.")


def check_through(model: Model, spec: Spec) -> Model:
    """Check the associations of a model, and return it with those that no request sets.

    Raises:
        Broken: a model of `through=` does not associate the two.
    """
    fields = (_checked(field, model, spec) if field.through else field for field in model.fields)
    return replace(model, fields=tuple(fields))


def reference_to(target: Target | None, through: Model) -> Field:
    """Return the field of an association that refers to one side."""
    return next(one for one in through.fields if one.type == "ref" and one.target == target)


def _checked(field: Field, model: Model, spec: Spec) -> Field:
    known = {one.name: one for one in spec.models}
    name = (field.through or "").removeprefix(f"{spec.app}.")
    through = known.get(name)
    if through is None:
        problem = f"this command has no model {name!r}"
        otherwise = f"Add it: {name} with a reference to each side."
        fix = did_you_mean(name, known, otherwise=otherwise)
        raise Broken("through-unknown", spell(field), problem, fix)
    if field.writeonly:
        problem = f"no request sets it: associations are created as {name}"
        raise Broken("through-writeonly", spell(field), problem, "Remove :writeonly.")
    sides = (Target(spec.app, model.name), field.target)
    if sides[0] == sides[1]:
        problem = f"{name} would associate {model.name} with itself"
        fix = f"Remove the field: {name} with two references is enough."
        raise Broken("through-itself", spell(field), problem, fix)
    keys: list[str] = []
    for side in sides:
        found = [one for one in through.fields if one.type == "ref" and one.target == side]
        if len(found) != 1 or found[0].null or found[0].writeonly:
            said = side.model if side is not None else ""
            problem = f"{name} needs exactly one reference to {said}, NOT NULL and shown in answers"
            fix = f"Example: {name} {said.lower()}:ref={said}."
            raise Broken("through-references", spell(field), problem, fix)
        keys.append(found[0].name)
    if not any(_is_unique(one.fields, keys) for one in through.constraints if one.kind == "unique"):
        problem = f"{name} could associate the same two rows twice"
        raise Broken("through-unique", spell(field), problem, f"Add unique={','.join(keys)}.")
    if through.read in OWN and through.read != model.read:
        problem = f"answers would show associations, which only {through.read} may read"
        fix = f"Give both models the same readers: --read {model.name}={through.read}."
        raise Broken("through-access", spell(field), problem, fix)
    return replace(field, through=name, readonly=True)


def _is_unique(fields: tuple[str, ...], keys: list[str]) -> bool:
    return {name.removesuffix("_id") for name in fields} == set(keys)
