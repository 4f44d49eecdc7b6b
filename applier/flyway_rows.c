/*
 * applier/flyway_rows.c
 *     Flyway's history as it is read: see flyway_rows.h.
 */
#include "applier/flyway_rows.h"

#include "applier/conn_private.h"
#include "applier/history_native.h"
#include "applier/sql.h"
#include "parser/base/buf.h"
#include "parser/base/text.h"

#define USUAL_TABLE "flyway_schema_history"

char *
lk_flyway_sql(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql, const char *const *params,
              size_t count)
{
    return lk_conn_fill_table(mem, conn, sql, conn->history, params, count);
}

const char *
lk_flyway_table(const struct lk_conn *conn)
{
    return conn->options.history_table != NULL ? conn->options.history_table : USUAL_TABLE;
}

char *
lk_flyway_name(TALLOC_CTX *mem, const char *schema, const char *table)
{
    const char *const names[] = {schema, table};
    struct lk_buf quoted = lk_buf_init(mem);

    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++) {
        lk_buf_add(&quoted, i > 0 ? ".\"" : "\"");
        for (const char *at = names[i]; *at != '\0'; at++)
            lk_buf_addf(&quoted, "%s%c", *at == '"' ? "\"" : "", *at);
        lk_buf_addc(&quoted, '"');
    }
    return quoted.data;
}

/* ---- the lock ---- */

/* next_unit returns the next UTF-16 unit of a UTF-8 text; a pair's second half stays in *pending.
 */
static uint32_t
next_unit(const char **text, uint32_t *pending)
{
    const unsigned char *at = (const unsigned char *)*text;
    size_t more = at[0] >= 0xF0 ? 3 : at[0] >= 0xE0 ? 2 : at[0] >= 0xC0 ? 1 : 0;
    uint32_t code = more == 0 ? at[0] : at[0] & (0x3FU >> more);
    uint32_t half = *pending;

    *pending = 0;
    if (half != 0)
        return half;
    for (size_t i = 1; i <= more && at[i] != '\0'; i++) {
        code = code << 6 | (at[i] & 0x3FU);
        ++*text;
    }
    ++*text;
    if (code < 0x10000)
        return code;
    *pending = 0xDC00 | ((code - 0x10000) & 0x3FFU);
    return 0xD800 | (code - 0x10000) >> 10;
}

int64_t
lk_flyway_lock_key(const char *table)
{
    uint32_t hash = 0, pending = 0; /* as Java's String.hashCode has it */

    while (*table != '\0' || pending != 0)
        hash = 31 * hash + next_unit(&table, &pending);
    return INT64_C(0x466c79776179) + (int32_t)hash; /* "Flyway" */
}

/* ---- rows ---- */

/* What the type of a row means. */
enum row_type {
    TYPE_SQL,
    TYPE_BASELINE,
    TYPE_START,
    TYPE_UNDO,
    TYPE_DELETE,
    TYPE_SCHEMA,
    TYPE_OTHER
};

static enum row_type
type_of(const char *name)
{
    static const struct {
        const char *name;
        enum row_type type;
    } types[] = {
        {"SQL", TYPE_SQL},       {"BASELINE", TYPE_BASELINE},   {"INIT", TYPE_BASELINE},
        {"DELETE", TYPE_DELETE}, {"SCHEMA", TYPE_SCHEMA},       {"SQL_BASELINE", TYPE_START},
        {"UNDO_SQL", TYPE_UNDO}, {"JDBC_BASELINE", TYPE_START}, {"SCRIPT_BASELINE", TYPE_START},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(types); i++)
        if (strcmp(types[i].name, name) == 0)
            return types[i].type;
    return lk_starts_with(name, "UNDO_") ? TYPE_UNDO : TYPE_OTHER;
}

static const char *
value(const PGresult *result, int row, int column)
{
    return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

static int64_t
number(const PGresult *result, int row, int column)
{
    return strtoll(PQgetvalue(result, row, column), NULL, 10);
}

/* is_of returns whether a row is about the same migration as a later one, as Flyway finds it. */
static bool
is_of(const struct lk_history_row *row, const struct lk_history_row *later)
{
    if (row->version == NULL || later->version == NULL)
        return row->version == later->version && strcmp(row->description, later->description) == 0;
    return lk_version_compare((struct lk_version){.text = row->version},
                              (struct lk_version){.text = later->version}) == 0;
}

/* find_before returns the newest row so far that is applied and of the same migration, or NULL. */
static struct lk_history_row *
find_before(struct lk_history *history, const struct lk_history_row *later)
{
    for (size_t i = history->rows.count; i-- > 0;) {
        struct lk_history_row *row = &history->rows.items[i];
        if (row != later && row->status == LK_HISTORY_APPLIED && is_of(row, later))
            return row;
    }
    return NULL;
}

static enum lk_migration_kind
kind_of(enum row_type type, const char *version)
{
    if (type == TYPE_BASELINE || type == TYPE_START)
        return LK_KIND_BASELINE;
    if (type == TYPE_UNDO)
        return LK_KIND_UNDO;
    return version != NULL ? LK_KIND_VERSIONED : LK_KIND_REPEATABLE;
}

/* read_row returns what a row says by itself. */
static struct lk_history_row
read_row(TALLOC_CTX *mem, const PGresult *result, int row, enum row_type type)
{
    bool success = strcmp(PQgetvalue(result, row, 6), "t") == 0;
    bool ours = !PQgetisnull(result, row, 9);
    const char *version = value(result, row, 1);

    return (struct lk_history_row){
        .rank = number(result, row, 0),
        .kind = kind_of(type, version),
        .version = lk_strdup(mem, version),
        .description = lk_strdup(mem, value(result, row, 2)),
        .script = lk_strdup(mem, value(result, row, 4)),
        .sha256 = ours ? lk_strdup(mem, value(result, row, 9)) : "",
        .flyway_checksum = (int32_t)number(result, row, 5),
        .status = !success                ? LK_HISTORY_FAILED
                  : type == TYPE_BASELINE ? LK_HISTORY_BASELINE
                  : type == TYPE_UNDO     ? LK_HISTORY_UNDONE
                                          : LK_HISTORY_APPLIED,
        .mode = ours ? lk_strdup(mem, value(result, row, 11)) : lk_mode_name(LK_MODE_TRANSACTIONAL),
        .statements_total = (int)number(result, row, 12),
        .statements_done = (int)number(result, row, 13),
        .attempts = ours ? (int)number(result, row, 14) : 1,
        .when = lk_strdup(mem, value(result, row, 7)),
        .who = lk_strdup(mem, value(result, row, 8)),
        .sqlstate = lk_strdup(mem, value(result, row, 16)),
        .error = lk_strdup(mem, value(result, row, 17)),
        .run = number(result, row, 19),
        .statements_begun = success ? 0 : (int)number(result, row, 20),
        .fingerprint = lk_strdup(mem, value(result, row, 10)),
        .reason = lk_strdup(mem, value(result, row, 18)),
        .undoes = number(result, row, 15),
        .by_checksum = true,
        .has_checksum = !PQgetisnull(result, row, 5),
        .elsewhere = type == TYPE_OTHER,
        .unclear = !success && !ours,
    };
}

/* add_row adds a row, and lets it change what earlier ones say. */
static void
add_row(TALLOC_CTX *mem, struct lk_history *history, const PGresult *result, int number_of)
{
    enum row_type type = type_of(PQgetvalue(result, number_of, 3));

    if (type == TYPE_SCHEMA)
        return;
    struct lk_history_row row = read_row(mem, result, number_of, type);
    struct lk_history_row *before =
        type == TYPE_DELETE || type == TYPE_UNDO ? find_before(history, &row) : NULL;
    if (type == TYPE_UNDO && before != NULL)
        row.undoes = before->rank;
    if (before != NULL && row.status != LK_HISTORY_FAILED)
        before->status = type == TYPE_UNDO ? LK_HISTORY_UNDONE : LK_HISTORY_DELETED;
    if (type != TYPE_DELETE)
        lk_vec_push(mem, &history->rows, row);
}

/* ---- the table ---- */

/* refuse_native fails where lockkeeper keeps its own history in the database. */
static bool
refuse_native(TALLOC_CTX *mem, struct lk_conn *conn, struct lk_error *err)
{
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query(mem, conn, "SELECT EXISTS (SELECT FROM lockkeeper.migration)", NULL, 0, err);

    if (result == NULL)
        return false;
    if (strcmp(PQgetvalue(result, 0, 0), "t") != 0)
        return true;
    lk_fail(err, LK_ERR_DISAGREE, "the history of this database is lockkeeper's own already");
    return lk_error_hint(err, "Say `apply: {history: native}` in lockkeeper.yml.");
}

bool
lk_flyway_load(TALLOC_CTX *mem, struct lk_conn *conn, struct lk_history *ret,
               enum lk_history_age *ret_age, struct lk_error *err)
{
    const char *schema = conn->history_schema != NULL ? conn->history_schema : conn->options.schema;
    const char *place[] = {schema, lk_flyway_table(conn)};
    enum lk_history_age native;
    bool server;

    *ret = (struct lk_history){0};
    *ret_age = LK_HISTORY_NONE;
    PGresult *probe LK_CLEANUP(lk_result_clear) =
        lk_conn_query(mem, conn, lk_sql_flyway_probe, place, LK_ARRAY_SIZE(place), err);
    if (probe == NULL)
        return false;
    if (PQgetisnull(probe, 0, 0)) {
        lk_fail(err, LK_ERR_USAGE, "the search_path names no schema that is there");
        return lk_error_hint(err, "Say `apply: {flyway: {default_schema: ...}}`, or correct it.");
    }
    if (conn->history == NULL) { /* a migration may change what search_path means */
        conn->history_schema = lk_strdup(conn, PQgetvalue(probe, 0, 0));
        conn->history = lk_strdup(conn, PQgetvalue(probe, 0, 1));
    }
    conn->history_schema_there = strcmp(PQgetvalue(probe, 0, 4), "t") == 0;
    bool there = strcmp(PQgetvalue(probe, 0, 2), "t") == 0;
    bool beside = strcmp(PQgetvalue(probe, 0, 3), "t") == 0;
    if (!lk_native_age(mem, conn, &native, &server, err) ||
        (native != LK_HISTORY_NONE && !refuse_native(mem, conn, err)) ||
        (server && !lk_native_server(mem, conn, &ret->server, err)))
        return false;
    if (!there)
        return true;
    *ret_age = beside && native == LK_HISTORY_CURRENT ? LK_HISTORY_CURRENT : LK_HISTORY_OLD;
    const char *params[] = {conn->history};
    char *sql = lk_flyway_sql(mem, conn, beside ? lk_sql_flyway_load : lk_sql_flyway_load_alone,
                              params, LK_ARRAY_SIZE(params));
    PGresult *result LK_CLEANUP(lk_result_clear) = lk_conn_query(mem, conn, sql, NULL, 0, err);
    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++)
        add_row(mem, ret, result, row);
    return true;
}
