/*
 * parser/naming_flyway.c
 *     Flyway: V1_2__add_users.sql, U1_2__..., B1_2__..., R__users_view.sql.
 *
 * Source: Flyway, ResourceNameParser and MigrationVersion. The prefix is case-sensitive, the
 * suffix is not; the name is split at the first "__"; "V1.sql" has an empty description; files
 * with no prefix are not migrations. Callbacks (beforeMigrate.sql, beforeMigrate__grants.sql ...)
 * are hooks; those of operations other than migrate and undo have no part in a run.
 */
#include <strings.h>

#include "parser/base/text.h"
#include "parser/naming.h"
#include "parser/pg_nodes.h"

static const struct {
    char prefix;
    enum lk_migration_kind kind;
} prefixes[] = {
    {'V', LK_KIND_VERSIONED},
    {'B', LK_KIND_BASELINE},
    {'R', LK_KIND_REPEATABLE},
    {'U', LK_KIND_UNDO},
};

static enum lk_name_verdict
invalid(const char **problem, const char *what)
{
    *problem = what;
    return LK_NAME_INVALID;
}

/* describe returns a description as Flyway's history has it: only underscores are spaces. */
static char *
describe(TALLOC_CTX *mem, const char *start, const char *end)
{
    char *text = lk_strndup(mem, start, (size_t)(end - start));

    for (char *at = text; (at = strchr(at, '_')) != NULL;)
        *at = ' ';
    return text;
}

/* looks_meant returns whether a file with a prefix is a migration that somebody got wrong. */
static bool
looks_meant(const char *name)
{
    return lk_version_length(name + 1, false) > 0 || name[1] == '_' || strstr(name, "__") != NULL;
}

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    const char *name = lk_path_base(path);
    size_t length = strlen(name);

    if (length <= 4 || strcasecmp(name + length - 4, ".sql") != 0)
        return LK_NAME_OTHER;
    for (size_t i = 0; i < LK_ARRAY_SIZE(prefixes); i++) {
        if (name[0] != prefixes[i].prefix)
            continue;
        const char *end = name + length - 4;
        const char *separator = strstr(name + 1, "__");
        if (separator != NULL && separator >= end)
            separator = NULL;
        const char *version_end = separator != NULL ? separator : end;
        size_t version = (size_t)(version_end - (name + 1));
        const char *description = separator != NULL ? separator + 2 : end;

        *ret = (struct lk_name){.kind = prefixes[i].kind};
        ret->description = describe(mem, description, end);
        if (prefixes[i].kind == LK_KIND_REPEATABLE) {
            if (separator == name + 1 && description < end)
                return LK_NAME_VALID;
            if (!looks_meant(name))
                return LK_NAME_OTHER;
            return invalid(problem, separator == name + 1
                                        ? "a repeatable migration needs a description after \"R__\""
                                        : "a repeatable migration starts with \"R__\", no version");
        }
        if (version > 0 && lk_version_length(name + 1, true) == version) {
            ret->version = lk_version_new(mem, name + 1, version);
            return LK_NAME_VALID;
        }
        if (!looks_meant(name))
            return LK_NAME_OTHER;
        if (separator == NULL)
            return invalid(problem, "the version and the description are separated by \"__\"");
        return invalid(problem, "the version before \"__\" is digits with single dots or "
                                "underscores between them");
    }
    if ((name[0] == 'v' || name[0] == 'u' || name[0] == 'b' || name[0] == 'r') &&
        strstr(name, "__") != NULL && (name[1] == '_' || lk_version_length(name + 1, false) > 0))
        return invalid(problem, "the prefix is an upper-case letter");
    if (lk_version_length(name, true) > 0 && strstr(name, "__") != NULL)
        return invalid(problem, "the prefix \"V\" is missing");
    return LK_NAME_OTHER;
}

/*
 * runs_outside follows Flyway's list of statements that it runs without a transaction: not all
 * that the server refuses in one (PostgreSQLParser, detectCanExecuteInTransaction).
 */
static bool
runs_outside(const struct Node *tree)
{
    switch (nodeTag(tree)) {
    case T_IndexStmt:
        return ((const IndexStmt *)tree)->concurrent;
    case T_DropStmt:
        return ((const DropStmt *)tree)->concurrent;
    case T_ReindexStmt:
        return ((const ReindexStmt *)tree)->relation == NULL;
    case T_VacuumStmt:
        return ((const VacuumStmt *)tree)->is_vacuumcmd;
    case T_DiscardStmt:
        return ((const DiscardStmt *)tree)->target == DISCARD_ALL;
    case T_AlterSystemStmt:
    case T_CreateSubscriptionStmt:
    case T_CreateTableSpaceStmt:
    case T_CreatedbStmt:
    case T_DropSubscriptionStmt:
    case T_DropTableSpaceStmt:
    case T_DropdbStmt:
        return true;
    default:
        return false;
    }
}

static const struct lk_beside beside[] = {
    {"executeInTransaction", "false", LK_BESIDE_TRANSACTION_OFF},
    {"executeInTransaction", "true", LK_BESIDE_TRANSACTION_ON},
    {"placeholderReplacement", "false", LK_BESIDE_VERBATIM},
    {"placeholderReplacement", "true", 0},
    {"shouldExecute", "false", LK_BESIDE_IDLE},
    {"shouldExecute", "true", 0},
    {"encoding", "UTF-8", 0},
    {NULL, NULL, 0},
};

/* Source: Flyway, Event. In the order in which those for one moment are carried out. */
static const struct lk_hook_name hooks[] = {
    {"beforeMigrate", LK_HOOK_BEFORE_RUN, true, false},
    {"beforeEachMigrate", LK_HOOK_BEFORE_EACH, false, false},
    {"afterEachMigrate", LK_HOOK_AFTER_EACH, false, false},
    {"afterMigrateApplied", LK_HOOK_AFTER_RUN, false, false},
    {"afterMigrate", LK_HOOK_AFTER_RUN, true, false},
    {"afterEachMigrateError", LK_HOOK_ON_ERROR, false, false},
    {"afterMigrateError", LK_HOOK_ON_ERROR, false, false},
    {"beforeUndo", LK_HOOK_BEFORE_RUN, false, true},
    {"beforeEachUndo", LK_HOOK_BEFORE_EACH, false, true},
    {"afterEachUndo", LK_HOOK_AFTER_EACH, false, true},
    {"afterUndo", LK_HOOK_AFTER_RUN, false, true},
    {"afterEachUndoError", LK_HOOK_ON_ERROR, false, true},
    {"afterUndoError", LK_HOOK_ON_ERROR, false, true},
    {"beforeEachMigrateStatement", LK_HOOK_COUNT, false, false},
    {"afterEachMigrateStatement", LK_HOOK_COUNT, false, false},
    {"afterEachMigrateStatementError", LK_HOOK_COUNT, false, false},
    {"beforeRepeatables", LK_HOOK_COUNT, false, false},
    {"afterVersioned", LK_HOOK_COUNT, false, false},
    {"beforeEachUndoStatement", LK_HOOK_COUNT, false, true},
    {"afterEachUndoStatement", LK_HOOK_COUNT, false, true},
    {"afterEachUndoStatementError", LK_HOOK_COUNT, false, true},
    {"createSchema", LK_HOOK_COUNT, false, false},
    {NULL, LK_HOOK_COUNT, false, false},
};

const struct lk_naming lk_naming_flyway = {
    .name = "flyway",
    .summary = "V<version>__<description>.sql, also U, B and R__<description>.sql",
    .example = "V2__%s.sql",
    .preference = 50,
    .tolerance = 50, /* three names for each one that somebody got wrong */
    .subfolders = true,
    .describes = true,
    .replaces = true,
    .runner = LK_RUNNER_TRANSACTION,
    .transaction_off = "a file of the same name plus .conf that says executeInTransaction=false",
    .off = "executeInTransaction=false",
    .read = read_name,
    .runs_outside = runs_outside,
    .beside = "*.conf",
    .beside_lines = beside,
    .hooks = hooks,
};
