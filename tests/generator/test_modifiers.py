"""Modifiers of models, made values and associations: their spellings, and every refusal's message."""

from dataclasses import replace
from pathlib import Path
from re import findall, fullmatch, split
from secrets import token_hex
from typing import Any
from unicodedata import normalize

import pytest

from groundplan.editing.code import defined
from groundplan.fields import requests, rules, toml
from groundplan.fields.history import recorded, renderable
from groundplan.fields.refusals import Broken
from groundplan.fields.spelling import command
from groundplan.projects import Project
from groundplan.resources.modules import app_files

PART = "Part product:ref=Product item:ref=Item unique=product,item Item name:str=40"
SPELLINGS = {
    "Product:softdelete:version title:str": "Product:softdelete:version title:str=255",
    "Product:versioned:paranoid title:str": "Product:softdelete:version title:str=255",
    "Product:slug=title title:str=40": "Product title:str=40 slug:slug:unique:made=title:readonly",
    "Product token:str=16:made=random": "Product token:str=16:made=random:readonly",
    "Product token:uuid:unique:made=random": "Product token:uuid:unique:made=random:readonly",
    "Product clerk:ref=User:made=creator": "Product clerk:ref=users.User:made=creator:readonly",
    "Product clerk:ref=User:null:made=editor": "Product clerk:ref=users.User:null:made=editor:readonly",
    "Product tags:many=blog.Category:table=labels": "Product tags:many=blog.Category:table=labels",
    f"Product items:many=Item:through=shop.Part {PART}": f"Product items:many=shop.Item:readonly:through=Part {PART.replace('ref=', 'ref=shop.')}",
}
REFUSED = {
    "Product handle:citext=40:unique": "'handle:citext=40:unique': only PostgreSQL has texts that are compared without regard to case (postgresql-only). Write handle:str=40, and store it in lowercase.",
    "Product:sofdelete": "'Product:sofdelete': unknown modifier 'sofdelete' of a model (model-modifier). Did you mean 'softdelete'?",
    "Product:zzz": "'Product:zzz': unknown modifier 'zzz' of a model (model-modifier). The modifiers of a model are softdelete, version, slug= and search=.",
    "Product:version:versioned": "'Product:version:versioned': duplicate modifier 'version' (modifier-twice). Remove one of them.",
    "Product:search=": "'Product:search=': search= needs the fields whose words are searched for (modifier-value). Example: Product:search=title,body.",
    "Product:search=title title:str": "'Product:search=title': SQLite has no full-text index of a table's columns (search-database). Remove search=.",
    "Product:version=1": "'Product:version=1': the modifier 'version' takes no value (modifier-value). Write :version alone.",
    "Product:slug=": "'Product:slug=': slug= needs the field that the slug is made from (modifier-value). Example: Product:slug=title.",
    "Product:slug=name title:str": "'slug:slug:unique:made=name:readonly': Product has no field 'name' (made-field). The fields are slug, title.",
    "Product:slug=titel title:str": "'slug:slug:unique:made=titel:readonly': Product has no field 'titel' (made-field). Did you mean 'title'?",
    "Product:slug=title title:str:null": "'slug:slug:unique:made=title:readonly': a slug is made from a str or text that is NOT NULL, set by requests and shown in answers, unlike title:str=255:null (made-field). Name another field.",
    "Product:slug=title title:str:default=a:readonly": "'slug:slug:unique:made=title:readonly': a slug is made from a str or text that is NOT NULL, set by requests and shown in answers, unlike title:str=255:default=a:readonly (made-field). Name another field.",
    "Product x:str:made=random:default=a": "'x:str=255:default=a:made=random': a value that the server makes needs no default (made-default). Remove one of them.",
    "Product x:str:made=random:writeonly": "'x:str=255:made=random:writeonly': no request sets a value that the server makes (made-writeonly). Remove :writeonly.",
    "Product x:str:made=random:min=3": "'x:str=255:made=random:min=3': no request sets the value, so it has no bounds (made-bounds). Remove min=, max= and pattern=.",
    "Product x:str:made=now": "'x:str=255:made=now': unknown value made=now (made-unknown). Write made=random. For a slug, write slug:slug:unique:made=title.",
    "Product x:ref=User:made=owner": "'x:ref=users.User:made=owner': unknown value made=owner (made-unknown). Write made=creator, the user who creates the row, or made=editor, who changed it last.",
    "Product x:ref=blog.Post:made=editor": "'x:ref=blog.Post:made=editor': the creator and the editor of a row are users (made-user). Write x:ref=users.User:made=editor.",
    "Product x:ref=User:unique:made=creator": "'x:ref=users.User:unique:made=creator': each user could create or change one row only (made-unique). Remove :unique.",
    "Product x:ref=User:made=editor --write public": "'x:ref=users.User:made=editor:readonly': anyone may write, and an anonymous caller is not a user (made-public). Write --write Product=login, Product=owner or Product=staff.",
    "Product x:str=8:made=random": "'x:str=8:made=random': a random text has at least 16 characters (made-length). Write x:str=32.",
    "Product x:many=blog.Category:table=Labels": "'x:many=blog.Category:table=Labels': a table's name has at most 40 lowercase letters, digits and single underscores, and starts with a letter (table-name). Example: table=product_labels.",
    "Product x:many=blog.Category:table=order": "'x:many=blog.Category:table=order': 'order' is a reserved word of SQL (sql-word). Write table=order_links.",
    "Product x:many=blog.Category:table=posts": "'x:many=blog.Category:table=posts': its table 'posts' already belongs to blog.Post (table-taken). Choose another name.",
    "Product x:many=blog.Category:table=a:through=Part": "'x:many=blog.Category:table=a:through=Part': the associations are the rows of Part, which has its own table (through-table). Remove table= or through=.",
    "Product x:many=blog.Category:through=Part": "'x:many=blog.Category:through=Part': this command has no model 'Part' (through-unknown). Add it: Part with a reference to each side.",
    f"Product x:many=Item:through=Parts {PART}": "'x:many=shop.Item:through=Parts': this command has no model 'Parts' (through-unknown). Did you mean 'Part'?",
    f"Product x:many=Item:through=Part:writeonly {PART}": "'x:many=shop.Item:writeonly:through=Part': no request sets it: associations are created as Part (through-writeonly). Remove :writeonly.",
    f"Product x:many=Product:through=Part {PART}": "'x:many=shop.Product:through=Part': Part would associate Product with itself (through-itself). Remove the field: Part with two references is enough.",
    "Product x:many=Item:through=Part Part item:ref=Item Item name:str": "'x:many=shop.Item:through=Part': Part needs exactly one reference to Product, NOT NULL and shown in answers (through-references). Example: Part product:ref=Product.",
    "Product x:many=Item:through=Part Part item:ref=Item:null product:ref=Product Item name:str": "'x:many=shop.Item:through=Part': Part needs exactly one reference to Item, NOT NULL and shown in answers (through-references). Example: Part item:ref=Item.",
    "Product x:many=Item:through=Part Part item:ref=Item product:ref=Product Item name:str": "'x:many=shop.Item:through=Part': Part could associate the same two rows twice (through-unique). Add unique=product,item.",
    f"Product x:many=Item:through=Part {PART} --access Part=owner": "'x:many=shop.Item:through=Part': answers would show associations, which only owner may read (through-access). Give both models the same readers: --read Product=owner.",
}  # fmt: skip


@pytest.mark.parametrize("words", SPELLINGS)
def test_a_modifier_has_a_canonical_form(reading: Project, words: str) -> None:
    spec = rules.check(requests.from_words("shop", words.split()), reading)
    assert command(spec).split(" --")[0] == f"groundplan startapp shop {SPELLINGS[words]}"
    assert rules.check(requests.from_command(command(spec)), reading) == spec


@pytest.mark.parametrize("words", REFUSED)
def test_an_invalid_modifier_is_refused(reading: Project, words: str) -> None:
    with pytest.raises(Broken) as error:
        rules.check(requests.from_command(f"groundplan startapp shop {words}"), reading)
    assert error.value.format_message() == REFUSED[words]


def test_a_file_says_the_same(tmp_path: Path) -> None:
    file = tmp_path / "spec.toml"
    file.write_text(
        '[Product]\nsoftdelete = true\nversion = true\nslug = "title"\n[Product.fields]\ntitle = "str"\n'
        'tags = { type = "many", target = "blog.Category", table = "labels" }\n'
    )
    words = "Product:softdelete:version:slug=title title:str tags:many=blog.Category:table=labels"
    read = toml.from_toml(file, "shop").models[0]
    written = requests.from_words("shop", words.split()).models[0]
    assert {*read.fields} == {*written.fields}
    assert (read.soft_delete, read.versioned) == (True, True)


def test_a_check_in_a_file_may_have_lines(tmp_path: Path) -> None:
    file = tmp_path / "spec.toml"
    file.write_text('[Product]\ncheck = ["""low <\nhigh"""]\n')
    (constraint,) = toml.from_toml(file, "shop").models[0].constraints
    assert constraint.fields == ("low", "high")


def test_what_is_made_of_a_field_or_a_model_follows_its_new_name() -> None:
    made = (
        f"groundplan startapp shop Product:slug=title title:str items:many=Item:through=Part {PART}"
    )
    renamed = ["renamefield shop.Product title name", "renamemodel shop.Part Share"]
    spec = recorded([made, *(f"groundplan {words}" for words in renamed)], "Product")
    assert spec is not None
    slug, name, items = spec.models[0].fields
    assert (slug.made, name.name, items.through) == ("name", "name", "Share")


def test_a_slug_has_words_joined_by_single_hyphens(reading: Project) -> None:
    spec = rules.check(requests.from_words("shop", ["Product:slug=title", "title:str"]), reading)
    files = {path.name: text for path, text in app_files(reading, spec).items()}
    names: dict[str, Any] = {"findall": findall, "normalize": normalize, "token_hex": token_hex}
    exec(defined(files["models.py"])["new_slug"], names)
    for title in ("a " * 60, "Ärger", "", "漢字", "x" * 200):
        slug = names["new_slug"](title)
        assert fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
        assert len(slug) <= 120


SEARCHES = {
    "Product handle:citext=1000:unique": "'handle:citext=1000:unique': an index of PostgreSQL holds at most 670 characters (key-length). Write handle:citext=670:unique.",
    "Product handle:citext=0": "'handle:citext=0': the length of a citext is 1 to 10000 characters (str-length). Write handle:text for longer texts.",
    "Product handle:citext:made=random": "'handle:citext=255:made=random': the type 'citext' does not support made (modifier-made). Its modifiers are null, unique, index, default, min, max, pattern, readonly, writeonly, comment.",
    "Product:search=titel title:str": "'Product:search=titel': Product has no field 'titel' (search-field). Did you mean 'title'?",
    "Product:search=x x:int": "'Product:search=x': only a str or text that answers show is searched, unlike x:int (search-field). Leave it out.",
    "Product:search=x x:text:writeonly": "'Product:search=x': only a str or text that answers show is searched, unlike x:text:writeonly (search-field). Leave it out.",
    "Product:search=x,x x:text": "'Product:search=x,x': a field occurs twice (search-field). Remove one of them.",
    "Product:search=x x:text search:int": "'search:int': the search needs the name 'search' (search-name). Choose another name.",
    "Product:search=x x:text search_text:int": "'search_text:int': the search needs the name 'search_text' (search-name). Choose another name.",
    "Product:search=x x:text search_vector:int": "'search_vector:int': the search needs the name 'search_vector' (search-name). Choose another name.",
    "Product:search=x x:text --routes create": "'Product:search=x': no route lists rows of Product (search-list). Remove search=, or add the route list.",
    "Product:search=x,y x:text:max=90001 y:text": "'Product:search=x,y': a search covers at most 100000 characters of a row, and these may have 100001 (search-length). Lower max= of a text.",
}  # fmt: skip


@pytest.mark.parametrize("words", SEARCHES)
def test_an_invalid_search_is_refused(reading: Project, words: str) -> None:
    with pytest.raises(Broken) as error:
        rules.check(
            requests.from_command(f"groundplan startapp shop {words}"),
            replace(reading, driver="asyncpg"),
        )
    assert error.value.format_message() == SEARCHES[words]


def test_a_search_has_a_canonical_form_and_follows_new_names(reading: Project) -> None:
    words = "Product:version:fulltext=title,body title:str body:text"
    spec = rules.check(
        requests.from_words("shop", words.split()), replace(reading, driver="asyncpg")
    )
    spelled = command(spec).split(" --")[0]
    assert (
        spelled
        == "groundplan startapp shop Product:version:search=title,body title:str=255 body:text"
    )
    after = recorded([spelled, "groundplan renamefield shop.Product title name"], "Product")
    assert after is not None
    assert after.models[0].search == ("name", "body")
    gone = recorded([spelled, "groundplan removefield shop.Product search_vector"], "Product")
    assert gone is not None
    assert gone.models[0].search == ()


SEARCH_WORDS = {
    "red door": '+"red" +"door"',
    '"red  door" -blue': '+"red door" -"blue"',
    "red blue OR green": '(+"red" +"blue") (+"green")',
    "or red or or": '+"red"',
    'the of a "the of" x': "",
    "\"with O'Brien": '+"with O\'Brien"',
    "-": "",
    '--red +a*b" (c@2)': '-"-red"',
    "Größe\t漢字語": '+"Größe" +"漢字語"',
    '"a\nred"': '+"a red"',
}


def test_a_search_on_mysql_has_no_operators_of_its_own(reading: Project) -> None:
    project = replace(reading, driver="aiomysql")
    spec = rules.check(requests.from_words("shop", ["Product:search=title", "title:str"]), project)
    files = {path.name: text for path, text in app_files(project, spec).items()}
    names: dict[str, Any] = {"findall": findall, "split": split}
    code = defined(files["routes.py"])
    exec(code["STOPWORDS"] + "\n" + code["search_words"], names)
    assert {text: names["search_words"](text) for text in SEARCH_WORDS} == SEARCH_WORDS


def test_an_app_that_refers_to_a_missing_model_is_not_rendered_again(reading: Project) -> None:
    made = "groundplan startapp shop Product title:str tags:many="
    assert renderable(reading, [f"{made}blog.Category"], "Product") is not None
    assert renderable(reading, [f"{made}blog.Gone"], "Product") is None
