/*
 * rules/fix_names.c
 *     Whether the rest of a file minds a statement being done behind it: see fix_private.h.
 */
#include <ctype.h>

#include "parser/base/text.h"
#include "parser/lexer.h"
#include "parser/pgparse.h"
#include "parser/reading.h"
#include "parser/tree_names.h"
#include "rules/fix_private.h"
#include "rules/suggest.h"

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

/* has_letters returns whether a name's letters stand in a text: as what does not matter. */
static bool
has_letters(const char *text, struct lk_span span, const char *name)
{
    const char either[] = {(char)tolower((unsigned char)name[0]),
                           (char)toupper((unsigned char)name[0])};
    size_t length = strlen(name);

    if (strchr(name, '"') != NULL) /* it is doubled there */
        return true;
    for (size_t i = 0; i < LK_ARRAY_SIZE(either); i++) {
        const char *at = text + span.start, *end = text + span.end;
        while ((at = memchr(at, either[i], (size_t)(end - at))) != NULL) {
            if ((size_t)(end - at) >= length && strncasecmp(at, name, length) == 0)
                return true;
            at++;
        }
    }
    return false;
}

/* may_mention returns whether it takes a look at each word to know what lk_fix_mentions returns. */
static bool
may_mention(const char *text, struct lk_span span, const struct lk_fix_names *names, bool tables)
{
    if (memchr(text + span.start, '$', span.end - span.start) != NULL)
        return true;
    if (names->made != NULL && has_letters(text, span, names->made))
        return true;
    for (size_t i = 0; tables && i < names->tables.count; i++)
        if (has_letters(text, span, names->tables.items[i]))
            return true;
    return false;
}

bool
lk_fix_mentions(const char *text, struct lk_span span, const struct lk_fix_names *names,
                bool tables)
{
    struct lk_lexer lexer = lk_lexer_at(text, span);
    struct lk_token token;

    if (!may_mention(text, span, names, tables))
        return false;
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

/* is_plain_column returns whether a new column has to do with nothing but itself. */
static bool
is_plain_column(const ColumnDef *definition)
{
    ListCell *cell;

    foreach(cell, definition->constraints) {
        ConstrType type = lfirst_node(Constraint, cell)->contype;
        if (type != CONSTR_NULL && type != CONSTR_NOTNULL && type != CONSTR_DEFAULT)
            return false;
    }
    return true;
}

/* is_plain_command returns whether a subcommand of ALTER TABLE needs of its table no more than the
 * columns. */
static bool
is_plain_command(const AlterTableCmd *command)
{
    switch (command->subtype) {
    case AT_ColumnDefault:
    case AT_SetStatistics:
    case AT_SetNotNull:
    case AT_AddIndexConstraint:
    case AT_ValidateConstraint:
        return true;
    case AT_AddColumn:
        return is_plain_column(castNode(ColumnDef, command->def));
    case AT_AddConstraint:
        return castNode(Constraint, command->def)->contype == CONSTR_CHECK;
    default:
        return false;
    }
}

/* keeps_to_itself returns whether a statement needs of its table no more than the columns. */
static bool
keeps_to_itself(const Node *tree)
{
    ListCell *cell;

    if (tree == NULL || IsA(tree, IndexStmt) || IsA(tree, CommentStmt) || IsA(tree, GrantStmt))
        return tree != NULL;
    if (!IsA(tree, AlterTableStmt))
        return false;
    foreach(cell, ((const AlterTableStmt *)tree)->cmds)
        if (!is_plain_command(lfirst_node(AlterTableCmd, cell)))
            return false;
    return true;
}

static bool
needs(const char *text, const struct lk_statement *statement, const struct lk_fix_names *names)
{
    return lk_fix_mentions(text, statement->span, names, !keeps_to_itself(statement->tree));
}

/* made_needs returns whether a migration that fixes have made needs what the statement does. */
static bool
made_needs(const struct lk_check *check, const struct lk_migration *made,
           const struct lk_fix_names *names)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const struct lk_settings *settings = check->settings;
    const struct lk_reading *reading =
        lk_reading_of(scratch, made, &settings->values, settings->postgres_version);

    if (reading->up == NULL)
        return true;
    for (size_t i = 0; i < reading->up->statements.count; i++)
        if (lk_script_tree(reading->up, i) == NULL ||
            needs(reading->source->text, &reading->up->statements.items[i], names))
            return true;
    return false;
}

bool
lk_fix_made_need(const struct lk_check *check, const struct lk_fix_names *names)
{
    lk_vec_foreach(other, &check->changelog->migrations) {
        if (other->folder != check->migration->folder ||
            other->ordinal <= check->migration->ordinal || other->name.kind != LK_KIND_VERSIONED)
            continue;
        if (!other->made)
            return false;
        if (made_needs(check, other, names))
            return true;
    }
    return false;
}

bool
lk_fix_is_free(const struct lk_check *check, const struct lk_fix_names *names)
{
    for (size_t i = 0; i < check->script->statements.count; i++) {
        const struct lk_statement *statement = &check->script->statements.items[i];
        Node *tree = statement->tree;
        if (i == check->statement->index || (tree != NULL && IsA(tree, TransactionStmt)))
            continue;
        if (changes_session(tree))
            return false;
        if (i > check->statement->index && needs(check->source->text, statement, names))
            return false;
    }
    return true;
}

struct lk_fix_names
lk_fix_names_of(const struct lk_check *check, const char *made)
{
    struct lk_fix_names names = {.made = made};

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

/* needs_done returns whether a subcommand of ALTER TABLE may rely on a constraint's having been
 * checked, or takes away what it is on. */
static bool
needs_done(const AlterTableStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->cmds) {
        AlterTableType type = lfirst_node(AlterTableCmd, cell)->subtype;
        if (type == AT_SetNotNull || type == AT_AttachPartition || type == AT_AddIndexConstraint ||
            type == AT_AddIdentity || type == AT_ReplicaIdentity || type == AT_DropColumn ||
            type == AT_AlterColumnType)
            return true;
    }
    return false;
}

/* minds returns whether a statement behind the one at hand has to come behind a constraint's check
 * as well, or makes its names mean something else. */
static bool
minds(const struct lk_check *check, const struct lk_statement *statement,
      const struct lk_fix_names *names)
{
    const Node *tree = statement->tree;

    switch (nodeTag(tree)) {
    case T_DropStmt:
        return ((const DropStmt *)tree)->removeType == OBJECT_SCHEMA ||
               lk_fix_mentions(check->source->text, statement->span, names, true);
    case T_RenameStmt:
    case T_AlterObjectSchemaStmt:
        return lk_fix_mentions(check->source->text, statement->span, names, true);
    case T_AlterTableStmt:
        return lk_fix_mentions(check->source->text, statement->span, names,
                               needs_done((const AlterTableStmt *)tree));
    default:
        return false;
    }
}

bool
lk_fix_can_wait(const struct lk_check *check, const struct lk_fix_names *names)
{
    for (size_t i = 0; i < check->script->statements.count; i++) {
        const struct lk_statement *statement = &check->script->statements.items[i];
        Node *tree = statement->tree;
        if (i == check->statement->index || (tree != NULL && IsA(tree, TransactionStmt)))
            continue;
        if (changes_session(tree) ||
            (i > check->statement->index && minds(check, statement, names)))
            return false;
    }
    return true;
}
