/*
 * rules/fix_move.c
 *     Statements that have to run outside a transaction: in place, or in a migration of their own.
 */
#include "parser/base/text.h"
#include "parser/command.h"
#include "parser/lexer.h"
#include "parser/marker.h"
#include "parser/pgparse.h"
#include "parser/tree_names.h"
#include "rules/fix_private.h"
#include "rules/suggest.h"

/* What a statement does, for the migration of its own that it goes into. */
struct work {
    const char *verb;
    const char *name; /* of what it makes, drops or works on, not quoted; NULL: several things */
    const char *undo; /* NULL: the statement does not tell */
    bool index;       /* it makes an index in the end, or drops one */
};

static struct work
work_of(struct lk_check *check)
{
    const Node *tree = check->statement->tree;
    struct work work = {.verb = lk_command_tag(tree), .index = lk_is_noticed(check)};

    if (IsA(tree, IndexStmt)) {
        const IndexStmt *stmt = (const IndexStmt *)tree;
        work.name = lk_index_name(check, stmt);
        struct lk_qname index = {stmt->relation->schemaname, work.name};
        work.verb = "create";
        work.undo = lk_fmt(check->mem, "DROP INDEX CONCURRENTLY IF EXISTS %s;",
                           lk_qname_sql(check->mem, index));
    } else if (IsA(tree, DropStmt)) {
        work.verb = "drop";
        work.name = lk_qname_of_list(linitial(((const DropStmt *)tree)->objects)).name;
    } else if (IsA(tree, ReindexStmt) && ((const ReindexStmt *)tree)->relation != NULL) {
        work.verb = "reindex";
        work.name = ((const ReindexStmt *)tree)->relation->relname;
    } else if (IsA(tree, AlterTableStmt)) {
        const AlterTableCmd *command =
            linitial_node(AlterTableCmd, ((const AlterTableStmt *)tree)->cmds);
        work.verb = "detach";
        if (command->subtype == AT_DetachPartition)
            work.name = castNode(PartitionCmd, command->def)->name->relname;
    }
    return work;
}

/* is_noticed returns whether the runner opens no transaction for such work by itself. */
static bool
is_noticed(const struct lk_check *check, const struct work *work)
{
    const struct lk_naming *naming = check->migration->folder->naming;

    return work->index && naming != NULL && naming->runs_outside != NULL;
}

/* ---- in place ---- */

/* is_local_setting returns whether a statement sets what lasts as long as a transaction. */
static bool
is_local_setting(const Node *tree)
{
    return tree != NULL && IsA(tree, VariableSetStmt) && ((const VariableSetStmt *)tree)->is_local;
}

/* is_local_timeout returns whether that is a timeout: for the wait, which CONCURRENTLY needs none
 * for. */
static bool
is_local_timeout(const Node *tree)
{
    return is_local_setting(tree) &&
           lk_ends_with(((const VariableSetStmt *)tree)->name, "_timeout");
}

/* is_alone returns whether nothing else in the file would rather be in a transaction. */
static bool
is_alone(const struct lk_check *check)
{
    for (size_t i = 0; i < check->outline->steps.count; i++) {
        const struct lk_step *step = &check->outline->steps.items[i];
        const Node *tree = check->script->statements.items[i].tree;
        bool control = step->control == LK_CONTROL_BEGIN || step->control == LK_CONTROL_COMMIT;
        bool neutral = step->refuses ||
                       (step->setting && (!is_local_setting(tree) || is_local_timeout(tree))) ||
                       (control && check->outline->whole_block);
        if (i != check->statement->index && !neutral)
            return false;
    }
    return !check->outline->own_blocks || check->outline->whole_block;
}

/* take_block_out deletes the BEGIN and COMMIT that all of the file stands between. */
static void
take_block_out(struct lk_check *check, struct lk_finding *finding)
{
    for (size_t i = 0; i < check->outline->steps.count; i++)
        if (check->outline->steps.items[i].control != LK_CONTROL_NONE)
            lk_fix_delete(check, finding, &check->script->statements.items[i]);
}

static size_t
count_timeouts(const struct lk_check *check)
{
    size_t count = 0;

    lk_vec_foreach(statement, &check->script->statements)
        count += is_local_timeout(statement->tree);
    return count;
}

/* take_timeouts_out deletes timeouts that are for a transaction. */
static void
take_timeouts_out(struct lk_check *check, struct lk_finding *finding)
{
    lk_vec_foreach(statement, &check->script->statements)
        if (is_local_timeout(statement->tree))
            lk_fix_delete(check, finding, statement);
}

bool
lk_fix_one_message(const struct lk_naming *naming, size_t statements)
{
    if (naming == NULL || statements <= 1)
        return false;
    return naming->runner == LK_RUNNER_ONE_MESSAGE ||
           (naming->runner == LK_RUNNER_TRANSACTION && naming->runner_off == LK_RUNNER_ONE_MESSAGE);
}

/* stays returns whether the statement can stay in its file, and has the file changed for that. */
static bool
stays(struct lk_check *check, struct lk_finding *finding, const struct work *work)
{
    const struct lk_outline *outline = check->outline;
    const struct lk_naming *naming = check->migration->folder->naming;
    size_t statements = check->script->statements.count - (outline->whole_block ? 2 : 0);

    bool outside = outline->transaction_off && !check->session->block;

    if (!outside && !is_alone(check))
        return false;
    if (lk_fix_one_message(naming, statements - (outside ? 0 : count_timeouts(check))))
        return false;
    if (!outside)
        take_timeouts_out(check, finding);
    if (outline->whole_block)
        take_block_out(check, finding);
    bool noticed =
        is_noticed(check, work) && !(check->migration->beside & LK_BESIDE_TRANSACTION_ON);
    if (outline->runner_block && !noticed && !lk_fix_switch_off(check, finding))
        return false;
    return true;
}

/* ---- in a migration of its own ---- */

/* has_others returns whether something is left of the file without the statement. */
static bool
has_others(const struct lk_check *check)
{
    for (size_t i = 0; i < check->outline->steps.count; i++) {
        const struct lk_step *step = &check->outline->steps.items[i];
        if (i != check->statement->index && !step->setting && step->control == LK_CONTROL_NONE)
            return true;
    }
    return false;
}

/*
 * undo_of returns what takes the statement back in a migration of its own; NULL where the one at
 * hand sees to that: its other half names what was made.
 */
static const char *
undo_of(struct lk_check *check, const char *made, const char *undo)
{
    const struct lk_migration *down =
        lk_counterpart(check->changelog, check->migration, LK_KIND_UNDO);
    struct lk_source *source = check->script->source;
    const struct lk_fix_names names = {.made = made};
    struct lk_error ignored = {0};
    struct lk_span rest = {check->script->region.end, source->size};

    if (down != NULL) {
        source = lk_migration_read(check->mem, down, &check->settings->values,
                                   check->settings->postgres_version, &ignored);
        lk_error_clear(&ignored);
        if (source == NULL)
            return NULL;
        rest = (struct lk_span){0, source->size};
    }
    return undo == NULL || made == NULL || lk_fix_mentions(source->text, rest, &names, false)
               ? NULL
               : undo;
}

/* has_markers returns whether a line of the runner's own stands there: its other half may not. */
static bool
has_markers(struct lk_check *check, const char *sql)
{
    const struct lk_naming *naming = check->migration->folder->naming;

    return naming != NULL && naming->markers != NULL &&
           lk_marker_any(lk_source_new(check->mem, "", sql, strlen(sql)), naming->markers);
}

static bool
moves(struct lk_check *check, struct lk_finding *finding, const struct work *work)
{
    const struct lk_fix_names names = lk_fix_names_of(check, work->name);

    if (!has_others(check) || !lk_fix_is_free(check, &names))
        return false;
    lk_fix_of(check, finding)->front = lk_fix_made_need(check, &names);
    lk_fix_end(check, finding, check->statement);
    char *sql = lk_fix_text(check->mem, lk_fix_of(check, finding), check->source,
                            lk_fix_whole(check, check->statement));
    if (has_markers(check, sql))
        return false;
    struct lk_follow follow = {
        .label = lk_fmt(check->mem, "%s %s", work->verb, work->name != NULL ? work->name : ""),
        .sql = lk_trimmed(sql),
        .undo = undo_of(check, work->name, work->undo),
        .outside = !is_noticed(check, work),
    };
    lk_fix_follow(check, finding, &follow);
    lk_fix_take_whole(check, finding);
    return true;
}

/* is_movable returns whether the statement is the file's own, and one of not too many. */
static bool
is_movable(const struct lk_check *check, const struct lk_finding *finding)
{
    return check->nested == NULL && !finding->included &&
           check->script->statements.count <= LK_FIX_MAX_STATEMENTS;
}

void
lk_fix_outside(struct lk_check *check, struct lk_finding *finding)
{
    struct work work;

    if (!is_movable(check, finding)) {
        lk_fix_refuse(check, finding);
        return;
    }
    work = work_of(check);
    if (!stays(check, finding, &work) && !moves(check, finding, &work))
        lk_fix_refuse(check, finding);
}

void
lk_fix_build(struct lk_check *check, struct lk_finding *finding, const struct lk_fix_index *index)
{
    struct work work = {"create", index->name, index->undo, true};

    lk_fix_follow(check, finding,
                  &(struct lk_follow){
                      .label = lk_fmt(check->mem, "create %s", index->name),
                      .sql = lk_fmt(check->mem, "%s;", index->sql),
                      .undo = undo_of(check, index->name, index->undo),
                      .outside = !is_noticed(check, &work),
                  });
}

void
lk_fix_build_for(struct lk_check *check, struct lk_finding *finding, size_t command,
                 const struct lk_fix_index *index)
{
    struct work work = {"create", index->name, index->undo, true};

    lk_fix_need_free(check, finding, index->name);
    if (lk_fix_of(check, finding)->refused)
        return;
    if (list_length(castNode(AlterTableStmt, check->statement->tree)->cmds) > 1) {
        lk_fix_cut_command(check, finding, command);
        lk_fix_build(check, finding, index);
        return;
    }
    lk_fix_swap(check, finding, check->statement->span, index->sql);
    if (!stays(check, finding, &work) && !moves(check, finding, &work))
        lk_fix_refuse(check, finding);
}

void
lk_fix_postpone(struct lk_check *check, struct lk_finding *finding, const char *label)
{
    lk_fix_end(check, finding, check->statement);
    char *sql = lk_fix_text(check->mem, lk_fix_of(check, finding), check->source,
                            lk_fix_whole(check, check->statement));
    if (!is_movable(check, finding) || has_markers(check, sql)) {
        lk_fix_refuse(check, finding);
        return;
    }
    lk_fix_follow(check, finding, &(struct lk_follow){.label = label, .sql = lk_trimmed(sql)});
    lk_fix_take_whole(check, finding);
}
