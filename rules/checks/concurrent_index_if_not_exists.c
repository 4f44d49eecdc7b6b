/*
 * # concurrent-index-if-not-exists
 *
 * ## What it flags
 *
 * `CREATE INDEX CONCURRENTLY IF NOT EXISTS`.
 *
 * ## Why it hurts
 *
 * When a concurrent build fails (a deadlock, a duplicate, a timeout), it leaves an INVALID index
 * behind that no query uses and every write has to keep up. The next try finds an index of that
 * name, does nothing, and reports success: the index, and with UNIQUE what it was to guarantee, is
 * not there, and nobody knows.
 *
 * ## Do instead
 *
 * ```sql
 * DROP INDEX CONCURRENTLY IF EXISTS users_email_idx;
 * CREATE INDEX CONCURRENTLY users_email_idx ON users (email);
 * ```
 *
 * ## When it stays silent
 *
 * Where the migration drops the index before, on an index that an earlier migration has built
 * already or is known to be there, and on temporary tables.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: CREATE INDEX, Building Indexes Concurrently
 */
#include "parser/pgparse.h"
#include "rules/around.h"
#include "rules/fix.h"
#include "rules/suggest.h"

static bool
drops(const struct lk_check *check, const Node *tree, const void *name)
{
    ListCell *cell;

    (void)check;
    if (!IsA(tree, DropStmt) || ((const DropStmt *)tree)->removeType != OBJECT_INDEX)
        return false;
    foreach(cell, ((const DropStmt *)tree)->objects)
        if (strcmp(lk_qname_of_list(lfirst_node(List, cell)).name, name) == 0)
            return true;
    return false;
}

static void
check_index(struct lk_check *check, const Node *node)
{
    const IndexStmt *stmt = (const IndexStmt *)node;

    if (!stmt->concurrent || !stmt->if_not_exists)
        return;
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    struct lk_qname name = {table != NULL ? table->schema : stmt->relation->schemaname,
                            stmt->idxname};
    if ((table != NULL && table->temporary) ||
        lk_catalog_relation(check->catalog, name.schema, name.name) != NULL ||
        lk_find_earlier(check, drops, stmt->idxname) != NULL)
        return;
    struct lk_finding *finding = lk_report(
        check, check->statement->span,
        "IF NOT EXISTS is content with the INVALID index that a failed build of %s leaves "
        "behind",
        lk_quote_ident(check->mem, stmt->idxname));
    lk_finding_object(check, finding, lk_subject_name(check, stmt->relation));
    lk_fix_anew(check, finding, "");
}

const struct lk_rule lk_rule_concurrent_index_if_not_exists = {
    .name = "concurrent-index-if-not-exists",
    .group = LK_GROUP_IDEMPOTENCY,
    .severity = LK_SEVERITY_WARNING,
    .summary = "CREATE INDEX CONCURRENTLY IF NOT EXISTS hides the INVALID index of a failed try",
    .fix = LK_RULE_FIX_UNSAFE,
    .on = {{T_IndexStmt, check_index}},
};
