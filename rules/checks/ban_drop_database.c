/*
 * # ban-drop-database
 *
 * ## What it flags
 *
 * `DROP DATABASE` and `DROP TABLESPACE`.
 *
 * ## Why it hurts
 *
 * A database goes with all that is in it and without a way back, CASCADE or not; WITH (FORCE) ends
 * the sessions of those who are using it. A tablespace is shared by all databases of the server.
 * Neither belongs to the schema that migrations describe, and a migration that is carried out on
 * another server hits whatever has that name there.
 *
 * ## Do instead
 *
 * Do it by hand, after a backup has been restored somewhere and looked at.
 *
 * ## When it stays silent
 *
 * On a database or tablespace that the same migration has created.
 *
 * ## Versions
 *
 * All; WITH (FORCE) came with 13.
 *
 * ## References
 *
 * - PostgreSQL documentation: DROP DATABASE, DROP TABLESPACE
 */
#include "parser/pgparse.h"
#include "rules/around.h"
#include "rules/suggest.h"

static bool
creates_database(const struct lk_check *check, const Node *tree, const void *name)
{
    (void)check;
    return IsA(tree, CreatedbStmt) && strcmp(((const CreatedbStmt *)tree)->dbname, name) == 0;
}

static bool
creates_tablespace(const struct lk_check *check, const Node *tree, const void *name)
{
    (void)check;
    return IsA(tree, CreateTableSpaceStmt) &&
           strcmp(((const CreateTableSpaceStmt *)tree)->tablespacename, name) == 0;
}

static void
report(struct lk_check *check, const char *what, const char *name, const char *loses)
{
    char *sql = lk_quote_ident(check->mem, name);
    struct lk_finding *finding =
        lk_report(check, check->statement->span, "DROP %s %s %s", what, sql, loses);

    lk_finding_object(check, finding, sql);
    lk_finding_hint(check, finding,
                    "Do it by hand, after a backup has been restored somewhere and looked at.");
}

static void
check_database(struct lk_check *check, const Node *node)
{
    const DropdbStmt *stmt = (const DropdbStmt *)node;

    if (lk_find_earlier(check, creates_database, stmt->dbname) == NULL)
        report(check, "DATABASE", stmt->dbname, "loses all that is in it");
}

static void
check_tablespace(struct lk_check *check, const Node *node)
{
    const DropTableSpaceStmt *stmt = (const DropTableSpaceStmt *)node;

    if (lk_find_earlier(check, creates_tablespace, stmt->tablespacename) == NULL)
        report(check, "TABLESPACE", stmt->tablespacename, "is about all databases of the server");
}

const struct lk_rule lk_rule_ban_drop_database = {
    .name = "ban-drop-database",
    .group = LK_GROUP_DESTRUCTIVE,
    .severity = LK_SEVERITY_ERROR,
    .summary = "DROP DATABASE or DROP TABLESPACE",
    .on = {{T_DropdbStmt, check_database}, {T_DropTableSpaceStmt, check_tablespace}},
};
