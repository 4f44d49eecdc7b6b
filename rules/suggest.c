/*
 * rules/suggest.c
 *     What rules share: see suggest.h.
 */
#include "rules/suggest.h"

#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "rules/registry.h"
#include "rules/schema/replay_drop.h"
#include "rules/suppress.h"

const struct lk_relation *
lk_subject(const struct lk_check *check, const RangeVar *range)
{
    return lk_catalog_relation(check->catalog, range->schemaname, range->relname);
}

/* is_new returns whether nobody else can be using a relation; NULL: it is not known. */
static bool
is_new(const struct lk_check *check, const struct lk_relation *relation)
{
    return relation != NULL &&
           (relation->temporary || lk_object_is_new(check->catalog, &relation->object));
}

static bool
is_temporary(const RangeVar *range)
{
    return range->schemaname != NULL && strcmp(range->schemaname, "pg_temp") == 0;
}

bool
lk_subject_is_new(const struct lk_check *check, const RangeVar *range)
{
    return is_temporary(range) || is_new(check, lk_subject(check, range));
}

bool
lk_drops(const struct lk_check *check, const DropStmt *stmt, const struct lk_relation *relation)
{
    ListCell *cell;

    foreach(cell, stmt->objects) {
        struct lk_qname name = lk_qname_of_list(lfirst_node(List, cell));
        if (lk_catalog_relation(check->catalog, name.schema, name.name) == relation)
            return true;
    }
    return false;
}

bool
lk_named_is_new(const struct lk_check *check, struct lk_qname name)
{
    return is_new(check, lk_catalog_relation(check->catalog, name.schema, name.name));
}

bool
lk_is_absent(const struct lk_check *check, bool known, bool missing_ok)
{
    return missing_ok && !known && check->migration->ordinal > 1;
}

bool
lk_named_is_absent(const struct lk_check *check, struct lk_qname name, bool missing_ok)
{
    return missing_ok && check->migration->folder->naming != NULL &&
           check->changelog->migrations.count > 1 &&
           lk_catalog_relation(check->catalog, name.schema, name.name) == NULL &&
           !lk_catalog_may_exist(check->catalog, LK_CLASS_RELATION, name.schema, name.name);
}

bool
lk_alters_used_table(const struct lk_check *check, const AlterTableStmt *stmt)
{
    if (stmt->objtype != OBJECT_TABLE || is_temporary(stmt->relation))
        return false;
    const struct lk_relation *relation = lk_subject(check, stmt->relation);
    if (is_new(check, relation))
        return false;
    return relation == NULL || relation->kind == LK_RELATION_TABLE ||
           relation->kind == LK_RELATION_PARTITIONED || relation->kind == LK_RELATION_UNKNOWN;
}

bool
lk_subject_is_emptied(const struct lk_check *check, const RangeVar *range)
{
    if (check->held->locks.count == 0)
        return false;
    const struct lk_held_lock *held = lk_held_on(check->held, lk_subject_name(check, range));

    return held != NULL && held->emptied;
}

bool
lk_alters_rows(const struct lk_check *check, const AlterTableStmt *stmt)
{
    return check->alters_used && !lk_subject_is_emptied(check, stmt->relation);
}

bool
lk_alter_has(const AlterTableStmt *stmt, AlterTableType type)
{
    ListCell *cell;

    foreach(cell, stmt->cmds)
        if (lfirst_node(AlterTableCmd, cell)->subtype == type)
            return true;
    return false;
}

void
lk_each_added_constraint(struct lk_check *check, const AlterTableStmt *stmt, ConstrType type,
                         void (*each)(struct lk_check *check, const RangeVar *range,
                                      const Constraint *constraint, const ColumnDef *definition,
                                      void *data),
                         void *data)
{
    ListCell *cell, *inner;

    if ((!lk_alter_has(stmt, AT_AddConstraint) && !lk_alter_has(stmt, AT_AddColumn)) ||
        !lk_alters_rows(check, stmt))
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (lk_alter_skips(check->catalog, stmt, command))
            continue;
        if (command->subtype == AT_AddConstraint) {
            const Constraint *constraint = castNode(Constraint, command->def);
            if (constraint->contype == type)
                each(check, stmt->relation, constraint, NULL, data);
        } else if (command->subtype == AT_AddColumn) {
            const ColumnDef *definition = castNode(ColumnDef, command->def);
            foreach(inner, definition->constraints)
                if (lfirst_node(Constraint, inner)->contype == type)
                    each(check, stmt->relation, lfirst(inner), definition, data);
        }
    }
}

const Constraint *
lk_adds_constraint(const AlterTableStmt *stmt, const char *name)
{
    ListCell *cell;

    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype != AT_AddConstraint)
            continue;
        const Constraint *constraint = castNode(Constraint, command->def);
        if (constraint->conname != NULL && strcmp(constraint->conname, name) == 0)
            return constraint;
    }
    return NULL;
}

bool
lk_subject_is_partitioned(const struct lk_check *check, const RangeVar *range)
{
    const struct lk_relation *relation = lk_subject(check, range);

    return relation != NULL && relation->kind == LK_RELATION_PARTITIONED;
}

char *
lk_subject_name(const struct lk_check *check, const RangeVar *range)
{
    return lk_catalog_resolved(check->mem, check->catalog, range->schemaname, range->relname);
}

char *
lk_columns_text(const struct lk_check *check, const struct lk_columns *columns)
{
    struct lk_buf text = lk_buf_init(check->mem);

    lk_vec_foreach(name, &columns->items) {
        lk_buf_sep(&text, ", ");
        lk_buf_add(&text, lk_quote_ident(check->mem, *name));
    }
    return text.data;
}

void
lk_finding_columns(struct lk_check *check, struct lk_finding *finding, const RangeVar *range,
                   const struct lk_columns *columns)
{
    lk_vec_foreach(name, &columns->items)
        lk_finding_object(check, finding,
                          lk_fmt(check->mem, "%s.%s", lk_subject_name(check, range),
                                 lk_quote_ident(check->mem, *name)));
}

/* is_index_statement returns whether the statement creates or drops an index: what every runner
 * that notices anything notices. */
static bool
is_index_statement(const struct lk_check *check)
{
    const Node *tree = check->statement->tree;

    return IsA(tree, IndexStmt) ||
           (IsA(tree, DropStmt) && ((const DropStmt *)tree)->removeType == OBJECT_INDEX);
}

bool
lk_is_noticed(const struct lk_check *check)
{
    const struct lk_naming *naming = check->migration->folder->naming;

    return naming != NULL && naming->runs_outside != NULL && is_index_statement(check);
}

/* outside returns the advice; `noticed`: see lk_is_noticed. */
static const char *
outside(const struct lk_check *check, bool noticed)
{
    const struct lk_naming *naming = check->migration->folder->naming;

    if (check->call != NULL)
        return "-- in a migration of its own, not in a routine:\n";
    if (check->session->body)
        return "-- in a migration of its own, not in a DO block:\n";
    if (check->session->block)
        return "-- in a migration of its own, without BEGIN and COMMIT:\n";
    if (noticed)
        return "-- in a migration of its own, for which the runner opens no transaction:\n";
    if (check->outline->runner_block && naming->past_runner != NULL)
        return lk_fmt(check->mem, "-- %s:\n", naming->past_runner);
    if ((check->outline->runner_block || check->outline->one_message) && naming != NULL &&
        naming->transaction_off != NULL)
        return lk_fmt(check->mem, "-- in a migration of its own, with %s:\n",
                      naming->transaction_off);
    if (check->outline->runner_block || check->outline->one_message ||
        check->script->statements.count > 1)
        return "-- in a migration of its own, as it cannot run inside a transaction:\n";
    return "";
}

const char *
lk_outside_advice(const struct lk_check *check)
{
    return outside(check, lk_is_noticed(check));
}

const char *
lk_outside_index(const struct lk_check *check)
{
    const struct lk_naming *naming = check->migration->folder->naming;

    return outside(check, naming != NULL && naming->runs_outside != NULL);
}

void
lk_hint_meant(struct lk_check *check, struct lk_finding *finding, const char *until)
{
    lk_finding_hint_marked(check, finding, "-- %s:\n-- lockkeeper: ignore %s -- why ...\n%s;",
                           until, check->rule->name, lk_marked_text(check));
}

void
lk_report_missed(struct lk_check *check, const char *word, struct lk_qname name, const char *verb,
                 const char *aside, const char *renaming)
{
    char *sql = lk_qname_sql(check->mem, name);
    struct lk_finding *finding = lk_report(check, check->statement->span,
                                           "DROP %s %s breaks clients that %s it", word, sql, verb);

    lk_finding_object(check, finding,
                      lk_catalog_resolved(check->mem, check->catalog, name.schema, name.name));
    lk_finding_hint(
        check, finding,
        "%sALTER %s %s RENAME TO %s;\n"
        "-- and drop it once nothing has missed it for a while",
        renaming == NULL
            ? ""
            : lk_fmt(check->mem, "-- lockkeeper: ignore %s -- unused since ...\n", renaming),
        word, sql, lk_quote_ident(check->mem, aside));
}

bool
lk_can_stop_half_way(const struct lk_check *check)
{
    size_t others = 0;

    if (check->outline->mode == LK_MODE_TRANSACTIONAL || check->session->block ||
        check->session->runner_block)
        return false;
    for (size_t i = 0; i < check->outline->steps.count && others < 2; i++)
        others += !check->outline->steps.items[i].setting;
    return others > 1;
}

const struct lk_lock *
lk_strongest_lock(const struct lk_effects *effects)
{
    const struct lk_lock *found = NULL;

    lk_vec_foreach(lock, &effects->locks)
        if (!lock->is_new && lk_lock_is_strong(lock->mode) &&
            (found == NULL || lock->mode > found->mode))
            found = lock;
    return found;
}

bool
lk_wait_is_bounded(const struct lk_check *check)
{
    int64_t ms;

    if (check->settings->applier_bounds_locks || lk_session_bounds_locks(check->session))
        return true;
    /* a comment at a DO block is about all that is in it */
    const struct lk_statement *whole = &check->script->statements.items[check->statement->index];
    return lk_directives_timeout(check->directives, LK_DIRECTIVE_LOCK_TIMEOUT, check->script, whole,
                                 &ms) &&
           ms > 0;
}

bool
lk_is_bound_told(const struct lk_check *check)
{
    uint32_t start = lk_source_span(check->source, check->statement->span).start;

    for (size_t i = check->findings->items.count; i-- > 0;) {
        const struct lk_finding *finding = &check->findings->items.items[i];
        if (finding->ordinal != check->migration->ordinal)
            return false;
        if ((finding->bounds == LK_BOUNDS_ON ||
             (finding->target == start && finding->bounds == LK_BOUNDS_HERE)) &&
            !lk_will_suppress(check->directives, finding))
            return true;
    }
    return false;
}

const char *
lk_wait_text(const struct lk_check *check)
{
    if (lk_wait_is_bounded(check))
        return "";
    return lk_session_in_transaction(check->session) ? "SET LOCAL lock_timeout = '5s';\n"
                                                     : "SET lock_timeout = '5s';\n";
}

const char *
lk_wait_end(const struct lk_check *check)
{
    return lk_wait_is_bounded(check) || lk_session_in_transaction(check->session)
               ? ""
               : "\nRESET lock_timeout;";
}

const char *
lk_wait_apart(const struct lk_check *check, const char *sql)
{
    const struct lk_rule *rule = lk_rule_find("require-lock-timeout");
    const struct lk_naming *naming = check->migration->folder->naming;

    if (check->settings->applier_bounds_locks ||
        lk_settings_severity(check->settings, rule, check->migration->path) == LK_SEVERITY_OFF)
        return sql;
    if (naming != NULL &&
        (naming->runner == LK_RUNNER_TRANSACTION || naming->runner == LK_RUNNER_ONE_MESSAGE))
        return lk_fmt(check->mem, "SET LOCAL lock_timeout = '5s';\n%s", sql);
    return lk_fmt(check->mem, "SET lock_timeout = '5s';\n%s\nRESET lock_timeout;", sql);
}

const char *
lk_statement_apart(const struct lk_check *check)
{
    const char *sql = lk_fmt(check->mem, "%s;", lk_statement_text(check));

    return lk_strongest_lock(check->effects) != NULL && !check->effects->concurrently
               ? lk_wait_apart(check, sql)
               : sql;
}

const char *
lk_bound(struct lk_check *check, struct lk_finding *finding)
{
    finding->bounds = LK_BOUNDS_ON;
    return lk_wait_text(check);
}

bool
lk_reported_by(const struct lk_check *check, const struct lk_rule *rule)
{
    for (size_t i = check->findings->items.count; i-- > 0;) {
        const struct lk_finding *finding = &check->findings->items.items[i];
        if (finding->ordinal != check->migration->ordinal)
            return false;
        if (finding->rule == rule)
            return true;
    }
    return false;
}

bool
lk_reported(const struct lk_check *check)
{
    return lk_reported_by(check, check->rule);
}

void
lk_detail_held(struct lk_check *check, struct lk_finding *finding)
{
    lk_vec_foreach(lock, &check->held->locks) {
        if (lock->mode != LK_LOCK_ACCESS_EXCLUSIVE)
            continue;
        lk_finding_detail(check, finding,
                          "%s%sThe transaction holds the ACCESS EXCLUSIVE lock of %s on %s "
                          "meanwhile: its reads and writes wait as long.",
                          finding->detail != NULL ? finding->detail : "",
                          finding->detail != NULL ? " " : "", lock->tag, lock->relation);
        return;
    }
}

bool
lk_reported_here(const struct lk_check *check, const char *rule)
{
    uint32_t start = lk_source_span(check->source, check->statement->span).start;

    for (size_t i = check->findings->items.count; i-- > 0;) {
        const struct lk_finding *finding = &check->findings->items.items[i];
        if (finding->ordinal != check->migration->ordinal ||
            (finding->statement > 0 && finding->statement <= check->statement->index))
            return false; /* statements are checked in their order */
        if (finding->target == start && strcmp(finding->rule->name, rule) == 0)
            return !lk_will_suppress(check->directives, finding);
    }
    return false;
}

bool
lk_reported_on(const struct lk_check *check, const char *rule, const char *object)
{
    for (size_t i = check->findings->items.count; i-- > 0;) {
        const struct lk_finding *finding = &check->findings->items.items[i];
        if (finding->ordinal != check->migration->ordinal)
            return false;
        if (strcmp(finding->rule->name, rule) != 0)
            continue;
        lk_vec_foreach(each, &finding->objects)
            if (strcmp(*each, object) == 0)
                return true;
    }
    return false;
}

const char *
lk_freed_text(const struct lk_check *check, const struct lk_relation *table, const char *column)
{
    struct lk_dropping dropping = {0};
    struct lk_buf list = lk_buf_init(check->mem);
    struct lk_column *known = lk_relation_column(table, column);

    if (known == NULL)
        return "";
    lk_vec_push(check->mem, &dropping.objects.items, &known->object);
    lk_depend_drop(check->mem, check->catalog, false, &dropping);
    if (dropping.refused.items.count == 0)
        return "";
    lk_vec_foreach(object, &dropping.refused.items) {
        lk_buf_sep(&list, ", ");
        lk_buf_add(&list, lk_replay_describe(check->mem, check->catalog, *object));
    }
    return lk_fmt(check->mem, "-- once these do without it: %s:\n", list.data);
}

/* same_version returns whether two migrations are of one version and folder. */
static bool
same_version(const struct lk_migration *a, const struct lk_migration *b)
{
    return a->folder == b->folder && a->name.version.text != NULL && b->name.version.text != NULL &&
           lk_version_compare(a->name.version, b->name.version) == 0;
}

const struct lk_migration *
lk_counterpart(const struct lk_changelog *changelog, const struct lk_migration *migration,
               enum lk_migration_kind kind)
{
    const struct lk_migration *first = changelog->migrations.items;
    const struct lk_migration *end = first + changelog->migrations.count;

    /* those of one version stand side by side */
    while (migration > first && same_version(migration - 1, migration))
        migration--;
    for (const struct lk_migration *it = migration; it < end && same_version(it, migration); it++)
        if (it->name.kind == kind)
            return it;
    return NULL;
}

bool
lk_always_true(const Node *where)
{
    if (where == NULL)
        return true;
    if (IsA(where, A_Const)) {
        const A_Const *constant = (const A_Const *)where;
        return !constant->isnull && IsA(&constant->val, Boolean) && boolVal(&constant->val);
    }
    if (!IsA(where, A_Expr))
        return false;
    const A_Expr *comparison = (const A_Expr *)where;
    if (comparison->kind != AEXPR_OP || strcmp(strVal(llast(comparison->name)), "=") != 0 ||
        comparison->lexpr == NULL || !IsA(comparison->lexpr, A_Const) ||
        !IsA(comparison->rexpr, A_Const))
        return false;
    return lk_pg_equal(&((A_Const *)comparison->lexpr)->val,
                       &((A_Const *)comparison->rexpr)->val) &&
           !((A_Const *)comparison->lexpr)->isnull;
}
