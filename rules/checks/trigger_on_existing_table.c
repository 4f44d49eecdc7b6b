/*
 * # trigger-on-existing-table
 *
 * ## What it flags
 *
 * CREATE and DROP TRIGGER, ENABLE and DISABLE TRIGGER, the same of policies and rules, OWNER TO and
 * REPLICA IDENTITY, on a table that is in use, while nothing bounds the wait for the lock.
 *
 * ## Why it hurts
 *
 * Each of these looks like a note in the catalog, and is one; but it takes a SHARE ROW EXCLUSIVE
 * lock (triggers) or an ACCESS EXCLUSIVE lock (all others, and DROP TRIGGER) on the table. While it
 * waits for a long transaction, every write, or every query, on the table waits behind it.
 *
 * ## Do instead
 *
 * Give up early, and try again:
 *
 * ```sql
 * SET LOCAL lock_timeout = '2s'; -- SET, where the file is not one transaction
 * CREATE TRIGGER audited AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION audit();
 * ```
 *
 * ## When it stays silent
 *
 * On tables created in the same migration; on views; when the file, a directive or the applier's
 * configuration gives a lock_timeout. It reports once a table and migration, and once a script in a
 * folder without naming convention. Where it speaks, rule require-lock-timeout does not.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: 13.3.1 Table-Level Locks; ALTER TABLE
 */
#include "rules/suggest.h"

/* is_switch returns whether a subcommand changes nothing but who acts on the table's rows. */
static bool
is_switch(const AlterTableCmd *command)
{
    switch (command->subtype) {
    case AT_EnableTrig:
    case AT_EnableAlwaysTrig:
    case AT_EnableReplicaTrig:
    case AT_DisableTrig:
    case AT_EnableTrigAll:
    case AT_DisableTrigAll:
    case AT_EnableTrigUser:
    case AT_DisableTrigUser:
    case AT_EnableRule:
    case AT_EnableAlwaysRule:
    case AT_EnableReplicaRule:
    case AT_DisableRule:
    case AT_ChangeOwner:
    case AT_ReplicaIdentity:
        return true;
    default:
        return false;
    }
}

/* is_table returns whether rows are kept under a name, as far as the history tells. */
static bool
is_table(const struct lk_relation *relation)
{
    return relation == NULL || relation->kind == LK_RELATION_TABLE ||
           relation->kind == LK_RELATION_PARTITIONED || relation->kind == LK_RELATION_UNKNOWN;
}

/*
 * is_told returns whether there is a finding that stands for this one: on the same table, or, of a
 * loose script, which nobody knows how to run, on any.
 */
static bool
is_told(const struct lk_check *check, const char *table)
{
    return check->migration->folder->naming == NULL
               ? lk_reported(check)
               : lk_reported_on(check, check->rule->name, table);
}

/* report reports a statement on a table; `what` is its name, as in a sentence. */
static void
report(struct lk_check *check, const char *what, const RangeVar *range)
{
    const struct lk_lock *lock = lk_strongest_lock(check->effects);

    if (lock == NULL || lk_wait_is_bounded(check) || lk_subject_is_new(check, range) ||
        !is_table(lk_subject(check, range)) || is_told(check, lk_subject_name(check, range)))
        return;
    bool local = lk_session_in_transaction(check->session);
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "%s takes %s %s lock on %s and may wait for it without end: %s queue up", what,
                  lk_lock_sql(lock->mode)[0] == 'A' ? "an" : "a", lk_lock_sql(lock->mode),
                  lk_range_sql(check->mem, range), lk_lock_blocks(lock->mode));
    finding->bounds = LK_BOUNDS_HERE;
    lk_finding_object(check, finding, lk_subject_name(check, range));
    lk_finding_hint(check, finding, "SET %slock_timeout = '2s';\n%s;%s", local ? "LOCAL " : "",
                    lk_statement_text(check), local ? "" : "\nRESET lock_timeout;");
}

static void
check_create_trigger(struct lk_check *check, const Node *node)
{
    report(check, "CREATE TRIGGER", ((const CreateTrigStmt *)node)->relation);
}

static void
check_create_policy(struct lk_check *check, const Node *node)
{
    report(check, "CREATE POLICY", ((const CreatePolicyStmt *)node)->table);
}

static void
check_alter_policy(struct lk_check *check, const Node *node)
{
    report(check, "ALTER POLICY", ((const AlterPolicyStmt *)node)->table);
}

static void
check_create_rule(struct lk_check *check, const Node *node)
{
    report(check, "CREATE RULE", ((const RuleStmt *)node)->relation);
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    ListCell *cell;

    if (stmt->objtype != OBJECT_TABLE)
        return;
    foreach(cell, stmt->cmds)
        if (!is_switch(lfirst_node(AlterTableCmd, cell)))
            return;
    report(check, "ALTER TABLE", stmt->relation);
}

static void
check_drop(struct lk_check *check, const Node *node)
{
    const DropStmt *stmt = (const DropStmt *)node;

    if (stmt->removeType != OBJECT_TRIGGER && stmt->removeType != OBJECT_POLICY &&
        stmt->removeType != OBJECT_RULE)
        return;
    const List *words = linitial_node(List, stmt->objects);
    struct lk_qname table = lk_qname_of_first(words, list_length(words) - 1);
    RangeVar range = {.type = T_RangeVar,
                      .schemaname =
                          table.schema != NULL ? lk_strdup(check->mem, table.schema) : NULL,
                      .relname = lk_strdup(check->mem, table.name)};
    report(check,
           stmt->removeType == OBJECT_TRIGGER  ? "DROP TRIGGER"
           : stmt->removeType == OBJECT_POLICY ? "DROP POLICY"
                                               : "DROP RULE",
           &range);
}

const struct lk_rule lk_rule_trigger_on_existing_table = {
    .name = "trigger-on-existing-table",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_WARNING,
    .summary = "triggers, policies, rules and the like may wait for a strong lock without end",
    .on = {{T_CreateTrigStmt, check_create_trigger},
           {T_CreatePolicyStmt, check_create_policy},
           {T_AlterPolicyStmt, check_alter_policy},
           {T_RuleStmt, check_create_rule},
           {T_AlterTableStmt, check_alter},
           {T_DropStmt, check_drop}},
};
