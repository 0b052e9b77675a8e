"""The field grammar: accepted spellings and their canonical form."""

import re
import shlex
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundplan.fields import grammar, names, requests, rules, toml, values
from groundplan.fields.spec import Field, Spec, Target
from groundplan.fields.spelling import command, spell
from groundplan.projects import Project

from ..support.specs import specs

SAME = [
    "title:str=200",
    "title:str=200:unique",
    "body:text:null",
    "stock:int:index:ge=0:le=9",
    "views:bigint",
    "rating:smallint:default=3:ge=1:le=5",
    "weight:float:default=0.5",
    "price:decimal=10,2:ge=0",
    "active:bool:default=true",
    "due_on:date:default=now",
    "opens_at:time:default=09:30:00",
    "published_at:datetime:null:index",
    "published_at:datetime:default=2026-01-31T09:30:00+00:00",
    "length:duration",
    "token:uuid:unique",
    "thumbnail:bytes:null:max=1000",
    "meta:json:default={}",
    "status:enum=draft,in-review,live:index:default=draft",
    "labels:list=str:min=1:max=5",
    "contact:email:unique",
    "website:url:default=https://example.org",
    "slug:slug:unique",
    "api_key:secret:writeonly",
    "author:ref=users.User:on_delete=cascade:back=products",
    "categories:many=blog.Category",
    "code:str=8:pattern=^[A-Z]+$",
    "note:str=20:default=x:readonly",
    "note:str=20:comment=see: the others",
    "note:str=20:comment=see::unique",
]

# Spellings of other tools, and their canonical form.
UNDERSTOOD = {
    "title:string": "title:str=255",
    "title:str": "title:str=255",
    "title:string:uniq": "title:str=255:unique",
    "title:string!": "title:str=255",
    "title:string:required": "title:str=255",
    "title:string:200:index": "title:str=200:index",
    "title:string{40}": "title:str=40",
    "price:decimal{10,2}": "price:decimal=10,2",
    "price:numeric:10,2": "price:decimal=10,2",
    "stock:integer:nullable": "stock:int:null",
    "active:boolean": "active:bool",
    "at:utc_datetime_usec": "at:datetime",
    "at:timestamp": "at:datetime",
    "photo:binary": "photo:bytes",
    "meta:map": "meta:json",
    "meta:jsonb": "meta:json",
    "handle:citext": "handle:citext=255",
    "handle:citext:40:uniq": "handle:citext=40:unique",
    "labels:array:string": "labels:array=str",
    "key:binary_id": "key:uuid",
    "api_key:token": "api_key:secret",
    "status:enum:draft:live": "status:enum=draft,live",
    "status:enum:draft:live:default=draft": "status:enum=draft,live:default=draft",
    "author:references:users": "author:ref=users",
    "author_id:references:users": "author:ref=users",
    "author:belongs_to:User:on_delete=delete_all": "author:ref=User:on_delete=cascade",
    "author:fk=users.User:null:on_delete=nilify-all": "author:ref=users.User:null:on_delete=set_null",
    "tags:habtm:Tag": "tags:many=Tag",
    "title:STR=20:UNIQUE": "title:str=20:unique",
}


@pytest.mark.parametrize("text", SAME)
def test_the_canonical_form_parses_to_itself(text: str) -> None:
    assert spell(grammar.parse_field(text)) == text


@pytest.mark.parametrize(("text", "canonical"), UNDERSTOOD.items())
def test_spellings_of_rails_and_phoenix_are_accepted(text: str, canonical: str) -> None:
    assert spell(grammar.parse_field(text)) == canonical


@given(value=st.text(min_size=1), unique=st.booleans())
def test_any_text_is_a_value_that_parses_back(value: str, unique: bool) -> None:
    field = Field(name="a", type="text", unique=unique, default="x", comment=value)
    assert grammar.parse_field(spell(field)) == field


def test_the_printed_command_parses_to_the_same_spec(reading: Project) -> None:
    @settings(max_examples=60, deadline=None)
    @given(specs(reading))
    def law(spec: Spec) -> None:
        assert re.search(" --(access|read .* --write) ", command(spec))
        assert rules.check(requests.from_command(command(spec)), reading) == spec

    law()


def test_several_models_in_one_call(reading: Project) -> None:
    words = [
        "Product",
        "title:str=200",
        "Order",
        "product:ref=Product",
        "buyer:ref=User",
        "count:int",
    ]
    spec = rules.check(requests.from_words("shop", words), reading)
    assert [model.name for model in spec.models] == ["Product", "Order"]
    targets = [field.target for field in spec.models[1].fields if field.target]
    assert targets == [Target("shop", "Product"), Target("users", "User")]


@pytest.mark.parametrize("named", ["users.User", "User", "users", "user", "users.users"])
def test_a_reference_finds_its_model(reading: Project, named: str) -> None:
    spec = rules.check(requests.from_words("shop", ["Product", f"author:ref={named}"]), reading)
    assert spec.models[0].fields[0].target == Target("users", "User")


def test_plurals_are_regular_unless_given(reading: Project) -> None:
    words = ["Box", "OrderLine", "Category2", "Stock"]
    spec = requests.with_plurals(requests.from_words("shop", words), ["Stock=stock"])
    assert [model.plural for model in rules.check(spec, reading).models] == [
        "boxes",
        "order-lines",
        "category2s",
        "stock",
    ]


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("tags", "tag"),
        ("categories", "category"),
        ("action_movies", "action_movie"),
        ("boxes", "box"),
        ("addresses", "address"),
        ("statuses", "status"),
        ("branches", "branch"),
        ("caches", "cache"),
        ("houses", "house"),
        ("series", "series"),
        ("people", "people"),
    ],
)
def test_the_singular_of_a_plural(plural: str, singular: str) -> None:
    assert names.singular(plural) == singular


def test_toml_gives_the_same_spec(tmp_path: Path, reading: Project) -> None:
    file = tmp_path / "spec.toml"
    file.write_text(
        """
        app = "shop"

        [Product]
        plural = "goods"

        [Product.fields]
        title = "str=200:unique"
        price = { type = "decimal", precision = 10, scale = 2, ge = 0 }
        kind = { type = "enum", choices = ["a", "b"], default = "a", null = false, index = true }
        code = { type = "str", length = 8, pattern = "^(?:a|b):unique", comment = "see: this:null" }

        [Order.fields]
        product = { type = "ref", target = "Product", on_delete = "cascade" }
        """
    )
    spec = rules.check(toml.from_toml(file, "shop"), reading)
    assert shlex.split(command(spec)) == [
        "groundplan",
        "startapp",
        "shop",
        "Product",
        "title:str=200:unique",
        "price:decimal=10,2:ge=0",
        "kind:enum=a,b:index:default=a",
        "code:str=8:pattern=^(?:a|b)::unique:comment=see: this::null",
        "Order",
        "product:ref=shop.Product:on_delete=cascade",
        "--plural",
        "Product=goods",
        "--access",
        "login",
    ]


@pytest.mark.parametrize(
    ("choice", "member"),
    [
        ("draft", "DRAFT"),
        ("in-review", "IN_REVIEW"),
        ("A+", "A_PLUS"),
        ("A-", "A_MINUS"),
        ("2XL", "VALUE_2XL"),
        ("4k", "VALUE_4K"),
        ("1/2", "VALUE_1_2"),
        ("C#", "C_NUMBER"),
        ("_", "LOW_LINE"),
        ("<=", "LESS_THAN_EQUALS"),
    ],
)
def test_every_enum_value_has_a_member(choice: str, member: str) -> None:
    assert values.member(choice) == member
    assert member.isidentifier()
