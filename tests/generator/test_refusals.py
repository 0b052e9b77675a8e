"""Every error in a spec: each whole message, with the value, the rule and the fix."""

from dataclasses import replace
from pathlib import Path

import pytest

from groundplan.fields import requests, rules, toml
from groundplan.fields.refusals import EXAMPLE, Broken
from groundplan.projects import Project

from ..support.specs import made
from .support import groundplan

TYPES = "str, text, citext, int, bigint, smallint, float, decimal, bool, date, time, datetime, duration, uuid, bytes, json, enum, list, array, email, url, slug, secret, password, ref, many"
MODIFIERS = "null, unique, index, default, made, ge, le, min, max, pattern, readonly, writeonly, on_delete, back, table, through, comment"

# The argument, the rule that refuses it, and the message.
SPELLING = {
    "title:str": (
        "model-missing",
        f"'title:str': a field precedes the first model (model-missing). Name the model first, with a capital. Example: {EXAMPLE}.",
    ),
    "product": (
        "model-form",
        "'product': a model's name starts with a capital (model-form). Write Product.",
    ),
    "Product title": (
        "type-missing",
        f"'title': the type is missing (type-missing). Write title:str, or another type. Example: {EXAMPLE}.",
    ),
    "Product ti-tle:str": (
        "field-form",
        f"'ti-tle:str': write a field as name:type; its name has letters, digits and underscores (field-form). Example: {EXAMPLE}.",
    ),
    "Product title:strng": (
        "type-unknown",
        "'title:strng': unknown type 'strng' (type-unknown). Did you mean 'string'?",
    ),
    "Product title:qqq": (
        "type-unknown",
        f"'title:qqq': unknown type 'qqq' (type-unknown). The types are {TYPES}.",
    ),
    "Product title:str:uniqeu": (
        "modifier-unknown",
        "'title:str:uniqeu': unknown modifier 'uniqeu' (modifier-unknown). Did you mean 'unique'?",
    ),
    "Product title:str:qqq": (
        "modifier-unknown",
        f"'title:str:qqq': unknown modifier 'qqq' (modifier-unknown). The modifiers are {MODIFIERS}.",
    ),
    "Product title:str:null:null": (
        "modifier-twice",
        "'title:str:null:null': duplicate modifier 'null' (modifier-twice). Remove one of them.",
    ),
    "Product title:str:null=1": (
        "modifier-value",
        "'title:str:null=1': the modifier 'null' takes no value (modifier-value). Write :null alone.",
    ),
    "Product stock:int:ge": (
        "modifier-value",
        "'stock:int:ge': the modifier 'ge' needs a value (modifier-value). Example: stock:int:ge=0.",
    ),
    "Product stock:int:default": (
        "modifier-value",
        "'stock:int:default': the modifier 'default' needs a value (modifier-value). Example: status:enum=draft,live:default=draft.",
    ),
    "Product body:text=9": (
        "args-unknown",
        "'body:text=9': the type 'text' has no arguments (args-unknown). Write body:text.",
    ),
    "Product price:decimal": (
        "decimal-precision",
        "'price:decimal': a decimal needs its number of digits, and of decimal places (decimal-precision). Example: price:decimal=10,2:ge=0.",
    ),
    "Product price:decimal=10": (
        "decimal-precision",
        "'price:decimal=10': a decimal needs its number of digits, and of decimal places (decimal-precision). Example: price:decimal=10,2:ge=0.",
    ),
    "Product price:decimal=x,2": (
        "number",
        "'price:decimal=x,2': 'x' is not a number of digits (number). Example: price:decimal=10,2:ge=0.",
    ),
    "Product title:str=long": (
        "number",
        "'title:str=long': 'long' is not a number of characters (number). Example: title:str=200.",
    ),
    "Product title:str:max=long": (
        "number",
        "'title:str:max=long': 'long' is not a number of characters (number). Example: body:text:max=10000.",
    ),
    "Product status:enum": (
        "args-missing",
        "'status:enum': the type 'enum' needs values after '=' (args-missing). Example: status:enum=draft,live:default=draft.",
    ),
    "Product labels:list": (
        "args-missing",
        "'labels:list': the type 'list' needs a type after '=' (args-missing). Example: labels:list=str.",
    ),
    "Product labels:list=strs": (
        "list-item",
        "'labels:list=strs': a list cannot hold 'strs' (list-item). Did you mean 'str'?",
    ),
    "Product labels:list=json": (
        "list-item",
        "'labels:list=json': a list cannot hold 'json' (list-item). Choose one of str, int, float, bool, date, datetime, time, uuid.",
    ),
    "Product author:ref": (
        "args-missing",
        "'author:ref': the type 'ref' needs a model after '=' (args-missing). Example: author:ref=users.User.",
    ),
    "Product author:ref=a.b.c": (
        "target-form",
        "'author:ref=a.b.c': 'a.b.c' is not the name of a model (target-form). Write app.Model, for example ref=users.User.",
    ),
    "Product author:User": (
        "type-unknown",
        "'author:User': unknown type 'User' (type-unknown). For a reference, write author:ref=User.",
    ),
    "Product author:users.User:null": (
        "type-unknown",
        "'author:users.User:null': unknown type 'users.User' (type-unknown). For a reference, write author:ref=users.User.",
    ),
    "Product avatar:image": (
        "type-unknown",
        "'avatar:image': unknown type 'image' (type-unknown). Store files elsewhere and their address as url, or small ones as bytes.",
    ),
    "Product title:varchar(100)": (
        "type-unknown",
        "'title:varchar(100)': unknown type 'varchar(100)' (type-unknown). Write title:str=100.",
    ),
    "Product price:numeric(10,2)": (
        "type-unknown",
        "'price:numeric(10,2)': unknown type 'numeric(10,2)' (type-unknown). Write price:decimal=10,2.",
    ),
    "Product author:ref=users.User:cascade": (
        "modifier-unknown",
        "'author:ref=users.User:cascade': unknown modifier 'cascade' (modifier-unknown). Write on_delete=cascade.",
    ),
    "Product author:ref=users.User:protect": (
        "modifier-unknown",
        "'author:ref=users.User:protect': unknown modifier 'protect' (modifier-unknown). Write on_delete=restrict.",
    ),
    "Product made:datetime:auto_now_add": (
        "modifier-unknown",
        "'made:datetime:auto_now_add': unknown modifier 'auto_now_add' (modifier-unknown). Every model has created_at. For another field, write default=now.",
    ),
    "Product author:ref=users.User:on_delete=cascad": (
        "on-delete",
        "'author:ref=users.User:on_delete=cascad': unknown value on_delete=cascad (on-delete). Did you mean 'cascade'?",
    ),
}

MEANING = {
    # Names
    "Pröduct a:int": ("model-name", "'Pröduct': a model's name starts with a capital and contains only ASCII letters and digits (model-name). Write PrDuct."),
    "None a:int": ("keyword", "'None': a keyword of Python (keyword). Choose another name, for example NoneItem."),
    "Base a:int": ("model-taken", "'Base': the generated code uses this name for something else (model-taken). Choose another name, for example BaseItem."),
    "ExcludeConstraint a:int": ("model-taken", "'ExcludeConstraint': the generated code uses this name for something else (model-taken). Choose another name, for example ExcludeConstraintItem."),
    "Row a:int": ("sql-word", "'Row': the name of its table, 'rows', is a reserved word of SQL (sql-word). Choose another name, for example RowItem."),
    "Token a:int": ("model-taken", "'Token': the template has a model of this name (model-taken). Choose another name, for example TokenItem."),
    "User a:int": ("table-taken", "'User': its table 'users' already belongs to users.User (table-taken). Choose another name, for example ShopUser."),
    "Product Product": ("model-twice", "'Product': duplicate model (model-twice). Choose another name."),
    "Product ProductRead": ("model-twice", "'ProductRead': Product also defines ProductRead (model-twice). Choose another name."),
    "Product status:enum=a,b ProductStatus": ("model-twice", "'ProductStatus': Product also defines ProductStatus (model-twice). Choose another name."),
    f"P{'r' * 40} a:int": ("name-length", f"'P{'r' * 40}': the name of a model has at most 40 characters, not 41 (name-length). Choose a shorter name."),
    "Product fullName:str": ("field-name", "'fullName': a field's name starts with a letter and contains only lowercase letters, digits and single underscores (field-name). Write full_name."),
    "Product class:str": ("keyword", "'class': a keyword of Python (keyword). Choose another name, for example class_value."),
    "Product order:int": ("sql-word", "'order': 'order' is a reserved word of SQL (sql-word). Choose another name, for example order_value."),
    "Product metadata:json": ("sqlalchemy-name", "'metadata': every SQLAlchemy model has an attribute 'metadata' (sqlalchemy-name). Choose another name, for example metadata_value."),
    "Product registry:json": ("sqlalchemy-name", "'registry': every SQLAlchemy model has an attribute 'registry' (sqlalchemy-name). Choose another name, for example registry_value."),
    "Product query:str": ("sqlalchemy-name", "'query': every SQLAlchemy model has an attribute 'query' (sqlalchemy-name). Choose another name, for example query_value."),
    "Product created_at:datetime": ("mixin-name", "'created_at': the mixin Timestamps has a column 'created_at' (mixin-name). Remove it: every generated model has this column."),
    "Product id:int": ("mixin-name", "'id': the mixin PrimaryKey has a column 'id' (mixin-name). Remove it: every generated model has this column."),
    "Product json:json": ("pydantic-name", "'json': every Pydantic schema has an attribute 'json' (pydantic-name). Choose another name, for example the_json."),
    "Product model_dump:str": ("pydantic-name", "'model_dump': every Pydantic schema has an attribute 'model_dump' (pydantic-name). Choose another name, for example the_model_dump."),
    "Product page:int": ("list-parameter", "'page': every list route has a parameter 'page' (list-parameter). Choose another name, for example page_value."),
    "Product self:str": ("receiver-name", "'self': methods that take values by name have a parameter 'self' (receiver-name). Choose another name, for example self_value."),
    "Product cls:str": ("receiver-name", "'cls': methods that take values by name have a parameter 'cls' (receiver-name). Choose another name, for example cls_value."),
    "Product date:date": ("type-name", "'date': a field of this name would hide the type 'date' (type-name). Choose another name, for example day."),
    "Product a:int a:str": ("field-twice", "'a:str=255': 'a:int' already has an attribute 'a' (field-twice). Choose another name, or remove one of them."),
    "Product author_id:int author:ref=User": ("field-twice", "'author:ref=users.User': 'author_id:int' already has an attribute 'author_id' (field-twice). Choose another name, or remove one of them."),
    "Product author:ref=User:back=Products": ("back-name", "'Products': back= is the name of an attribute: lowercase letters, digits and single underscores (back-name). Example: back=products."),
    "Product post:ref=Post:back=title": ("back-taken", "'post:ref=blog.Post:back=title': Post already has an attribute 'title' (back-taken). Choose another name for back=."),
    "Product author:ref=User:back=email": ("back-taken", "'author:ref=users.User:back=email': User already has an attribute 'email' (back-taken). Choose another name for back=."),
    "Product a:ref=User:back=x b:ref=User:back=x": ("back-taken", "'b:ref=users.User:back=x': User already has an attribute 'x' (back-taken). Choose another name for back=."),
    f"Subscription {'a' * 40}:int:unique {'b' * 40}:enum=a,b": ("name-length", f"'{'b' * 40}:enum=a,b': 'ck_subscriptions_subscription{'b' * 40}' would exceed the 63 characters of a name in PostgreSQL (name-length). Choose a shorter name."),
    "Product password:secret": ("secret-password", "'password:secret': a secret is stored as plain text, and a password must not be (secret-password). Write password:password, which is stored as a hash in a project with users."),
    "Product new_password2:secret:null": ("secret-password", "'new_password2:secret:null': a secret is stored as plain text, and a password must not be (secret-password). Write new_password2:password, which is stored as a hash in a project with users."),
    # References
    "Product author:ref=users.Usr": ("target-unknown", "'author:ref=users.Usr': no such model: 'users.Usr' (target-unknown). Did you mean 'users.User'?"),
    "Product author:ref=Zzz": ("target-unknown", "'author:ref=Zzz': no such model: 'Zzz' (target-unknown). Known models: blog.Category, blog.Comment, blog.Post, blog.PostCategory, ledger.Account, ledger.Transfer, shop.Product, users.User."),
    "Product author:ref=User:on_delete=set_null": ("set-null", "'author:ref=users.User:on_delete=set_null': on_delete=set_null needs a nullable column (set-null). Add :null, or write on_delete=cascade."),
    "Product place:ref=PostCategory": ("target-key", "'place:ref=blog.PostCategory': PostCategory has no column `id` to refer to (target-key). Refer to another model, or write the reference by hand."),
    "Product token:str=20:default=x": ("default-secret", "'token:str=20:default=x': linters mistake the default of 'token' for a hard-coded password (default-secret). Remove default=, or choose another name."),
    "Product order:ref=Order2 Order2 product:ref=Product": ("reference-cycle", "'Product, Order2': these references form a cycle, so no first row can be inserted (reference-cycle). Remove one of them; make the reference of a model to itself :null."),
    "Product parent:ref=Product": ("reference-cycle", "'Product': these references form a cycle, so no first row can be inserted (reference-cycle). Remove one of them; make the reference of a model to itself :null."),
    "Product author:ref=User:back=relationship": ("name-used", "'author:ref=users.User:back=relationship': the generated code uses the name 'relationship' (name-used). Choose another name."),
    "Product queries:int": ("name-used", "'queries:int': the generated code uses the name 'queries' (name-used). Choose another name."),
    "Product found:bool tags:many=Tag Tag name:str": ("name-used", "'found:bool': lists that show many to many use the name 'found' (name-used). Choose another name for the field."),
    "Product page_answer:bool": ("name-used", "'page_answer:bool': lists use the name 'page_answer' (name-used). Choose another name for the field."),
    "Product row_limit:int:index tags:many=Tag Tag name:str": ("name-used", "'row_limit:int:index': lists use the name 'row_limit' (name-used). Choose another name for the field."),
    "Product service:str=9:index tags:many=Tag Tag name:str": ("name-used", "'service:str=9:index': lists that show many to many use the name 'service' (name-used). Choose another name for the field."),
    "Product author:ref=User:default=1": ("modifier-default", "'author:ref=User:default=1': the type 'ref' does not support default (modifier-default). Remove it, or make the reference :null."),
    # Modifiers
    "Product body:text:ge=3": ("modifier-ge", "'body:text:ge=3': the type 'text' does not support ge (modifier-ge). To bound a length, use min=."),
    "Product body:text:le=3": ("modifier-le", "'body:text:le=3': the type 'text' does not support le (modifier-le). To bound a length, use max=."),
    "Product stock:int:max=3": ("modifier-max", "'stock:int:max=3': the type 'int' does not support max (modifier-max). To bound a number, use le=."),
    "Product active:bool:unique": ("modifier-unique", "'active:bool:unique': the type 'bool' does not support unique (modifier-unique). Its modifiers are null, index, default, readonly, writeonly, comment."),
    "Product meta:json:unique": ("modifier-unique", "'meta:json:unique': the type 'json' does not support unique (modifier-unique). Its modifiers are null, index, default, readonly, writeonly, comment."),
    "Product stock:int:pattern=x": ("modifier-pattern", "'stock:int:pattern=x': the type 'int' does not support pattern (modifier-pattern). Its modifiers are null, unique, index, default, ge, le, readonly, writeonly, comment."),
    "Product stock:int:back=x": ("modifier-back", "'stock:int:back=x': the type 'int' does not support back (modifier-back). Its modifiers are null, unique, index, default, ge, le, readonly, writeonly, comment."),
    "Product tags:many=User:null": ("modifier-null", "'tags:many=User:null': the type 'many' does not support null (modifier-null). Its modifiers are readonly, writeonly, back, table, through."),
    "Product a:int:null:readonly:writeonly": ("readonly-writeonly", "'a:int:null:readonly:writeonly': a field cannot be both readonly and writeonly (readonly-writeonly). Remove one of them."),
    "Product a:int:readonly": ("readonly-empty", "'a:int:readonly': nothing can set a readonly field that is NOT NULL and has no default (readonly-empty). Add :null or :default=."),
    "Product a:int:unique:default=1": ("unique-default", "'a:int:unique:default=1': a second row with the default would violate the unique constraint (unique-default). Remove one of them."),
    "Product a:int:unique:ge=1:le=5": ("unique-few", "'a:int:unique:ge=1:le=5': the table could have at most 5 rows, one for each value (unique-few). Remove :unique, or widen the bounds."),
    # Values
    "Product a:int:ge=9:le=5": ("bounds", "'a:int:ge=9:le=5': no number is ≥ 9 and ≤ 5 (bounds). Swap them."),
    "Product a:int:ge=x": ("ge-value", "'a:int:ge=x': ge=x is not an integer of 32 bits (ge-value). Example: ge=1."),
    "Product a:smallint:le=40000": ("le-value", "'a:smallint:le=40000': le=40000 is not an integer of 16 bits (le-value). Example: le=1."),
    "Product a:str=20:min=9:max=5": ("bounds", "'a:str=20:min=9:max=5': no length is ≥ 9 and ≤ 5 (bounds). Swap them."),
    "Product a:str=20:max=50": ("bounds", "'a:str=20:max=50': max=50 is more than the column's 20 characters (bounds). Write max=20 or less."),
    "Product a:text:max=0": ("bounds", "'a:text:max=0': no value is as short as max=0 (bounds). Write max=1 or more."),
    "Product a:url:max=7": ("bounds", "'a:url:max=7': no value is as short as max=7 (bounds). Write max=8 or more."),
    "Product a:str=0": ("str-length", "'a:str=0': the length of a str is 1 to 10000 characters (str-length). Write a:text for longer texts."),
    "Product a:decimal=2,4": ("decimal-digits", "'a:decimal=2,4': a decimal must have fewer decimal places than digits (decimal-digits). Example: price:decimal=10,2."),
    "Product a:int:default=x": ("default-value", "'a:int:default=x': default=x is not an integer of 32 bits (default-value). Example: default=1."),
    "Product a:bigint:default=9223372036854775808": ("default-value", "'a:bigint:default=9223372036854775808': default=9223372036854775808 is not an integer of 64 bits (default-value). Example: default=1."),
    "Product a:decimal=4,2:default=1.234": ("default-value", "'a:decimal=4,2:default=1.234': default=1.234 is not a number with these digits (default-value). Example: default=0."),
    "Product a:float:default=nan": ("default-value", "'a:float:default=nan': default=nan is not a finite number (default-value). Example: default=1.5."),
    "Product a:bool:default=maybe": ("default-value", "'a:bool:default=maybe': default=maybe is not true or false (default-value). Example: default=true."),
    "Product a:date:default=tomorrow": ("default-value", "'a:date:default=tomorrow': default=tomorrow is not a date (default-value). Example: default=2026-01-31."),
    "Product a:time:default=25:00": ("default-value", "'a:time:default=25:00': default=25:00 is not a time of day without a time zone (default-value). Example: default=09:30."),
    "Product a:datetime:default=soon": ("default-value", "'a:datetime:default=soon': default=soon is not a date and time (default-value). Example: default=2026-01-31T09:30:00+00:00."),
    "Product a:uuid:default=1": ("default-value", "'a:uuid:default=1': default=1 is not a UUID (default-value). Example: default=01890a5d-ac96-774b-bcce-b302099a8057."),
    "Product a:json:default=x": ("default-value", "'a:json:default=x': default=x is not a JSON object (default-value). Example: default={}."),
    "Product a:enum=b,c:default=d": ("default-value", "'a:enum=b,c:default=d': default=d is not a value of this enum (default-value). Example: default=b."),
    "Product a:list=int:default=1,x": ("default-value", "'a:list=int:default=1,x': default=1,x is not a list of this type, separated by commas (default-value). Example: default=a,b."),
    "Product a:array=int:default=1,x": ("default-value", "'a:array=int:default=1,x': default=1,x is not a list of this type, separated by commas (default-value). Example: default=a,b."),
    "Product a:email:default=x": ("default-value", "'a:email:default=x': default=x is not an email address (default-value). Example: default=ada@example.org."),
    "Product a:url:default=x": ("default-value", "'a:url:default=x': default=x is not an http or https URL (default-value). Example: default=https://example.org."),
    "Product a:slug:default=A+B": ("default-value", "'a:slug:default=A+B': default=A+B is not a slug (default-value). Example: default=a-slug."),
    "Product a:int:ge=1:default=0": ("default-bounds", "'a:int:default=0:ge=1': default=0 is out of the field's bounds (default-bounds). Choose another default, or remove it."),
    "Product a:str=3:default=long": ("default-bounds", "'a:str=3:default=long': default=long is longer than 3 characters (default-bounds). Choose another default, or remove it."),
    "Product a:str=9:min=5:default=x": ("default-bounds", "'a:str=9:default=x:min=5': default=x is shorter than min=5 (default-bounds). Choose another default, or remove it."),
    "Product a:str=9:pattern=^[A-Z]+$:default=x": ("default-bounds", "'a:str=9:default=x:pattern=^[A-Z]+$': default=x does not match pattern=^[A-Z]+$ (default-bounds). Choose another default, or remove it."),
    "Product a:list=int:min=1:default=": ("default-bounds", "'a:list=int:default=:min=1': default= has fewer items than min= or more than max= (default-bounds). Choose another default, or remove it."),
    "Product a:str=9:pattern=[": ("pattern", "'a:str=9:pattern=[': pattern=[ is not a valid regular expression: unterminated character set at position 0 (pattern). Example: pattern=^[A-Z]+$."),
    "Product a:str=9:pattern=a(?=b)": ("pattern", "'a:str=9:pattern=a(?=b)': Pydantic supports neither lookaround nor backreferences in a pattern (pattern). Check that part in a validator of the schema."),
    "Product a:enum=b,50%": ("enum-value", "'a:enum=b,50%': '50%' is not a valid enum value: use 1 to 32 printable ASCII characters without blanks, quotes and \\ % : { } (enum-value). Example: enum=draft,in-review,A+."),
    "Product a:enum=in-review,in_review": ("enum-twice", "'a:enum=in-review,in_review': 'in-review' and 'in_review' would be the same enum member IN_REVIEW (enum-twice). Remove one of them."),
}  # fmt: skip

BY_DRIVER = {
    ("aiomysql", "body:text:unique"): ("text-unique", "'body:text:unique': MySQL and MariaDB cannot index a TEXT column without a length (text-unique). Write body:str=255:unique."),
    ("aiomysql", "body:text:index"): ("text-index", "'body:text:index': MySQL and MariaDB cannot index a TEXT column without a length (text-index). Write body:str=255:index."),
    ("aiomysql", "title:str=1000:index"): ("key-length", "'title:str=1000:index': an index of MySQL holds at most 768 characters (key-length). Write title:str=768:index."),
    ("asyncpg", "title:str=1000:unique"): ("key-length", "'title:str=1000:unique': an index of PostgreSQL holds at most 670 characters (key-length). Write title:str=670:unique."),
    ("asyncpg", "body:text:unique"): ("key-length", "'body:text:unique': an index of PostgreSQL holds at most 670 characters (key-length). Write body:text:max=670:unique."),
    ("aiosqlite", "tags:array=str"): ("postgresql-only", "'tags:array=str': only PostgreSQL has arrays (postgresql-only). Write tags:list=str, which is stored as JSON."),
    ("aiomysql", "meta:json:index"): ("postgresql-only", "'meta:json:index': only PostgreSQL has indexes of documents (postgresql-only). Remove :index."),
    ("aiosqlite", "price:decimal=20,2"): ("decimal-precision", "'price:decimal=20,2': on SQLite, a decimal has at most 18 digits (decimal-precision). Write decimal=18,2."),
    ("aiomysql", "a:str=9000 b:str=9000"): ("row-size", "'Product': its text columns need 72004 bytes a row, but a row of MySQL has at most 65535 (row-size). Change the longest of them to text."),
}  # fmt: skip

APPS = {
    "Shop": ("app-name", "'Shop': an app's name starts with a letter and contains only lowercase letters, digits and single underscores (app-name). Write shop."),
    "my-shop": ("app-name", "'my-shop': an app's name starts with a letter and contains only lowercase letters, digits and single underscores (app-name). Write my_shop."),
    "1": ("app-name", "'1': an app's name starts with a letter and contains only lowercase letters, digits and single underscores (app-name). Example: shop."),
    "import": ("keyword", "'import': a keyword of Python (keyword). Choose another name, for example import_app."),
    "core": ("app-taken", "'core': the template has a folder of this name (app-taken). Choose another name, for example core_app."),
    "a" * 41: ("name-length", f"'{'a' * 41}': the name of an app has at most 40 characters, not 41 (name-length). Choose a shorter name."),
}  # fmt: skip

PLURALS = {
    ("Product", "Goods"): ("plural-form", "'Goods': a plural consists of words of a-z and 0-9, joined by '-' (plural-form). Example: products."),
    ("Product", "users"): ("plural-taken", "'Product': /api/users already belongs to users.User (plural-taken). Choose another: --plural shop-users."),
    ("Product", "me"): ("plural-taken", "'Product': /api/me belongs to the users of core (plural-taken). Choose another: --plural shop-me."),
    ("Product", "auth"): ("plural-taken", "'Product': /api/auth belongs to the users of core (plural-taken). Choose another: --plural shop-auth."),
    ("Product", "transfers"): ("plural-taken", "'Product': /api/transfers already belongs to ledger.Transfer (plural-taken). Choose another: --plural shop-transfers."),
    ("Product", "Prodct=goods"): ("plural-model", "'Prodct=goods': this command has no model 'Prodct' (plural-model). Did you mean 'Product'?"),
    ("Product Order2", "goods"): ("plural-model", "'goods': which of the 2 models is meant? (plural-model). Example: Product=goods."),
}  # fmt: skip

TOML = {
    "app = 'store'\n[Product]": ("toml-app", "the file is for the app 'store', the command for 'shop' (toml-app). Run startapp store, or remove app from the file."),
    "Product = 1": ("toml-form", "'Product': each top-level key, other than `app`, is a model's table (toml-form). Example: [Product.fields] and title = \"str=200\"."),
    "[Product]\nfeilds = {}": ("toml-form", "'Product.feilds': unknown key of a model (toml-form). Did you mean 'fields'?"),
    "[Product]\nplural = 1": ("toml-form", "'Product': plural must be a string, and fields a table (toml-form). Example: [Product.fields] and title = \"str=200\"."),
    "[Product.fields]\na = 1": ("toml-form", "'a': a field must be a string or a table (toml-form). Example: [Product.fields] and title = \"str=200\"."),
    "[Product.fields]\na = { null = true }": ("type-missing", "'a': the table lacks a type (type-missing). Example: a = { type = \"str\" }."),
}  # fmt: skip


@pytest.mark.parametrize(("words", "said"), SPELLING.items())
def test_invalid_syntax_is_wrong_usage(reading: Project, words: str, said: tuple[str, str]) -> None:
    error = refused(reading, words)
    assert (error.rule, error.format_message(), error.exit_code) == (*said, 2)


@pytest.mark.parametrize(("words", "said"), MEANING.items())
def test_an_invalid_spec_is_refused_by_the_named_rule(
    reading: Project, words: str, said: tuple[str, str]
) -> None:
    error = refused(reading, words)
    assert (error.rule, error.format_message(), error.exit_code) == (*said, 1)


@pytest.mark.parametrize(("driver", "field"), BY_DRIVER)
def test_limits_of_a_database_apply_only_to_its_projects(
    reading: Project, driver: str, field: str
) -> None:
    error = refused(replace(reading, driver=driver), f"Product {field}")
    assert (error.rule, error.format_message()) == BY_DRIVER[driver, field]
    others = {"aiosqlite", "asyncpg", "aiomysql"} - {
        name for name, text in BY_DRIVER if text == field
    }
    assert any(accepted(replace(reading, driver=other), f"Product {field}") for other in others)


@pytest.mark.parametrize(("name", "said"), APPS.items())
def test_invalid_app_names_are_refused(reading: Project, name: str, said: tuple[str, str]) -> None:
    with pytest.raises(Broken) as error:
        rules.check(requests.from_words(name, ["Product"]), reading)
    assert (error.value.rule, error.value.format_message()) == said


@pytest.mark.parametrize(("words", "plural"), PLURALS)
def test_invalid_plurals_are_refused(reading: Project, words: str, plural: str) -> None:
    with pytest.raises(Broken) as error:
        asked_with(words, plural, reading)
    assert (error.value.rule, error.value.format_message()) == PLURALS[words, plural]


@pytest.mark.full
def test_two_apps_cannot_have_one_address(project: Path) -> None:
    groundplan("startapp", "shop", "Product", "--plural", "goods", cwd=project)
    done = groundplan("startapp", "store", "Item", "--plural", "goods", cwd=project, code=1)
    problem = "a route of the app 'shop' already has the address /api/goods"
    fix = "Choose another: --plural store-goods."
    assert f"'Item': {problem} (plural-taken). {fix}" in done.stderr
    below = "store Item product:ref=shop.Product --under shop.Product"
    for words in (below, "store Item --no-routes", "store Item --only models"):
        groundplan("startapp", *words.split(), "--plural", "goods", "--dry-run", cwd=project)
    groundplan("startapp", "sales", "Report", "--dry-run", cwd=project)  # not /reports/{id}


@pytest.mark.parametrize(("text", "said"), TOML.items())
def test_invalid_spec_files_are_refused(
    reading: Project, tmp_path: Path, text: str, said: tuple[str, str]
) -> None:
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


def test_a_spec_file_cannot_name_a_model_twice(project: Path) -> None:
    app = project / "my_service/apps/crm"
    app.mkdir()
    (app / "__init__.py").touch()
    (app / "models.py").write_text('class User(PrimaryKey, Base):\n    __tablename__ = "people"\n')
    error = refused(Project.open(project), "Product author:ref=users.User owner:ref=crm.User")
    assert (error.rule, error.format_message()) == (
        "model-twice",
        "'owner:ref=crm.User': one file would need two models called User (model-twice). "
        "Rename the new one, or write the reference by hand.",
    )
