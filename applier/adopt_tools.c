/*
 * applier/adopt_tools.c
 *     Finding and reading the histories of other tools: see adopt.h.
 */
#include <zlib.h>

#include "applier/adopt.h"
#include "applier/conn_private.h"
#include "applier/flyway_rows.h"
#include "applier/sql.h"
#include "parser/base/buf.h"
#include "parser/base/text.h"

static const struct lk_adopt_tool tools[] = {
#define LK_ADOPT(name, schema, home, table, with, without, match, salt, key, query, advice)        \
    {#name, schema, home,  table, with, without, LK_ADOPT_BY_##match, LK_ADOPT_SALT_##salt,        \
     key,   query,  advice},
#include "applier/adopt_tools.def"
#undef LK_ADOPT
};

/* What is not a tool, but a query of the user's. */
static const struct lk_adopt_tool query_tool = {
    .name = "query",
    .with = "",
    .without = "",
    .advice = "",
};

const struct lk_adopt_tool *
lk_adopt_tools(size_t *count)
{
    *count = LK_ARRAY_SIZE(tools);
    return tools;
}

/* ---- which there are ---- */

struct candidates {
    LK_VEC(struct lk_adopt_source) items;
};

/* has_all returns whether each word of a list is among `words`; with `any`, whether one is. */
static bool
has_all(TALLOC_CTX *mem, const char *list, const char *words, bool any)
{
    char *within = lk_fmt(mem, " %s ", words);

    for (const char *at = list; *at != '\0'; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        bool there = strstr(within, lk_fmt(mem, " %.*s ", (int)length, at)) != NULL;
        if (there == any)
            return any;
        at += length;
    }
    return !any;
}

/* fits returns whether a table with these columns may be a tool's, called as usual or not. */
static bool
fits(TALLOC_CTX *mem, const struct lk_adopt_tool *tool, const struct lk_request *request,
     const struct lk_adopt_source *found, const char *columns)
{
    bool usual = strcmp(tool->table, found->table_name) == 0 &&
                 (tool->schema == NULL || strcmp(tool->schema, found->schema_name) == 0);

    if (request->from != NULL && strcmp(request->from, tool->name) != 0)
        return false;
    if (!usual && request->table == NULL)
        return false;
    return has_all(mem, tool->with, columns, false) && !has_all(mem, tool->without, columns, true);
}

/* array_of returns the names of tables to look for, as SQL has an array. */
static char *
array_of(TALLOC_CTX *mem, const char *table)
{
    struct lk_buf names = lk_buf_init(mem);

    lk_buf_addc(&names, '{');
    for (size_t i = 0; table == NULL && i < LK_ARRAY_SIZE(tools); i++)
        lk_buf_addf(&names, "%s%s", i > 0 ? "," : "", tools[i].table);
    if (table != NULL) {
        lk_buf_addc(&names, '"');
        for (; *table != '\0'; table++)
            lk_buf_addf(&names, "%s%c", *table == '"' || *table == '\\' ? "\\" : "", *table);
        lk_buf_addc(&names, '"');
    }
    lk_buf_addc(&names, '}');
    return names.data;
}

/* find_tables adds each tool that a table of the database may be of. */
static bool
find_tables(TALLOC_CTX *mem, const struct lk_request *request, const struct lk_target *target,
            struct candidates *ret, struct lk_error *err)
{
    const char *dot = request->table != NULL ? strchr(request->table, '.') : NULL;
    const char *schema =
        dot != NULL ? lk_strndup(mem, request->table, (size_t)(dot - request->table)) : NULL;
    const char *params[] = {array_of(mem, dot != NULL ? dot + 1 : request->table)};
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query(mem, target->conn, lk_sql_adopt_find, params, LK_ARRAY_SIZE(params), err);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        struct lk_adopt_source found = {
            .schema_name = lk_strdup(mem, PQgetvalue(result, row, 0)),
            .table_name = lk_strdup(mem, PQgetvalue(result, row, 1)),
            .has_lock_table = strcmp(PQgetvalue(result, row, 4), "t") == 0,
            .table = lk_strdup(mem, PQgetvalue(result, row, 5)),
            .on_path = strcmp(PQgetvalue(result, row, 6), "t") == 0,
        };
        if (schema != NULL && strcmp(schema, found.schema_name) != 0)
            continue;
        bool rails = strcmp(PQgetvalue(result, row, 3), "t") == 0;
        char *columns =
            lk_fmt(mem, "%s%s", PQgetvalue(result, row, 2), rails ? " @ar_internal_metadata" : "");
        for (size_t i = 0; i < LK_ARRAY_SIZE(tools); i++)
            if (fits(mem, &tools[i], request, &found, columns)) {
                found.tool = &tools[i];
                found.name = tools[i].name;
                lk_vec_push(mem, &ret->items, found);
            }
    }
    return true;
}

/* check_name fails on a name that is none of a tool. */
static bool
check_name(const char *name, struct lk_error *err)
{
    const char *names[LK_ARRAY_SIZE(tools)];
    struct lk_buf list = lk_buf_init(NULL);

    for (size_t i = 0; i < LK_ARRAY_SIZE(tools); i++) {
        names[i] = tools[i].name;
        if (name == NULL || strcmp(names[i], name) == 0) {
            talloc_free(list.data);
            return true;
        }
        lk_buf_sep(&list, ", ");
        lk_buf_add(&list, names[i]);
    }
    const char *nearest = lk_nearest(name, names, LK_ARRAY_SIZE(tools));
    lk_fail(err, LK_ERR_USAGE, "--from: no history of \"%s\" is known", name);
    if (nearest != NULL)
        lk_error_hint(err, "Perhaps %s is meant.", nearest);
    else
        lk_error_hint(err, "Known are %s; --query reads any other.", list.data);
    talloc_free(list.data);
    return false;
}

static bool
none_found(const struct lk_request *request, const struct lk_target *target, struct lk_error *err)
{
    if (request->table != NULL)
        lk_fail(err, LK_ERR_USAGE, "%s has no history %s%s%s", target->name, request->table,
                request->from != NULL ? " of " : " of a tool that is known",
                request->from != NULL ? request->from : "");
    else
        lk_fail(err, LK_ERR_USAGE, "%s has no history of %s", target->name,
                request->from != NULL ? request->from : "another tool that is known");
    return lk_error_hint(err, "--table names a table that is called otherwise; --query reads a "
                              "history of any form; `lockkeeper baseline` starts without one.");
}

static bool
several_found(const struct candidates *candidates, const struct lk_target *target,
              struct lk_error *err)
{
    struct lk_buf list = lk_buf_init(NULL);
    bool same_tool = true;

    lk_vec_foreach(found, &candidates->items) {
        lk_buf_sep(&list, ", ");
        lk_buf_addf(&list, "%s (%s)", found->name, found->table);
        same_tool &= found->tool == candidates->items.items[0].tool;
    }
    lk_fail(err, LK_ERR_USAGE, "%s has histories of several tools: %s", target->name, list.data);
    lk_error_hint(err, "Say which one: %s.", same_tool ? "--table SCHEMA.TABLE" : "--from TOOL");
    talloc_free(list.data);
    return false;
}

/* prefer_usual leaves only those of a tool whose table is called so, if there are any. */
static void
prefer_usual(struct candidates *candidates)
{
    size_t kept = 0;

    for (size_t i = 0; i < candidates->items.count; i++) {
        const struct lk_adopt_source *found = &candidates->items.items[i];
        if (strcmp(found->tool->table, found->table_name) == 0)
            candidates->items.items[kept++] = *found;
    }
    if (kept > 0)
        candidates->items.count = kept;
}

static bool
choose_source(TALLOC_CTX *mem, const struct lk_request *request, const struct lk_target *target,
              struct lk_adopt_source *ret, struct lk_error *err)
{
    struct candidates candidates = {0};

    if (!check_name(request->from, err) || !find_tables(mem, request, target, &candidates, err))
        return false;
    if (candidates.items.count == 0)
        return none_found(request, target, err);
    prefer_usual(&candidates);
    if (candidates.items.count > 1)
        return several_found(&candidates, target, err);
    *ret = candidates.items.items[0];
    return true;
}

/* ---- the tool's lock ---- */

static uint32_t
crc_of(const char *text, size_t size)
{
    return (uint32_t)crc32(0, (const Bytef *)text, (uInt)size);
}

/* key_of returns the key of the tool's advisory lock. Sources: see adopt_tools.def; golang-migrate,
 * database/util.go; Active Record, migration.rb; sqlx-postgres, migrate.rs. */
static int64_t
key_of(TALLOC_CTX *mem, const struct lk_adopt_source *source, const struct lk_target *target)
{
    struct lk_buf names = lk_buf_init(mem);
    uint32_t database = crc_of(target->database, strlen(target->database));

    switch (source->tool->salt) {
    case LK_ADOPT_SALT_FLYWAY:
        return lk_flyway_lock_key(lk_flyway_name(mem, source->schema_name, source->table_name));
    case LK_ADOPT_SALT_GOLANG:
        lk_buf_addn(&names, source->schema_name, strlen(source->schema_name) + 1);
        lk_buf_addn(&names, source->table_name, strlen(source->table_name) + 1);
        lk_buf_add(&names, target->database);
        return (uint32_t)(crc_of(names.data, names.len) * 1486364155U);
    case LK_ADOPT_SALT_RAILS:
        return INT64_C(2053462845) * database;
    case LK_ADOPT_SALT_SQLX:
        return INT64_C(0x3d32ad9e) * database;
    case LK_ADOPT_SALT_PLAIN:
    case LK_ADOPT_SALT_NONE:
    case LK_ADOPT_SALT_KNEX:
        break;
    }
    return source->tool->key;
}

/* exclude takes the lock of the tool, for the rest of the turn, so that it does not go on. */
static bool
exclude(TALLOC_CTX *mem, const struct lk_adopt_source *source, const struct lk_target *target,
        struct lk_error *err)
{
    enum lk_adopt_salt salt = source->tool->salt;
    bool row = salt == LK_ADOPT_SALT_KNEX && source->has_lock_table;
    char *sql = lk_fmt(mem, "SELECT pg_catalog.pg_try_advisory_lock(%lld)",
                       (long long)key_of(mem, source, target));

    if (salt == LK_ADOPT_SALT_NONE || (salt == LK_ADOPT_SALT_KNEX && !row))
        return true;
    if (row) {
        const char *lock =
            lk_flyway_name(mem, source->schema_name, lk_fmt(mem, "%s_lock", source->table_name));
        sql = lk_fmt(mem,
                     "SELECT NOT EXISTS (SELECT FROM %s"
                     " WHERE is_locked OPERATOR(pg_catalog.=) 1)",
                     lock);
    }
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query(mem, target->conn, sql, NULL, 0, err);
    if (result == NULL)
        return false;
    if (strcmp(PQgetvalue(result, 0, 0), "t") == 0)
        return true;
    lk_fail(err, LK_ERR_LOCKED, "%s is working on %s: it holds its lock", source->name,
            target->name);
    return lk_error_hint(err,
                         row ? "Wait for it to end; `knex migrate:unlock` clears a lock that a "
                               "crash has left."
                             : "Wait for it to end.");
}

/* ---- what it says ---- */

static enum lk_adopt_state
state_of(const char *word)
{
    static const char *const words[] = {"applied",  "failed", "undone",   "deleted",
                                        "baseline", "start",  "elsewhere"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++)
        if (word != NULL && strcmp(words[i], word) == 0)
            return (enum lk_adopt_state)i;
    return LK_ADOPT_APPLIED;
}

/* column returns a value by its column's name; NULL where it is NULL, or there is no such column.
 */
static const char *
column(TALLOC_CTX *mem, const PGresult *result, int row, const char *name)
{
    int number = PQfnumber(result, name);

    return number < 0 || PQgetisnull(result, row, number)
               ? NULL
               : lk_strdup(mem, PQgetvalue(result, row, number));
}

/* check_columns fails where a query of the user's does not return what it should. */
static bool
check_columns(const PGresult *result, struct lk_error *err)
{
    static const char *const known[] = {"version",  "script",       "description",
                                        "checksum", "installed_at", "installed_by"};
    static const char form[] = "--query returns version or script, and perhaps description, "
                               "checksum, installed_at and installed_by.";

    for (int i = 0; i < PQnfields(result); i++) {
        bool is_known = false;
        for (size_t k = 0; k < LK_ARRAY_SIZE(known); k++)
            is_known |= strcmp(known[k], PQfname(result, i)) == 0;
        if (is_known)
            continue;
        lk_fail(err, LK_ERR_USAGE, "--query: the column %s means nothing here", PQfname(result, i));
        return lk_error_hint(err, form);
    }
    if (PQfnumber(result, "version") >= 0 || PQfnumber(result, "script") >= 0)
        return true;
    lk_fail(err, LK_ERR_USAGE, "--query returns neither version nor script");
    return lk_error_hint(err, form);
}

static bool
read_rows(TALLOC_CTX *mem, const struct lk_target *target, const char *sql,
          struct lk_adopt_source *ret, struct lk_error *err)
{
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_query(mem, target->conn, sql, NULL, 0, err);

    if (result == NULL || (ret->table == NULL && !check_columns(result, err)))
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        struct lk_adopt_row *read = lk_vec_add(mem, &ret->rows);
        *read = (struct lk_adopt_row){
            .version = column(mem, result, row, "version"),
            .script = column(mem, result, row, "script"),
            .description = column(mem, result, row, "description"),
            .checksum = column(mem, result, row, "checksum"),
            .when = column(mem, result, row, "installed_at"),
            .who = column(mem, result, row, "installed_by"),
            .state = state_of(column(mem, result, row, "state")),
            .repeatable = column(mem, result, row, "kind") != NULL,
        };
        if (read->version != NULL || read->script != NULL)
            continue;
        return lk_fail(err, LK_ERR_DISAGREE, "row %d of the history names no migration", row + 1);
    }
    return true;
}

/* read_query reads what a query of the user's returns; as part of ours, it changes nothing. */
static bool
read_query(TALLOC_CTX *mem, const char *query, const struct lk_target *target,
           struct lk_adopt_source *ret, struct lk_error *err)
{
    size_t length = strlen(query);

    while (length > 0 && strchr("; \t\n", query[length - 1]) != NULL)
        length--;
    *ret = (struct lk_adopt_source){.tool = &query_tool, .name = query_tool.name};
    if (read_rows(mem, target, lk_fmt(mem, "SELECT * FROM (%.*s\n) AS history", (int)length, query),
                  ret, err))
        return true;
    if (err->code == LK_ERR_FAILED && err->sqlstate[0] != '\0') {
        char *message = lk_strdup(mem, err->message);
        lk_error_clear(err);
        return lk_fail(err, LK_ERR_USAGE, "--query: %s", message);
    }
    return false;
}

/* read_table reads what the table of a tool holds. */
static bool
read_table(TALLOC_CTX *mem, const struct lk_target *target, struct lk_adopt_source *ret,
           struct lk_error *err)
{
    /* names in it mean what they mean to us, whatever the role's search_path */
    char *sql =
        lk_fmt(mem, "BEGIN; SET LOCAL search_path = pg_catalog, pg_temp;\n%s",
               lk_conn_fill_table(mem, target->conn, ret->tool->query, ret->table, NULL, 0));
    bool read = read_rows(mem, target, sql, ret, err);

    if (!lk_conn_is_broken(target->conn))
        PQclear(PQexec(target->conn->pg, "ROLLBACK"));
    return read;
}

bool
lk_adopt_read(TALLOC_CTX *mem, const struct lk_request *request, const struct lk_target *target,
              struct lk_adopt_source *ret, struct lk_error *err)
{
    if (request->query != NULL)
        return read_query(mem, request->query, target, ret, err);
    return choose_source(mem, request, target, ret, err) && exclude(mem, ret, target, err) &&
           read_table(mem, target, ret, err);
}

/* ---- where nobody asked for one ---- */

/* has_begun returns whether something was applied, as our own history has it. */
static bool
has_begun(const struct lk_history *history)
{
    lk_vec_foreach(row, &history->rows)
        if (row->status != LK_HISTORY_FAILED && row->status != LK_HISTORY_SKIPPED)
            return true;
    return false;
}

/* is_at_home returns whether a history lies where its tool looks for it. */
static bool
is_at_home(const struct lk_adopt_source *found)
{
    return found->on_path ||
           (found->tool->home != NULL && strcmp(found->tool->home, found->schema_name) == 0);
}

/*
 * is_in_use returns whether a history says that something was applied; one that the role may not
 * read is taken for one that does.
 */
static bool
is_in_use(TALLOC_CTX *mem, const struct lk_target *target, struct lk_adopt_source *found)
{
    struct lk_error error = {0};
    bool read = read_table(mem, target, found, &error);
    bool hidden = !read && strcmp(error.sqlstate, "42501") == 0;

    lk_error_clear(&error);
    return hidden || found->rows.count > 0;
}

static bool
refuse_other(const struct lk_adopt_source *found, const struct lk_target *target,
             struct lk_error *err)
{
    lk_fail(err, LK_ERR_DISAGREE,
            "%s has been migrated with %s: what %s says was applied counts as pending here",
            target->name, found->name, found->table);
    if (target->format->naming != NULL)
        return lk_error_hint(err, "`lockkeeper baseline --at VERSION` records up to which version "
                                  "everything is there. If it is the history of something else, "
                                  "say --ignore-other-history.");
    return lk_error_hint(err,
                         "`lockkeeper adopt --from %s` takes its history over; `lockkeeper "
                         "baseline --at VERSION` records up to which version everything is there. "
                         "If it is the history of something else, say "
                         "--ignore-other-history, or `apply: {other_history: ignore}`.",
                         found->name);
}

bool
lk_adopt_check_none(TALLOC_CTX *mem, const struct lk_target *target, struct lk_error *err)
{
    const struct lk_request any = {0};
    struct candidates candidates = {0};

    if (has_begun(&target->history))
        return true;
    if (!find_tables(mem, &any, target, &candidates, err))
        return false;
    lk_vec_foreach(found, &candidates.items)
        if (strcmp(found->name, target->format->name) != 0 && is_at_home(found) &&
            is_in_use(mem, target, found))
            return refuse_other(found, target, err);
    return true;
}
