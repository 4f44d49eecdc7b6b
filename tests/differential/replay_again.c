/*
 * tests/differential/replay_again.c
 *     The schema as SQL, replayed: see replay.h.
 */
#include "parser/script.h"
#include "rules/schema/replay.h"
#include "rules/schema/sql.h"
#include "tests/differential/replay.h"

struct lk_catalog *
lk_replay_again(TALLOC_CTX *mem, const struct lk_catalog *catalog)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const char *sql = lk_schema_sql(scratch, catalog);
    struct lk_source *source = lk_source_new(scratch, "schema", sql, strlen(sql));
    struct lk_script *script = lk_script_new(scratch, source, (struct lk_span){0, source->size});
    struct lk_catalog *again = lk_catalog_new(mem);

    lk_catalog_set_server(again, lk_catalog_version(catalog), lk_catalog_is_utc(catalog));
    for (size_t i = 0; i < script->statements.count; i++)
        if (lk_script_tree(script, i) != NULL) {
            lk_replay(again, &script->statements.items[i], source->text);
            lk_catalog_commit(again);
        }
    return again;
}

void
lk_again_compare(TALLOC_CTX *mem, const struct lk_catalog *catalog, const struct lk_catalog *again,
                 const char *what, struct lk_again *ret)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_rows rows = {0}, others = {0};
    struct lk_replayed compared = {0};

    lk_rows_of_catalog(scratch, catalog, &rows);
    lk_rows_of_catalog(scratch, again, &others);
    /* what the first one does not know the other one may */
    lk_rows_score(scratch, &others, &rows, what, &compared);
    lk_vec_foreach(it, &compared.differences.items) {
        const struct lk_row *row = it->server.kind != NULL ? &it->server : &it->replay;
        if (strncmp(row->identity, "pg_temp.", strlen("pg_temp.")) == 0 ||
            strcmp(row->kind, LK_DERIVED_CONSTRAINT) == 0)
            continue; /* of a session, or named anew */
        ret->different++;
        lk_vec_push(mem, &ret->notes,
                    lk_fmt(mem, "%s: %s %s %s: %s, again %s", what, row->kind, row->identity,
                           row->property, it->replay.kind != NULL ? it->replay.value : "nothing",
                           it->server.kind != NULL ? it->server.value : "nothing"));
    }
    lk_vec_foreach(kind, &compared.kinds)
        ret->equal += kind->equal;
}
