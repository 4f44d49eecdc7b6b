/*
 * # require-concurrent-index-deletion
 *
 * ## What it flags
 *
 * `DROP INDEX` without `CONCURRENTLY` of an index on a table that is in use.
 *
 * ## Why it hurts
 *
 * The statement takes an ACCESS EXCLUSIVE lock on the index and on its table. It is quick once it
 * has the lock, but while it waits for the queries that are under way, every new query on the
 * table, plain reads included, waits behind it.
 *
 * ## Do instead
 *
 * ```sql
 * DROP INDEX CONCURRENTLY users_email_idx;
 * ```
 *
 * outside a transaction, one index a statement.
 *
 * ## When it stays silent
 *
 * On an index created in the same migration, or on a table that is new; with IF EXISTS, on one that
 * the history, if it starts with an empty database, has not created, or has dropped. The index of a
 * partitioned table cannot be dropped concurrently: there the hint is a short lock_timeout, and
 * silence where there is one.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: DROP INDEX
 */
#include "parser/base/buf.h"
#include "parser/lexer.h"
#include "rules/fix.h"
#include "rules/suggest.h"

static const struct lk_relation *
find_index(const struct lk_check *check, const List *words)
{
    struct lk_qname name = lk_qname_of_list(words);
    const struct lk_relation *index = lk_catalog_relation(check->catalog, name.schema, name.name);

    return index != NULL && index->kind == LK_RELATION_INDEX ? index : NULL;
}

static bool
is_new(const struct lk_check *check, const struct lk_relation *index)
{
    return index != NULL && (index->temporary || lk_object_is_new(check->catalog, &index->object) ||
                             lk_object_is_new(check->catalog, &index->table->object));
}

/* advise has each index dropped by a statement of its own: CONCURRENTLY takes one. */
static void
advise(struct lk_check *check, struct lk_finding *finding, const DropStmt *stmt)
{
    const char *text = check->source->text;
    struct lk_lexer lexer = lk_lexer_at(text, check->statement->span);
    struct lk_token token;

    lk_fix_behind(check, finding, "index", " CONCURRENTLY");
    while ((token = lk_lex_code(&lexer)).kind != LK_TOKEN_END)
        if (lk_token_is_symbol(text, token, ','))
            lk_fix_replace(check, finding, token.span,
                           stmt->missing_ok ? ";\nDROP INDEX CONCURRENTLY IF EXISTS"
                                            : ";\nDROP INDEX CONCURRENTLY");
    lk_fix_outside(check, finding);
}

/* is_harmless returns whether the drop of one index holds nobody up: nobody uses it yet, or it is
 * gone already. */
static bool
is_harmless(const struct lk_check *check, const DropStmt *stmt, const List *words)
{
    return is_new(check, find_index(check, words)) ||
           lk_named_is_absent(check, lk_qname_of_list(words), stmt->missing_ok);
}

static void
check_drop(struct lk_check *check, const Node *node)
{
    const DropStmt *stmt = (const DropStmt *)node;
    const struct lk_relation *table = NULL; /* NULL: not known, or there are several */
    size_t count = 0;
    bool partitioned = false, all = true;
    ListCell *cell;

    if (stmt->removeType != OBJECT_INDEX || stmt->concurrent)
        return;
    struct lk_buf names = lk_buf_init(check->mem);
    struct lk_buf instead = lk_buf_init(check->mem);
    foreach(cell, stmt->objects) {
        const List *words = lfirst_node(List, cell);
        const struct lk_relation *index = find_index(check, words);
        if (is_harmless(check, stmt, words)) {
            all = false;
            continue;
        }
        char *name = lk_qname_sql(check->mem, lk_qname_of_list(words));
        lk_buf_sep(&names, ", ");
        lk_buf_add(&names, name);
        lk_buf_sep(&instead, "\n");
        lk_buf_addf(&instead, "DROP INDEX CONCURRENTLY %s%s;", stmt->missing_ok ? "IF EXISTS " : "",
                    name);
        table = index != NULL && (count++ == 0 || index->table == table) ? index->table : NULL;
        partitioned |= index != NULL && index->table->kind == LK_RELATION_PARTITIONED;
    }
    if (names.len == 0 || (partitioned && lk_wait_is_bounded(check)))
        return; /* there is no other way to drop an index of a partitioned table */
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "DROP INDEX takes an ACCESS EXCLUSIVE lock on %s: reads and writes wait",
                  table != NULL ? lk_fmt(check->mem, "%s, the table of %s",
                                         lk_relation_sql(check->mem, table), names.data)
                                : lk_fmt(check->mem, "the table of %s", names.data));
    bool local = lk_session_in_transaction(check->session);
    finding->bounds = LK_BOUNDS_HERE;
    foreach(cell, stmt->objects) {
        struct lk_qname name = lk_qname_of_list(lfirst_node(List, cell));
        if (!is_harmless(check, stmt, lfirst_node(List, cell)))
            lk_finding_object(
                check, finding,
                lk_catalog_resolved(check->mem, check->catalog, name.schema, name.name));
    }
    if (partitioned)
        lk_finding_hint(check, finding,
                        "SET %slock_timeout = '2s';\n%s;%s\n"
                        "-- an index of a partitioned table cannot be dropped concurrently: give "
                        "up early and try again",
                        local ? "LOCAL " : "", lk_statement_text(check),
                        local ? "" : "\nRESET lock_timeout;");
    else
        lk_finding_hint(check, finding, "%s%s", lk_outside_advice(check), instead.data);
    if (!partitioned && all && stmt->behavior != DROP_CASCADE)
        advise(check, finding, stmt);
}

const struct lk_rule lk_rule_require_concurrent_index_deletion = {
    .name = "require-concurrent-index-deletion",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_WARNING,
    .summary = "DROP INDEX blocks all use of its table while it waits",
    .fix = LK_RULE_FIX_SAFE,
    .aliases = {"atlas:PG102"},
    .on = {{T_DropStmt, check_drop}},
};
