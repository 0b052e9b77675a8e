"""Names that are not available to fields and models.

`tests/generator/test_reserved.py` measures the reserved words of PostgreSQL, SQLite, MariaDB and
MySQL. Those of all four hold for every project, since a project may change its driver.
"""

_SQL = """
accessible add all alter analyse analyze and any array as asc asensitive asymmetric authorization
autoincrement before between bigint binary blob both by call cascade case cast change char character
check collate collation column commit concurrently condition constraint continue convert create
cross cube cume_dist current_catalog current_date current_role current_schema current_time
current_timestamp current_user cursor database databases day_hour day_microsecond day_minute
day_second dec decimal declare default deferrable delayed delete dense_rank desc describe
deterministic distinct distinctrow div do do_domain_ids double drop dual each else elseif empty
enclosed end escape escaped except exists exit explain external false fetch first_value float float4
float8 for force foreign freeze from full fulltext function generated get grant group grouping
groups having high_priority hour_microsecond hour_minute hour_second if ignore ignore_domain_ids
ilike in index infile initially inner inout insensitive insert int int1 int2 int3 int4 int8 integer
intersect interval into io_after_gtids io_before_gtids is isnull iterate join json_table key keys
kill lag last_value lateral lead leading leave left like limit linear lines load localtime
localtimestamp lock long longblob longtext loop low_priority master_ssl_verify_server_cert match
maxvalue mediumblob mediumint mediumtext middleint minute_microsecond minute_second mod modifies
natural no_write_to_binlog not nothing notnull nth_value ntile null numeric of offset on only
optimize optimizer_costs option optionally or order out outer outfile over overlaps page_checksum
parse_vcol_expr partition percent_rank placing precision primary procedure purge qualify range rank
read read_write reads real recursive ref_system_id references regexp release rename repeat replace
require resignal restrict return returning revoke right rlike row row_number rows schema schemas
second_microsecond select sensitive separator session_user set show signal similar smallint some
spatial specific sql sql_big_result sql_calc_found_rows sql_small_result sqlexception sqlstate
sqlwarning ssl starting stats_auto_recalc stats_persistent stats_sample_pages stored straight_join
symmetric system table tablesample terminated then tinyblob tinyint tinytext to trailing transaction
trigger true undo union unique unlock unsigned update usage use user using utc_date utc_time
utc_timestamp values varbinary varchar varcharacter variadic varying verbose virtual when where
while window with write xor year_month zerofill
"""
SQL = frozenset(_SQL.split())

# Attributes of SQLAlchemy's declarative classes and of the project's `Base`.
SQLALCHEMY = frozenset({"awaitable_attrs", "metadata", "query", "registry", "type_annotation_map"})

# Columns of the mixins in `core/db/mixins.py`, by mixin; `slug` is one to ask for by its own type.
MIXINS = {
    "id": "PrimaryKey",
    "created_at": "Timestamps",
    "updated_at": "Timestamps",
    "deleted_at": "SoftDelete",
    "version": "Versioned",
}

EVERY_MODEL = frozenset({"id", "created_at", "updated_at"})

# Public attributes of Pydantic's BaseModel, which a field would hide.
PYDANTIC = frozenset(
    {
        "changes",
        "construct",
        "copy",
        "dict",
        "from_orm",
        "json",
        "parse_file",
        "parse_obj",
        "parse_raw",
        "schema",
        "schema_json",
        "update_forward_refs",
        "validate",
    }
)

# Parameters of list routes, which a filter of the same name would hide.
PARAMETERS = frozenset({"cursor", "limit", "page", "per_page", "sort"})

# First parameters of the methods that take the values of a row as keyword arguments.
RECEIVERS = frozenset({"cls", "self"})

# Types used in annotations: a field of that name would hide them from the lines below it.
TYPES = frozenset(
    {
        "bool",
        "bytes",
        "date",
        "datetime",
        "dict",
        "float",
        "int",
        "list",
        "str",
        "time",
        "timedelta",
        "type",
    }
)

# Names that generated modules import or define, in `apps/` and in `tests/`.
_IMPORTED = """
ARRAY Annotated Any AsyncSession Base BigInteger Boolean CITEXT CheckConstraint ClassVar Collection Column
Computed Containing CurrentUser Cursor Date DateTime Decimal Depends Double EmailStr Enum ExcludeConstraint Factory Field ForeignKey
ForeignKeyViolated Found FiniteFloat Func HttpUrl Index Integer Interval JSON JSONB Key Keys LargeBinary Limit Linked
Listing MEDIUMTEXT Mapped Numeric Page PageNumber PageOf Patch PerPage Query Repository Response Router Schema
Scroll ScrollOf SecretStr Sequence SessionDep SmallInteger SortOf StrEnum String TSVECTOR Table Text Time TimeOfDay UTCDateTime
UniqueConstraint Uuid UUID
"""
IMPORTED = frozenset(_IMPORTED.split())

# Models of `core`. Relationships name classes, so a second one of a name would have two meanings.
_CORE = """
AuditEntry BaseUser Group GroupMember GroupPermission JobOnce JobQueue JobSchedule JobWorker QueuedJob RateLimit
SecurityEvent StoredAnswer Token UserPermission
"""
CORE = frozenset(_CORE.split())

# First words of the addresses of the template's routes for users, which an update may add.
ADDRESSES = frozenset({"auth", "me"})

# Names that modules of tasks and their tests import.
TASK_NAMES = frozenset({"isolated", "run_jobs", "session", "task", "transaction"})

# Suffixes of the names rendered for a model: `Product` brings ProductCreate.
BESIDE = (
    "Create",
    "Factory",
    "Filters",
    "Passwords",
    "Patch",
    "Read",
    "Repository",
    "Service",
    "Sort",
    "Update",
)

# Local variables of generated functions.
_LOCALS = """
action address addresses body by_key changed changes client data error errors every expected
field fields found fresh given items key keys link links made method name names nobody one other
others owner owner_id page params part password path permission read refused response row rows self
session sort staff stale stored user user_id value values
"""
LOCALS = frozenset(_LOCALS.split())
