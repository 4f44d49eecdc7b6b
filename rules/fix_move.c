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

/* ---- in place ---- */

/* is_local_setting returns whether a statement sets what lasts as long as a transaction. */
static bool
is_local_setting(const Node *tree)
{
    return tree != NULL && IsA(tree, VariableSetStmt) && ((const VariableSetStmt *)tree)->is_local;
}

/* is_alone returns whether nothing else in the file would rather be in a transaction. */
static bool
is_alone(const struct lk_check *check)
{
    for (size_t i = 0; i < check->outline->steps.count; i++) {
        const struct lk_step *step = &check->outline->steps.items[i];
        const Node *tree = check->script->statements.items[i].tree;
        bool control = step->control == LK_CONTROL_BEGIN || step->control == LK_CONTROL_COMMIT;
        bool neutral = step->refuses || (step->setting && !is_local_setting(tree)) ||
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

/* one_message_then returns whether the runner sends the file as one message once it opens no
 * transaction for it: an implicit one, if it holds more than one statement. */
static bool
one_message_then(const struct lk_naming *naming, size_t statements)
{
    if (naming == NULL || statements <= 1)
        return false;
    return naming->runner == LK_RUNNER_ONE_MESSAGE ||
           (naming->runner == LK_RUNNER_TRANSACTION && naming->runner_off == LK_RUNNER_ONE_MESSAGE);
}

/* stays returns whether the statement can stay in its file, and has the file changed for that. */
static bool
stays(struct lk_check *check, struct lk_finding *finding)
{
    const struct lk_outline *outline = check->outline;
    const struct lk_naming *naming = check->migration->folder->naming;
    size_t statements = check->script->statements.count - (outline->whole_block ? 2 : 0);

    if (!(outline->transaction_off && !check->session->block) && !is_alone(check))
        return false;
    if (one_message_then(naming, statements))
        return false;
    if (outline->whole_block)
        take_block_out(check, finding);
    bool noticed = lk_is_noticed(check) && !(check->migration->beside & LK_BESIDE_TRANSACTION_ON);
    if (outline->runner_block && !noticed && !lk_fix_switch_off(check, finding))
        return false;
    return true;
}

/* ---- in a migration of its own ---- */

/* is_bound returns whether a setting changes more than how long statements may take or wait. */
static bool
is_bound(const char *name)
{
    static const char *const names[] = {"lock_timeout", "statement_timeout",
                                        "idle_in_transaction_session_timeout",
                                        "client_min_messages", "application_name"};

    for (size_t i = 0; name != NULL && i < LK_ARRAY_SIZE(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool
calls_set_config(Node *tree)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_tree_calls calls = {0};

    lk_tree_calls(scratch, tree, &calls);
    lk_vec_foreach(call, &calls.items)
        if (strcmp(strVal(llast((*call)->funcname)), "set_config") == 0)
            return true;
    return false;
}

/* changes_session returns whether a statement leaves the session in another state: names may mean
 * something else behind it, or another role may own what is made. */
static bool
changes_session(Node *tree)
{
    if (tree == NULL || IsA(tree, DoStmt) || IsA(tree, CallStmt))
        return true;
    if (IsA(tree, VariableSetStmt))
        return !is_bound(((const VariableSetStmt *)tree)->name);
    return IsA(tree, SelectStmt) && calls_set_config(tree);
}

/* The names that what comes behind a statement may need it for. */
struct names {
    LK_VEC(const char *) tables;
    const char *made; /* or dropped; NULL: none */
};

static bool
is_name(const char *text, struct lk_token token, const char *name)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = NULL;
    uint32_t length = token.span.end - token.span.start;

    if (token.kind == LK_TOKEN_WORD)
        return lk_token_is(text, token, name);
    if (token.kind != LK_TOKEN_NAME)
        return false;
    scratch = lk_mem_new(NULL);
    char *quoted = lk_quote_ident(scratch, name);
    return (strlen(quoted) == length && memcmp(quoted, text + token.span.start, length) == 0) ||
           (strlen(name) + 2 == length &&
            memcmp(name, text + token.span.start + 1, strlen(name)) == 0);
}

/*
 * mentions returns whether a part of the text has one of the names in it, as a name of whatever:
 * false says for sure that the part has nothing to do with them.
 */
static bool
mentions(const char *text, struct lk_span span, const struct names *names, bool tables)
{
    struct lk_lexer lexer = lk_lexer_at(text, span);
    struct lk_token token;

    while ((token = lk_lex_code(&lexer)).kind != LK_TOKEN_END) {
        if (token.kind == LK_TOKEN_DOLLAR)
            return true;
        if (names->made != NULL && is_name(text, token, names->made))
            return true;
        for (size_t i = 0; tables && i < names->tables.count; i++)
            if (is_name(text, token, names->tables.items[i]))
                return true;
    }
    return false;
}

/* is_free returns whether the statements behind the one at hand do not mind it coming after them.
 */
static bool
is_free(const struct lk_check *check, const struct names *names)
{
    for (size_t i = 0; i < check->script->statements.count; i++) {
        const struct lk_statement *statement = &check->script->statements.items[i];
        Node *tree = statement->tree;
        if (i == check->statement->index || (tree != NULL && IsA(tree, TransactionStmt)))
            continue;
        if (changes_session(tree))
            return false;
        if (i > check->statement->index &&
            mentions(check->source->text, statement->span, names, !IsA(tree, IndexStmt)))
            return false;
    }
    return true;
}

/* names_of returns the names of the relations that the statement locks. */
static struct names
names_of(const struct lk_check *check, const char *made)
{
    struct names names = {.made = made};

    lk_vec_foreach(lock, &check->effects->locks) {
        const struct lk_relation *relation =
            lk_named_relation(check->mem, check->catalog, lock->relation);
        const char *dot = strrchr(lock->relation, '.');
        lk_vec_push(check->mem, &names.tables,
                    relation != NULL ? relation->object.name
                    : dot != NULL    ? dot + 1
                                     : lock->relation);
    }
    return names;
}

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
    const struct names names = {.made = made};
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
    return undo == NULL || made == NULL || mentions(source->text, rest, &names, false) ? NULL
                                                                                       : undo;
}

/* What a statement does, for the migration of its own that it goes into. */
struct work {
    const char *verb;
    const char *name; /* of what it makes, drops or works on, not quoted; NULL: several things */
    const char *undo; /* NULL: the statement does not tell */
};

static struct work
work_of(struct lk_check *check)
{
    const Node *tree = check->statement->tree;
    struct work work = {.verb = lk_command_tag(tree)};

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

/* has_markers returns whether a line of the runner's own stands there: its other half may not. */
static bool
has_markers(struct lk_check *check, const char *sql)
{
    const struct lk_naming *naming = check->migration->folder->naming;

    return naming != NULL && naming->markers != NULL &&
           lk_marker_any(lk_source_new(check->mem, "", sql, strlen(sql)), naming->markers);
}

static bool
moves(struct lk_check *check, struct lk_finding *finding)
{
    struct work work = work_of(check);
    const struct names names = names_of(check, work.name);

    if (!has_others(check) || !is_free(check, &names))
        return false;
    lk_fix_end(check, finding, check->statement);
    char *sql = lk_fix_text(check->mem, lk_fix_of(check, finding), check->source->text,
                            lk_fix_whole(check, check->statement));
    if (has_markers(check, sql))
        return false;
    struct lk_follow follow = {
        .label = lk_fmt(check->mem, "%s %s", work.verb, work.name != NULL ? work.name : ""),
        .sql = lk_trimmed(sql),
        .undo = undo_of(check, work.name, work.undo),
        .outside = true,
    };
    lk_fix_follow(check, finding, &follow);
    lk_fix_take_whole(check, finding);
    return true;
}

void
lk_fix_outside(struct lk_check *check, struct lk_finding *finding)
{
    if (check->nested != NULL || finding->included ||
        check->script->statements.count > LK_FIX_MAX_STATEMENTS ||
        (!stays(check, finding) && !moves(check, finding)))
        lk_fix_refuse(check, finding);
}
