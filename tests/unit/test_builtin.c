/*
 * tests/unit/test_builtin.c
 *     What servers have of themselves: types, calls, operators, casts, relations, extensions.
 */
#include "rules/schema/builtin.h"
#include "tests/unit/unit.h"

static struct lk_builtin_resolution
call(const char *name, unsigned version, size_t count, const uint16_t *types)
{
    return lk_builtin_resolve_function(&(struct lk_builtin_call){
        .name = name, .types = types, .count = count, .version = version});
}

#define CALL(name, version, ...)                                                                   \
    call(name, version, sizeof((uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t),                      \
         (uint16_t[]){__VA_ARGS__})

static void
test_types(void **state)
{
    struct lk_type type = {.schema = "pg_catalog", .name = "timestamptz", .array = true};

    (void)state;
    lk_expect_number("int4", lk_builtin_type(NULL, "int4"), LK_BT_int4);
    lk_expect_number("_int4", lk_builtin_type("pg_catalog", "_int4"), LK_BT_ARRAY | LK_BT_int4);
    lk_expect_number("none", lk_builtin_type(NULL, "int"), LK_BT_NONE);
    lk_expect_number("a schema's", lk_builtin_type(NULL, "yes_or_no"), LK_BT_NONE);
    lk_expect_number("domain", lk_builtin_type("information_schema", "yes_or_no"), LK_BT_yes_or_no);
    lk_expect_number("of a column", lk_builtin_type_of(&type), LK_BT_ARRAY | LK_BT_timestamptz);
    type = (struct lk_type){.schema = "public", .name = "int4"};
    lk_expect_number("the user's", lk_builtin_type_of(&type), LK_BT_OPAQUE);
    lk_expect_true("written", lk_builtin_type_write(LK_BT_ARRAY | LK_BT_text, &type));
    lk_expect_text("name", type.name, "text");
    lk_expect_true("array", type.array);
    lk_expect_true("not written", !lk_builtin_type_write(LK_BT_ENUM(3), &type));
    lk_expect_number("element", lk_builtin_element(LK_BT_oidvector), LK_BT_oid);
    lk_expect_number("no element", lk_builtin_element(LK_BT_text), LK_BT_NONE);
    lk_expect_number("no array", lk_builtin_array(LK_BT_anyelement), LK_BT_NONE);
    lk_expect_number("subtype", lk_builtin_related(LK_BT_tstzrange), LK_BT_timestamptz);
    lk_expect_text("modifier", lk_builtin_type_info(LK_BT_varchar)->modifier, "varchar");
    for (uint16_t id = LK_BT_NONE + 1; id < LK_BT_COUNT; id++) {
        const struct lk_builtin_type *info = lk_builtin_type_info(id);
        lk_expect_number(info->name, lk_builtin_type(info->schema, info->name), id);
    }
}

static void
test_calls(void **state)
{
    static const char *const silent[] = {NULL, NULL, "silent"};
    static const char *const days[] = {"days"};
    static const char *const wrong[] = {"dayz"};
    struct lk_builtin_call named = {.name = "make_interval",
                                    .types = (uint16_t[]){LK_BT_int4},
                                    .names = days,
                                    .count = 1,
                                    .version = 15};
    struct lk_builtin_resolution r = lk_builtin_resolve_function(&named);

    (void)state;
    lk_expect_number("days => 1", r.type, LK_BT_interval);
    named.names = wrong;
    lk_expect_number("dayz => 1", lk_builtin_resolve_function(&named).outcome, LK_BUILTIN_NONE);
    named = (struct lk_builtin_call){.name = "jsonb_path_query",
                                     .types = (uint16_t[]){LK_BT_jsonb, LK_BT_unknown, LK_BT_bool},
                                     .names = silent,
                                     .count = 3,
                                     .version = 18};
    r = lk_builtin_resolve_function(&named);
    lk_expect_number("silent => true", r.type, LK_BT_jsonb);
    lk_expect_true("a set", r.set_returning);

    r = CALL("max", 15, LK_BT_ENUM(5));
    lk_expect_number("max of an enum", r.type, LK_BT_ENUM(5));
    lk_expect_true("polymorphic", r.polymorphic && r.kind == 'a');
    lk_expect_number("array_agg", CALL("array_agg", 15, LK_BT_ENUM(5)).type,
                     LK_BT_ARRAY | LK_BT_ENUM(5));
    lk_expect_number("percentile_cont", CALL("percentile_cont", 15, LK_BT_numeric, LK_BT_int4).type,
                     LK_BT_float8);
    lk_expect_number("ambiguous", CALL("generate_series", 15, LK_BT_unknown, LK_BT_unknown).outcome,
                     LK_BUILTIN_AMBIGUOUS);
    lk_expect_number("a cast", CALL("date", 15, LK_BT_unknown).kind, 'c');
    lk_expect_number("variadic", CALL("concat", 15, LK_BT_int4, LK_BT_text, LK_BT_bool).type,
                     LK_BT_text);
    named = (struct lk_builtin_call){.name = "num_nulls",
                                     .types = (uint16_t[]){LK_BT_ARRAY | LK_BT_int4},
                                     .count = 1,
                                     .variadic = true,
                                     .version = 15};
    lk_expect_number("VARIADIC", lk_builtin_resolve_function(&named).type, LK_BT_int4);
    lk_expect_number("too many", CALL("now", 15, LK_BT_int4).outcome, LK_BUILTIN_NONE);
}

static void
test_not_known(void **state)
{
    (void)state;
    lk_expect_number("counts anything", CALL("count", 15, LK_BT_OPAQUE).type, LK_BT_int8);
    lk_expect_number("lower", CALL("lower", 15, LK_BT_OPAQUE).outcome, LK_BUILTIN_UNKNOWN);
    lk_expect_number("octet_length", CALL("octet_length", 15, LK_BT_OPAQUE).type, LK_BT_int4);
    lk_expect_true("if there is one", !CALL("octet_length", 15, LK_BT_OPAQUE).sure);
    lk_expect_number("anyarray", CALL("unnest", 15, LK_BT_anyarray).outcome, LK_BUILTIN_UNKNOWN);
    lk_expect_number("=", lk_builtin_resolve_operator("=", LK_BT_OPAQUE, LK_BT_unknown, 15).type,
                     LK_BT_bool);
    lk_expect_number("since 18", CALL("uuidv7", 18).type, LK_BT_uuid);
    lk_expect_number("before", CALL("uuidv7", 17).outcome, LK_BUILTIN_NONE);
    lk_expect_number("perhaps", CALL("uuidv7", 0).outcome, LK_BUILTIN_UNKNOWN);
    lk_expect_number("since 16", CALL("any_value", 16, LK_BT_text).type, LK_BT_text);
    lk_expect_number("later", CALL("uuidv7", 19).type, LK_BT_uuid);
}

static void
test_volatility(void **state)
{
    (void)state;
    lk_expect_number("random()", CALL("random", 15).volatility, 'v');
    lk_expect_number("lower(text)", CALL("lower", 15, LK_BT_text).volatility, 'i');
    lk_expect_number("to_char", CALL("to_char", 15, LK_BT_timestamptz, LK_BT_unknown).volatility,
                     's');
    /* the function is immutable, the cast of its argument to timestamptz is not */
    lk_expect_number("date_bin",
                     CALL("date_bin", 15, LK_BT_interval, LK_BT_date, LK_BT_timestamptz).volatility,
                     's');
    lk_expect_number("date < timestamptz",
                     lk_builtin_resolve_operator("<", LK_BT_date, LK_BT_timestamptz, 15).volatility,
                     's');
    lk_expect_number("date < date",
                     lk_builtin_resolve_operator("<", LK_BT_date, LK_BT_date, 15).volatility, 'i');
    /* || prints its other side */
    lk_expect_number("text || int4",
                     lk_builtin_resolve_operator("||", LK_BT_text, LK_BT_int4, 15).volatility, 'i');
    lk_expect_number("date || text",
                     lk_builtin_resolve_operator("||", LK_BT_date, LK_BT_text, 15).volatility, 's');
    lk_expect_number("text to date", lk_builtin_cast(LK_BT_text, LK_BT_date, 15).volatility, 's');
    lk_expect_number("int4 to text", lk_builtin_cast(LK_BT_int4, LK_BT_text, 15).volatility, 'i');
}

static void
test_casts(void **state)
{
    struct lk_builtin_cast cast = lk_builtin_cast(LK_BT_int8, LK_BT_int4, 15);

    (void)state;
    lk_expect_number("narrower", cast.context, LK_BUILTIN_ASSIGNMENT);
    lk_expect_number("narrower", cast.method, LK_BUILTIN_CALL);
    cast = lk_builtin_cast(LK_BT_varchar, LK_BT_text, 15);
    lk_expect_number("the same bytes", cast.method, LK_BUILTIN_RELABEL);
    lk_expect_number("none", lk_builtin_cast(LK_BT_bool, LK_BT_date, 15).method,
                     LK_BUILTIN_NO_CAST);
    lk_expect_number("text to int4", lk_builtin_cast(LK_BT_text, LK_BT_int4, 15).context,
                     LK_BUILTIN_EXPLICIT);
    lk_expect_number("not known", lk_builtin_cast(LK_BT_OPAQUE, LK_BT_text, 15).method,
                     LK_BUILTIN_UNKNOWN_CAST);
    lk_expect_number("bytea to int4, 17", lk_builtin_cast(LK_BT_bytea, LK_BT_int4, 17).method,
                     LK_BUILTIN_NO_CAST);
    lk_expect_number("bytea to int4, 18", lk_builtin_cast(LK_BT_bytea, LK_BT_int4, 18).method,
                     LK_BUILTIN_CALL);
    lk_expect_number(
        "common",
        lk_builtin_common_type((uint16_t[]){LK_BT_int4, LK_BT_unknown, LK_BT_numeric}, 3, 15),
        LK_BT_numeric);
    lk_expect_number("nothing common",
                     lk_builtin_common_type((uint16_t[]){LK_BT_int4, LK_BT_text}, 2, 15),
                     LK_BT_NONE);
    lk_expect_number("literals",
                     lk_builtin_common_type((uint16_t[]){LK_BT_unknown, LK_BT_unknown}, 2, 15),
                     LK_BT_text);
}

static void
test_relations(void **state)
{
    struct lk_builtin_relation relation;
    struct lk_builtin_column column;

    assert_true(lk_builtin_relation(NULL, "pg_class", 15, &relation));
    lk_expect_number("kind", relation.kind, 'r');
    assert_true(lk_builtin_column_next(&relation.columns, &column));
    lk_expect_text("column", lk_strndup(*state, column.name.text, column.name.length), "oid");
    lk_expect_number("its type", column.type, LK_BT_oid);
    lk_expect_true("qualified only", !lk_builtin_relation(NULL, "columns", 15, &relation));
    lk_expect_true("columns", lk_builtin_relation("information_schema", "columns", 15, &relation));
    lk_expect_true("not in 15", !lk_builtin_relation(NULL, "pg_stat_io", 15, &relation));
    lk_expect_true("in 16", lk_builtin_relation(NULL, "pg_stat_io", 16, &relation));
    lk_expect_true("perhaps", lk_builtin_relation(NULL, "pg_stat_io", 0, &relation));

    struct lk_builtin_resolution r = CALL("json_each", 15, LK_BT_json);
    assert_true(lk_builtin_column_next(&r.columns, &column));
    lk_expect_text("OUT", lk_strndup(*state, column.name.text, column.name.length), "key");
}

static void
test_extensions(void **state)
{
    struct lk_extension_object it = {0};
    size_t count = 0;

    lk_expect_number("hstore", lk_extension_provides("hstore", "type", "hstore"), LK_PROVIDES_YES);
    lk_expect_number("not hstore", lk_extension_provides("hstore", "type", "citext"),
                     LK_PROVIDES_NO);
    lk_expect_number("not heard of", lk_extension_provides("no_such", "type", "citext"),
                     LK_PROVIDES_UNKNOWN);
    lk_expect_number("pgvector", lk_extension_provides("vector", "operator", "<=>"),
                     LK_PROVIDES_YES);
    lk_expect_number("postgis", lk_extension_provides("postgis", "function", "st_dwithin"),
                     LK_PROVIDES_YES);
    while (lk_extension_next("function", "uuid_generate_v4", &it)) {
        count++;
        lk_expect_text("extension", lk_strndup(*state, it.extension.text, it.extension.length),
                       "uuid-ossp");
        lk_expect_number("volatility", it.volatility, 'v');
    }
    lk_expect_number("found once", (long long)count, 1);
    it = (struct lk_extension_object){0};
    lk_expect_true("from elsewhere", lk_extension_next("method", "hnsw", &it));
    lk_expect_true("once", !lk_extension_next("method", "hnsw", &it));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(test_types),      lk_unit(test_calls), lk_unit(test_not_known),
        lk_unit(test_volatility), lk_unit(test_casts), lk_unit(test_relations),
        lk_unit(test_extensions),
    };

    return cmocka_run_group_tests_name("builtin", tests, NULL, NULL);
}
