/*
 * # one-operation-per-migration
 *
 * ## What it flags
 *
 * Several operations on the schema in one migration; the second one is reported, or the one behind
 * as many as option `max` allows. Off by default.
 *
 * ## Why it hurts
 *
 * In one transaction the locks of all of them are held until the last one is done; outside of one,
 * what fails in the middle leaves the rest undone. Small migrations are tried again, and taken
 * back, one by one.
 *
 * ## Do instead
 *
 * One migration for each.
 *
 * ## When it stays silent
 *
 * What belongs to a relation, type or schema that the same migration has created is one operation
 * with it: its indexes, constraints, comments and grants. SET, BEGIN and COMMIT, changes of data,
 * and COMMENT do not count, nor does VALIDATE CONSTRAINT behind its NOT VALID.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - none
 */
#include <inttypes.h>

#include "rules/around.h"
#include "rules/suggest.h"

/* range_of returns the relation that a statement changes, or NULL. */
static const RangeVar *
range_of(const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_AlterTableStmt:
        return ((const AlterTableStmt *)tree)->relation;
    case T_IndexStmt:
        return ((const IndexStmt *)tree)->relation;
    case T_RenameStmt:
        return ((const RenameStmt *)tree)->relation;
    case T_CreateTrigStmt:
        return ((const CreateTrigStmt *)tree)->relation;
    case T_CreatePolicyStmt:
        return ((const CreatePolicyStmt *)tree)->table;
    case T_RuleStmt:
        return ((const RuleStmt *)tree)->relation;
    default:
        return NULL;
    }
}

/* is_operation returns whether a statement changes the schema by itself. */
static bool
is_operation(const struct lk_check *check, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_AlterTableStmt:
    case T_IndexStmt:
    case T_RenameStmt:
    case T_CreateTrigStmt:
    case T_CreatePolicyStmt:
    case T_RuleStmt:
        return range_of(tree) == NULL || !lk_subject_is_new(check, range_of(tree));
    case T_CreateStmt:
        return ((const CreateStmt *)tree)->relation->relpersistence != RELPERSISTENCE_TEMP;
    case T_CreateTableAsStmt:
    case T_CreateForeignTableStmt:
    case T_ViewStmt:
    case T_CreateSeqStmt:
    case T_AlterSeqStmt:
    case T_CreateSchemaStmt:
    case T_CreateEnumStmt:
    case T_AlterEnumStmt:
    case T_CreateDomainStmt:
    case T_AlterDomainStmt:
    case T_CompositeTypeStmt:
    case T_CreateRangeStmt:
    case T_CreateFunctionStmt:
    case T_CreateExtensionStmt:
    case T_DefineStmt:
    case T_AlterObjectSchemaStmt:
    case T_DropStmt:
        return true;
    default:
        return false;
    }
}

/* Operations that are counted up to a limit. */
struct count {
    int64_t *left;
};

/* is_one_too_many counts operations, and returns whether this one is the last that there may be. */
static bool
is_one_too_many(const struct lk_check *check, const Node *tree, const void *data)
{
    const struct count *count = data;

    return is_operation(check, tree) && --*count->left == 0;
}

/* validates returns whether ALTER TABLE does nothing but VALIDATE CONSTRAINT. */
static bool
validates(const struct lk_check *check, const Node *tree)
{
    return IsA(tree, AlterTableStmt) && check->effects->validates;
}

static void
check_statement(struct lk_check *check)
{
    const Node *tree = check->statement->tree;
    int64_t most = lk_rule_number(check, "max"), left = most;
    const struct count count = {&left};

    if (!is_operation(check, tree) || validates(check, tree) || lk_reported(check) ||
        lk_find_earlier(check, is_one_too_many, &count) == NULL)
        return;
    struct lk_finding *finding = lk_report(
        check, check->statement->span,
        most == 1 ? "this is the second operation on the schema in one migration"
                  : "this is one operation on the schema more than the %" PRId64 " of a migration",
        most);
    lk_finding_hint(check, finding, "-- in a migration of its own:\n%s;", lk_statement_text(check));
}

const struct lk_rule lk_rule_one_operation_per_migration = {
    .name = "one-operation-per-migration",
    .group = LK_GROUP_VERSION,
    .severity = LK_SEVERITY_OFF,
    .summary = "several operations on the schema in one migration",
    .options = {{.name = "max",
                 .summary = "how many operations a migration may hold",
                 .type = LK_TYPE_INTEGER,
                 .low = 1,
                 .high = 1000,
                 .standard = 1}},
    .on_statement = check_statement,
};
