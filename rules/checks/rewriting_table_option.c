/*
 * # rewriting-table-option
 *
 * ## What it flags
 *
 * `ALTER TABLE` with SET LOGGED, SET UNLOGGED, SET TABLESPACE or SET ACCESS METHOD of a table that
 * is in use, and `ALTER TABLE ALL IN TABLESPACE`.
 *
 * ## Why it hurts
 *
 * All rows are written anew, or all files copied, under an ACCESS EXCLUSIVE lock. Reads and writes
 * wait for a time that grows with the table.
 *
 * ## Do instead
 *
 * Create a table that is as the old one should be, copy the rows in batches while a trigger copies
 * what changes meanwhile, and let the two change names. For tablespaces `pg_repack --tablespace`
 * does it all; indexes move by REINDEX (TABLESPACE ...) CONCURRENTLY.
 *
 * ## When it stays silent
 *
 * On tables created in the same migration; on partitioned tables, which have no rows of their own;
 * where the table is LOGGED or UNLOGGED already.
 *
 * ## Versions
 *
 * All; SET ACCESS METHOD came with 15.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE
 */
#include "rules/new_column.h"
#include "rules/suggest.h"

static const struct {
    AlterTableType type;
    const char *clause;
    const char *advice;
} options[] = {
    {AT_SetLogged, "SET LOGGED",
     "Copy the rows in batches to a new table that is logged, then let the two change names."},
    {AT_SetUnLogged, "SET UNLOGGED",
     "Copy the rows in batches to a new unlogged table, then let the two change names."},
    {AT_SetTableSpace, "SET TABLESPACE",
     "Use pg_repack --tablespace, which moves a table while others read and write it."},
    {AT_SetAccessMethod, "SET ACCESS METHOD",
     "Copy the rows in batches to a new table that has the method, then let the two change names."},
};

static void
check_command(struct lk_check *check, const AlterTableStmt *stmt, AlterTableCmd *command)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(options); i++) {
        if (options[i].type != command->subtype || lk_subject_is_new(check, stmt->relation) ||
            lk_command_effects(check, stmt, command).rewrites.count == 0)
            continue;
        struct lk_finding *finding =
            lk_report(check, check->statement->span,
                      "%s writes all of %s anew under an ACCESS EXCLUSIVE lock: reads and writes "
                      "wait",
                      options[i].clause, lk_range_sql(check->mem, stmt->relation));
        lk_finding_object(check, finding, lk_subject_name(check, stmt->relation));
        lk_finding_hint(check, finding, "%s", options[i].advice);
    }
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    ListCell *cell;

    if (stmt->objtype != OBJECT_TABLE && stmt->objtype != OBJECT_MATVIEW)
        return;
    foreach(cell, stmt->cmds)
        check_command(check, stmt, lfirst_node(AlterTableCmd, cell));
}

static void
check_move_all(struct lk_check *check, const Node *node)
{
    const AlterTableMoveAllStmt *stmt = (const AlterTableMoveAllStmt *)node;

    if (stmt->objtype != OBJECT_TABLE && stmt->objtype != OBJECT_MATVIEW)
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "ALL IN TABLESPACE copies one relation after the other under ACCESS EXCLUSIVE "
                  "locks: reads and writes wait until the last one is done");
    lk_finding_hint(check, finding, "%s", options[2].advice);
}

const struct lk_rule lk_rule_rewriting_table_option = {
    .name = "rewriting-table-option",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "SET LOGGED, UNLOGGED, TABLESPACE, ACCESS METHOD rewrite the table",
    .on = {{T_AlterTableStmt, check_alter}, {T_AlterTableMoveAllStmt, check_move_all}},
};
