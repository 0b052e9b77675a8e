"""Every error of the grammar: the value, the rule and the fix, word by word."""

from dataclasses import replace
from pathlib import Path

import pytest

from groundplan.fields import requests, rules, toml
from groundplan.fields.refusals import EXAMPLE, Broken
from groundplan.projects import Project

from ..support.specs import made
from .support import groundplan

TYPES = "str, text, int, bigint, smallint, float, decimal, bool, date, time, datetime, duration, uuid, bytes, json, enum, list, email, url, slug, secret, ref, many"
MODIFIERS = "null, unique, index, default, ge, le, min, max, pattern, readonly, writeonly, on_delete, back, comment"

# What is written, the rule that refuses it, and what is said.
SPELLING = {
    "title:str": (
        "model-missing",
        f"'title:str': a field stands before the first model (model-missing). Name the model first, with a capital, as in: {EXAMPLE}.",
    ),
    "product": (
        "model-form",
        "'product': a model's name starts with a capital (model-form). Write Product.",
    ),
    "Product title": (
        "type-missing",
        f"'title': a field needs a type (type-missing). Write title:str, or another type, as in: {EXAMPLE}.",
    ),
    "Product ti-tle:str": (
        "field-form",
        f"'ti-tle:str': a field is written name:type, and its name in letters, digits and underscores (field-form). As in {EXAMPLE}.",
    ),
    "Product title:strng": (
        "type-unknown",
        "'title:strng': there is no type 'strng' (type-unknown). Did you mean 'string'?",
    ),
    "Product title:qqq": (
        "type-unknown",
        f"'title:qqq': there is no type 'qqq' (type-unknown). The types are {TYPES}.",
    ),
    "Product title:str:uniqeu": (
        "modifier-unknown",
        "'title:str:uniqeu': there is no modifier 'uniqeu' (modifier-unknown). Did you mean 'unique'?",
    ),
    "Product title:str:qqq": (
        "modifier-unknown",
        f"'title:str:qqq': there is no modifier 'qqq' (modifier-unknown). The modifiers are {MODIFIERS}.",
    ),
    "Product title:str:null:null": (
        "modifier-twice",
        "'title:str:null:null': the modifier 'null' stands twice (modifier-twice). Leave one of them out.",
    ),
    "Product title:str:null=1": (
        "modifier-value",
        "'title:str:null=1': the modifier 'null' takes no value (modifier-value). Write :null alone.",
    ),
    "Product stock:int:ge": (
        "modifier-value",
        "'stock:int:ge': the modifier 'ge' needs a value (modifier-value). As in stock:int:ge=0.",
    ),
    "Product stock:int:default": (
        "modifier-value",
        "'stock:int:default': the modifier 'default' needs a value (modifier-value). As in status:enum=draft,live:default=draft.",
    ),
    "Product body:text=9": (
        "args-unknown",
        "'body:text=9': the type 'text' takes nothing after '=' (args-unknown). Write body:text.",
    ),
    "Product price:decimal": (
        "decimal-precision",
        "'price:decimal': a decimal needs its digits in all, and how many are after the point (decimal-precision). As in price:decimal=10,2:ge=0.",
    ),
    "Product price:decimal=10": (
        "decimal-precision",
        "'price:decimal=10': a decimal needs its digits in all, and how many are after the point (decimal-precision). As in price:decimal=10,2:ge=0.",
    ),
    "Product price:decimal=x,2": (
        "number",
        "'price:decimal=x,2': 'x' is no number of digits (number). As in price:decimal=10,2:ge=0.",
    ),
    "Product title:str=long": (
        "number",
        "'title:str=long': 'long' is no number of characters (number). As in title:str=200.",
    ),
    "Product title:str:max=long": (
        "number",
        "'title:str:max=long': 'long' is no number of characters (number). As in body:text:max=10000.",
    ),
    "Product status:enum": (
        "args-missing",
        "'status:enum': the type 'enum' needs values after '=' (args-missing). As in status:enum=draft,live:default=draft.",
    ),
    "Product labels:list": (
        "args-missing",
        "'labels:list': the type 'list' needs a type after '=' (args-missing). As in labels:list=str.",
    ),
    "Product labels:list=strs": (
        "list-item",
        "'labels:list=strs': a list of 'strs' is none (list-item). Did you mean 'str'?",
    ),
    "Product labels:list=json": (
        "list-item",
        "'labels:list=json': a list of 'json' is none (list-item). A list holds one of str, int, float, bool, date, datetime, time, uuid.",
    ),
    "Product author:ref": (
        "args-missing",
        "'author:ref': the type 'ref' needs a model after '=' (args-missing). As in author:ref=blog.User.",
    ),
    "Product author:ref=a.b.c": (
        "target-form",
        "'author:ref=a.b.c': 'a.b.c' is no model (target-form). Write app.Model, as in ref=blog.User.",
    ),
    "Product author:ref=blog.User:on_delete=cascad": (
        "on-delete",
        "'author:ref=blog.User:on_delete=cascad': on_delete=cascad is no way to delete (on-delete). Did you mean 'cascade'?",
    ),
}

MEANING = {
    # Names
    "Pröduct a:int": ("model-name", "'Pröduct': a model's name starts with a capital and has only letters and numbers of ASCII (model-name). Write PrDuct."),
    "None a:int": ("keyword", "'None': it is a keyword of Python (keyword). Choose another, as in NoneItem."),
    "Base a:int": ("model-taken", "'Base': the modules that are generated have something else of this name (model-taken). Choose another, as in BaseItem."),
    "Group a:int": ("sql-word", "'Group': its table 'groups' would have a reserved word of SQL for a name (sql-word). Choose another, as in GroupItem."),
    "User a:int": ("table-taken", "'User': its table 'users' would be that of blog.User too (table-taken). Choose another, as in ShopUser."),
    "Product Product": ("model-twice", "'Product': its Product would be that of Product too (model-twice). Choose another name."),
    "Product ProductRead": ("model-twice", "'ProductRead': its ProductRead would be that of Product too (model-twice). Choose another name."),
    "Product status:enum=a,b ProductStatus": ("model-twice", "'ProductStatus': its ProductStatus would be that of Product too (model-twice). Choose another name."),
    f"P{'r' * 40} a:int": ("name-length", f"'P{'r' * 40}': the name of a model has at most 40 characters, and this has 41 (name-length). Choose a shorter one."),
    "Product fullName:str": ("field-name", "'fullName': a field's name starts with a letter and has only lowercase letters, numbers and single underscores (field-name). Write full_name."),
    "Product class:str": ("keyword", "'class': it is a keyword of Python (keyword). Choose another, as in class_value."),
    "Product order:int": ("sql-word", "'order': 'order' is a reserved word of SQL (sql-word). Choose another, as in order_value."),
    "Product metadata:json": ("sqlalchemy-name", "'metadata': SQLAlchemy has an attribute 'metadata' on every model (sqlalchemy-name). Choose another, as in metadata_value."),
    "Product registry:json": ("sqlalchemy-name", "'registry': SQLAlchemy has an attribute 'registry' on every model (sqlalchemy-name). Choose another, as in registry_value."),
    "Product query:str": ("sqlalchemy-name", "'query': SQLAlchemy has an attribute 'query' on every model (sqlalchemy-name). Choose another, as in query_value."),
    "Product created_at:datetime": ("mixin-name", "'created_at': the mixin Timestamps has a column 'created_at' (mixin-name). Choose another, as in created_at_value."),
    "Product id:int": ("mixin-name", "'id': the mixin PrimaryKey has a column 'id' (mixin-name). Choose another, as in id_value."),
    "Product json:json": ("pydantic-name", "'json': Pydantic has an attribute 'json' on every schema (pydantic-name). Choose another, as in the_json."),
    "Product model_dump:str": ("pydantic-name", "'model_dump': Pydantic has an attribute 'model_dump' on every schema (pydantic-name). Choose another, as in the_model_dump."),
    "Product page:int": ("list-parameter", "'page': every list has a parameter 'page' (list-parameter). Choose another, as in page_value."),
    "Product date:date": ("type-name", "'date': 'date' is a type, which the annotations below would lose (type-name). Choose another, as in day."),
    "Product a:int a:str": ("field-twice", "'a:str=255': 'a:int' has an attribute 'a' already (field-twice). Choose another name, or leave one of them out."),
    "Product author_id:int author:ref=User": ("field-twice", "'author:ref=blog.User': 'author_id:int' has an attribute 'author_id' already (field-twice). Choose another name, or leave one of them out."),
    "Product author:ref=User:back=Products": ("back-name", "'Products': back= names an attribute: lowercase letters, numbers and single underscores (back-name). As in back=products."),
    "Product author:ref=User:back=email": ("back-taken", "'author:ref=blog.User:back=email': User has an attribute 'email' already (back-taken). Choose another for back=."),
    "Product a:ref=User:back=x b:ref=User:back=x": ("back-taken", "'b:ref=blog.User:back=x': User has an attribute 'x' already (back-taken). Choose another for back=."),
    f"Subscription {'a' * 40}:int:unique {'b' * 40}:enum=a,b": ("name-length", f"'{'b' * 40}:enum=a,b': 'ck_subscriptions_subscription{'b' * 40}' would be longer than the 63 characters of PostgreSQL (name-length). Choose a shorter name."),
    # References
    "Product author:ref=blog.Usr": ("target-unknown", "'author:ref=blog.Usr': there is no model 'blog.Usr' (target-unknown). Did you mean 'blog.User'?"),
    "Product author:ref=Zzz": ("target-unknown", "'author:ref=Zzz': there is no model 'Zzz' (target-unknown). There are blog.Category, blog.Comment, blog.Post, blog.PostCategory, blog.Profile, blog.User, ledger.Account, ledger.Transfer, shop.Product."),
    "Product author:ref=User:on_delete=set_null": ("set-null", "'author:ref=blog.User:on_delete=set_null': on_delete=set_null needs a column that may be null (set-null). Add :null, or write on_delete=cascade."),
    "Product place:ref=PostCategory": ("target-key", "'place:ref=blog.PostCategory': PostCategory has no column `id` that could be referred to (target-key). Refer to another, or write it by hand."),
    "Product token:str=20:default=x": ("default-secret", "'token:str=20:default=x': a text that is written out as 'token' is taken for a password (default-secret). Leave default= out, or choose another name."),
    "Product author:ref=User:back=things": ("back-elsewhere", "'author:ref=blog.User:back=things': back= stands in User, which is there already and stays as it is (back-elsewhere). Leave back= out, then give author back_populates=\"things\", and User the line things: Mapped[list[\"Product\"]] = relationship(back_populates=\"author\", lazy=\"raise_on_sql\", passive_deletes=True)."),
    "Product tags:many=Category:back=things": ("back-elsewhere", "'tags:many=blog.Category:back=things': back= stands in Category, which is there already and stays as it is (back-elsewhere). Leave back= out, then give tags back_populates=\"things\", and Category the line things: Mapped[list[\"Product\"]] = relationship(secondary=\"product_tags\", back_populates=\"tags\", lazy=\"raise_on_sql\", passive_deletes=True)."),
    "Product order:ref=Order2 Order2 product:ref=Product": ("reference-cycle", "'Product, Order2': no first row could be: each needs one of the others, or itself (reference-cycle). Leave one reference out, or make it :null where a model refers to itself."),
    "Product parent:ref=Product": ("reference-cycle", "'Product': no first row could be: each needs one of the others, or itself (reference-cycle). Leave one reference out, or make it :null where a model refers to itself."),
    "Product queries:int": ("name-used", "'queries:int': the modules that are generated use the name 'queries' (name-used). Choose another."),
    "Product author:ref=User:default=1": ("modifier-default", "'author:ref=User:default=1': default means nothing for the type 'ref' (modifier-default). Leave it out, or make the reference :null."),
    # Modifiers
    "Product body:text:ge=3": ("modifier-ge", "'body:text:ge=3': ge means nothing for the type 'text' (modifier-ge). A length is bounded by min=."),
    "Product body:text:le=3": ("modifier-le", "'body:text:le=3': le means nothing for the type 'text' (modifier-le). A length is bounded by max=."),
    "Product stock:int:max=3": ("modifier-max", "'stock:int:max=3': max means nothing for the type 'int' (modifier-max). A number is bounded by le=."),
    "Product active:bool:unique": ("modifier-unique", "'active:bool:unique': unique means nothing for the type 'bool' (modifier-unique). It takes null, index, default, readonly, writeonly, comment."),
    "Product meta:json:index": ("modifier-index", "'meta:json:index': index means nothing for the type 'json' (modifier-index). It takes null, default, readonly, writeonly, comment."),
    "Product stock:int:pattern=x": ("modifier-pattern", "'stock:int:pattern=x': pattern means nothing for the type 'int' (modifier-pattern). It takes null, unique, index, default, ge, le, readonly, writeonly, comment."),
    "Product stock:int:back=x": ("modifier-back", "'stock:int:back=x': back means nothing for the type 'int' (modifier-back). It takes null, unique, index, default, ge, le, readonly, writeonly, comment."),
    "Product tags:many=User:null": ("modifier-null", "'tags:many=User:null': null means nothing for the type 'many' (modifier-null). It takes readonly, writeonly, back."),
    "Product a:int:null:readonly:writeonly": ("readonly-writeonly", "'a:int:null:readonly:writeonly': readonly is in answers alone, and writeonly in requests alone (readonly-writeonly). Leave one of them out."),
    "Product a:int:readonly": ("readonly-empty", "'a:int:readonly': nobody can fill a readonly field that has no default and must not be null (readonly-empty). Add :null or :default=."),
    "Product a:int:unique:default=1": ("unique-default", "'a:int:unique:default=1': two rows with the default would not be unique (unique-default). Leave one of them out."),
    "Product a:int:unique:ge=1:le=5": ("unique-few", "'a:int:unique:ge=1:le=5': only 5 rows could ever be, since only so many values are (unique-few). Leave :unique out, or widen the bounds."),
    # Values
    "Product a:int:ge=9:le=5": ("bounds", "'a:int:ge=9:le=5': no number is both ≥ 9 and ≤ 5 (bounds). Swap them."),
    "Product a:int:ge=x": ("ge-value", "'a:int:ge=x': ge=x is no whole number of 32 bits (ge-value). As in ge=1."),
    "Product a:smallint:le=40000": ("le-value", "'a:smallint:le=40000': le=40000 is no whole number of 16 bits (le-value). As in le=1."),
    "Product a:str=20:min=9:max=5": ("bounds", "'a:str=20:min=9:max=5': nothing is both 9 or longer and 5 or shorter (bounds). Swap them."),
    "Product a:str=20:max=50": ("bounds", "'a:str=20:max=50': max=50 is more than the column's 20 characters (bounds). Write max=20 or less."),
    "Product a:text:max=0": ("bounds", "'a:text:max=0': max=0 lets nothing in (bounds). Write max=1 or more."),
    "Product a:url:max=7": ("bounds", "'a:url:max=7': max=7 lets nothing in (bounds). Write max=8 or more."),
    "Product a:str=0": ("str-length", "'a:str=0': a str has a length of 1 to 10000 characters (str-length). Write a:text for longer ones."),
    "Product a:decimal=2,4": ("decimal-digits", "'a:decimal=2,4': a decimal has fewer digits after the point than in all (decimal-digits). As in price:decimal=10,2."),
    "Product a:int:default=x": ("default-value", "'a:int:default=x': default=x is no whole number of 32 bits (default-value). As in default=1."),
    "Product a:bigint:default=9223372036854775808": ("default-value", "'a:bigint:default=9223372036854775808': default=9223372036854775808 is no whole number of 64 bits (default-value). As in default=1."),
    "Product a:decimal=4,2:default=1.234": ("default-value", "'a:decimal=4,2:default=1.234': default=1.234 is no number of these digits (default-value). As in default=0."),
    "Product a:float:default=nan": ("default-value", "'a:float:default=nan': default=nan is no finite number (default-value). As in default=1.5."),
    "Product a:bool:default=maybe": ("default-value", "'a:bool:default=maybe': default=maybe is no true or false (default-value). As in default=true."),
    "Product a:date:default=tomorrow": ("default-value", "'a:date:default=tomorrow': default=tomorrow is no day (default-value). As in default=2026-01-31."),
    "Product a:time:default=25:00": ("default-value", "'a:time:default=25:00': default=25:00 is no time of day without a zone (default-value). As in default=09:30."),
    "Product a:datetime:default=soon": ("default-value", "'a:datetime:default=soon': default=soon is no moment (default-value). As in default=2026-01-31T09:30:00+00:00."),
    "Product a:uuid:default=1": ("default-value", "'a:uuid:default=1': default=1 is no UUID (default-value). As in default=01890a5d-ac96-774b-bcce-b302099a8057."),
    "Product a:json:default=x": ("default-value", "'a:json:default=x': default=x is no object of JSON (default-value). As in default={}."),
    "Product a:enum=b,c:default=d": ("default-value", "'a:enum=b,c:default=d': default=d is no value of this enum (default-value). As in default=b."),
    "Product a:list=int:default=1,x": ("default-value", "'a:list=int:default=1,x': default=1,x is no list of this type, joined by commas (default-value). As in default=a,b."),
    "Product a:email:default=x": ("default-value", "'a:email:default=x': default=x is no address (default-value). As in default=ada@example.org."),
    "Product a:url:default=x": ("default-value", "'a:url:default=x': default=x is no address of http or https (default-value). As in default=https://example.org."),
    "Product a:slug:default=A+B": ("default-value", "'a:slug:default=A+B': default=A+B is no slug (default-value). As in default=a-slug."),
    "Product a:int:ge=1:default=0": ("default-bounds", "'a:int:default=0:ge=1': default=0 is out of the field's own bounds (default-bounds). Choose another default, or none."),
    "Product a:str=3:default=long": ("default-bounds", "'a:str=3:default=long': default=long is longer than 3 characters (default-bounds). Choose another default, or none."),
    "Product a:str=9:min=5:default=x": ("default-bounds", "'a:str=9:default=x:min=5': default=x is shorter than min=5 (default-bounds). Choose another default, or none."),
    "Product a:str=9:pattern=^[A-Z]+$:default=x": ("default-bounds", "'a:str=9:default=x:pattern=^[A-Z]+$': default=x does not match pattern=^[A-Z]+$ (default-bounds). Choose another default, or none."),
    "Product a:list=int:min=1:default=": ("default-bounds", "'a:list=int:default=:min=1': default= has not as many members as min= and max= want (default-bounds). Choose another default, or none."),
    "Product a:str=9:pattern=[": ("pattern", "'a:str=9:pattern=[': pattern=[ is no regular expression: unterminated character set at position 0 (pattern). As in pattern=^[A-Z]+$."),
    "Product a:str=9:pattern=a(?=b)": ("pattern", "'a:str=9:pattern=a(?=b)': a pattern has no lookaround and no backreference: Pydantic's engine has neither (pattern). Check that part in the service."),
    "Product a:enum=b,50%": ("enum-value", "'a:enum=b,50%': '50%' is not a valid enum value: use 1 to 32 printable ASCII characters without blanks, quotes and \\ % : { } (enum-value). Example: enum=draft,in-review,A+."),
    "Product a:enum=in-review,in_review": ("enum-twice", "'a:enum=in-review,in_review': 'in-review' and 'in_review' would be the same enum member IN_REVIEW (enum-twice). Remove one of them."),
}  # fmt: skip

BY_DRIVER = {
    ("aiomysql", "body:text:unique"): ("text-unique", "'body:text:unique': MySQL and MariaDB have no key on a TEXT without a length (text-unique). Write body:str=255:unique."),
    ("aiomysql", "body:text:index"): ("text-index", "'body:text:index': MySQL and MariaDB have no key on a TEXT without a length (text-index). Write body:str=255:index."),
    ("aiomysql", "body:text:default=x"): ("default-on-text", "'body:text:default=x': MySQL has no literal default on TEXT, JSON and BLOB (default-on-text). Write str=255 for text."),
    ("aiomysql", "meta:json:default={}"): ("default-on-text", "'meta:json:default={}': MySQL has no literal default on TEXT, JSON and BLOB (default-on-text). Leave the default out."),
    ("aiomysql", "labels:list=str:default="): ("default-on-text", "'labels:list=str:default=': MySQL has no literal default on TEXT, JSON and BLOB (default-on-text). Leave the default out."),
    ("aiomysql", "title:str=1000:index"): ("key-length", "'title:str=1000:index': a key of MySQL holds at most 768 characters (key-length). Write title:str=768:index."),
    ("asyncpg", "title:str=1000:unique"): ("key-length", "'title:str=1000:unique': a key of PostgreSQL holds at most 670 characters (key-length). Write title:str=670:unique."),
    ("asyncpg", "body:text:unique"): ("key-length", "'body:text:unique': a key of PostgreSQL holds at most 670 characters (key-length). Write body:text:max=670:unique."),
    ("aiosqlite", "price:decimal=20,2"): ("decimal-precision", "'price:decimal=20,2': a decimal has at most 18 digits with SQLite (decimal-precision). Write decimal=18,2."),
    ("aiomysql", "a:str=9000 b:str=9000"): ("row-size", "'Product': its texts come to 72004 bytes a row, and MySQL has 65535 for all (row-size). Make the longest of them text."),
}  # fmt: skip

APPS = {
    "Shop": ("app-name", "'Shop': an app's name starts with a letter and has only lowercase letters, numbers and single underscores (app-name). Write shop."),
    "my-shop": ("app-name", "'my-shop': an app's name starts with a letter and has only lowercase letters, numbers and single underscores (app-name). Write my_shop."),
    "1": ("app-name", "'1': an app's name starts with a letter and has only lowercase letters, numbers and single underscores (app-name). As in shop."),
    "import": ("keyword", "'import': it is a keyword of Python (keyword). Choose another, as in import_app."),
    "core": ("app-taken", "'core': a folder of the template's has this name, in tests/ or in the package (app-taken). Choose another, as in core_app."),
    "a" * 41: ("name-length", f"'{'a' * 41}': the name of an app has at most 40 characters, and this has 41 (name-length). Choose a shorter one."),
}  # fmt: skip

PLURALS = {
    ("Product", "Goods"): ("plural-form", "'Goods': the plural in an address has words of a-z and 0-9 joined by '-' (plural-form). As in products."),
    ("Product", "users"): ("plural-taken", "'Product': /api/users is there already, of blog.User (plural-taken). Choose another: --plural shop-users."),
    ("Product", "Prodct=goods"): ("plural-model", "'Prodct=goods': there is no model 'Prodct' in this call (plural-model). Did you mean 'Product'?"),
    ("Product Order2", "goods"): ("plural-model", "'goods': it may be of any of 2 models (plural-model). As in Product=goods."),
}  # fmt: skip

TOML = {
    "app = 'store'\n[Product]": ("toml-app", "the file is for the app 'store', and the command for 'shop' (toml-app). Say startapp store, or leave app out."),
    "Product = 1": ("toml-form", "'Product': a file of models has a table for each, and at most `app` besides (toml-form). As in [Product.fields] and title = \"str=200\"."),
    "[Product]\nfeilds = {}": ("toml-form", "'Product.feilds': a model has no such key (toml-form). Did you mean 'fields'?"),
    "[Product]\nplural = 1": ("toml-form", "'Product': plural is a text, and fields are a table (toml-form). As in [Product.fields] and title = \"str=200\"."),
    "[Product.fields]\na = 1": ("toml-form", "'a': a field is a text or a table (toml-form). As in [Product.fields] and title = \"str=200\"."),
    "[Product.fields]\na = { null = true }": ("type-missing", "'a': a field that is a table has a type (type-missing). As in a = { type = \"str\" }."),
}  # fmt: skip


@pytest.mark.parametrize(("words", "said"), SPELLING.items())
def test_what_is_not_of_the_grammar_is_wrong_usage(
    reading: Project, words: str, said: tuple[str, str]
) -> None:
    error = refused(reading, words)
    assert (error.rule, error.format_message(), error.exit_code) == (*said, 2)


@pytest.mark.parametrize(("words", "said"), MEANING.items())
def test_what_breaks_a_rule_is_refused_by_its_name(
    reading: Project, words: str, said: tuple[str, str]
) -> None:
    error = refused(reading, words)
    assert (error.rule, error.format_message(), error.exit_code) == (*said, 1)


@pytest.mark.parametrize(("driver", "field"), BY_DRIVER)
def test_what_a_database_cannot_do_is_refused_for_it_alone(
    reading: Project, driver: str, field: str
) -> None:
    error = refused(replace(reading, driver=driver), f"Product {field}")
    assert (error.rule, error.format_message()) == BY_DRIVER[driver, field]
    others = {"aiosqlite", "asyncpg", "aiomysql"} - {
        name for name, text in BY_DRIVER if text == field
    }
    assert any(accepted(replace(reading, driver=other), f"Product {field}") for other in others)


@pytest.mark.parametrize(("name", "said"), APPS.items())
def test_names_of_apps(reading: Project, name: str, said: tuple[str, str]) -> None:
    with pytest.raises(Broken) as error:
        rules.check(requests.from_words(name, ["Product"]), reading)
    assert (error.value.rule, error.value.format_message()) == said


@pytest.mark.parametrize(("words", "plural"), PLURALS)
def test_plurals(reading: Project, words: str, plural: str) -> None:
    with pytest.raises(Broken) as error:
        asked_with(words, plural, reading)
    assert (error.value.rule, error.value.format_message()) == PLURALS[words, plural]


@pytest.mark.parametrize(("text", "said"), TOML.items())
def test_files_of_toml(reading: Project, tmp_path: Path, text: str, said: tuple[str, str]) -> None:
    file = tmp_path / "spec.toml"
    file.write_text(text)
    with pytest.raises(Broken) as error:
        rules.check(toml.from_toml(file, "shop"), reading)
    assert error.value.rule == said[0]
    assert error.value.format_message().removeprefix(f"{str(file)!r}: ") == said[1]


def asked_with(words: str, plural: str, project: Project) -> None:
    spec = requests.from_words("shop", words.split())
    rules.check(requests.with_plurals(spec, [plural]), project)


def refused(project: Project, words: str) -> Broken:
    with pytest.raises(Broken) as error:
        made(requests.from_words("shop", words.split()), project)
    return error.value


def accepted(project: Project, words: str) -> bool:
    try:
        rules.check(requests.from_words("shop", words.split()), project)
    except Broken:
        return False
    return True


def test_two_models_of_one_name_do_not_stand_in_one_file(project: Path) -> None:
    app = project / "my_service/apps/crm"
    app.mkdir()
    (app / "__init__.py").touch()
    (app / "models.py").write_text('class User(PrimaryKey, Base):\n    __tablename__ = "people"\n')
    error = refused(Project.open(project), "Product author:ref=blog.User owner:ref=crm.User")
    assert (error.rule, error.format_message()) == (
        "model-twice",
        "'owner:ref=crm.User': two models called User would stand in one file (model-twice). "
        "Rename the new one, or write the reference by hand.",
    )


def test_a_core_that_is_older_than_the_program_is_told(project: Path) -> None:
    web = project / "my_service/core/web/__init__.py"
    web.write_text(web.read_text().replace('    "SortOf",\n', ""))
    done = groundplan("startapp", "shop", "Product", "title:str", cwd=project, code=1)
    assert done.stderr == (
        "Error: 'shop': my_service.core.web has no SortOf (core-older). The project is of an older "
        "version: bring it up to date, by `groundplan update`.\n"
    )
    assert not (project / "my_service/apps/shop").exists()
