/*
 * # ban-drop-type
 *
 * ## What it flags
 *
 * `DROP TYPE` and `DROP DOMAIN` of a type with a past.
 *
 * ## Why it hurts
 *
 * Statements that name the type (casts, parameters of prepared statements, functions whose bodies
 * are text) fail from then on. With CASCADE the columns of the type are dropped with
 * their data, which ban-drop-cascade speaks of.
 *
 * ## Do instead
 *
 * Rename it first, and drop it once nothing has missed it for a while:
 *
 * ```sql
 * ALTER TYPE mood RENAME TO mood_deleted;
 * -- weeks later:
 * DROP TYPE mood_deleted;
 * ```
 *
 * ## When it stays silent
 *
 * On a type created in the same migration, and on one that the migration replaces: a later
 * statement creates it anew, or it got its name from a rename in the same migration, as when an
 * enum loses a value by `ALTER TYPE mood RENAME TO mood_old; CREATE TYPE mood ...; ALTER TABLE ...;
 * DROP TYPE mood_old`.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: DROP TYPE, DROP DOMAIN
 */
#include "parser/pgparse.h"
#include "rules/around.h"
#include "rules/suggest.h"

static bool
is_new(const struct lk_check *check, struct lk_qname name)
{
    const struct lk_defined_type *type = lk_catalog_type(check->catalog, name.schema, name.name);

    return (type != NULL && lk_object_is_new(check->catalog, &type->object)) ||
           (type == NULL && lk_named_is_new(check, name)); /* a composite type is a relation */
}

static bool
is_known(const struct lk_check *check, struct lk_qname name)
{
    return lk_catalog_type(check->catalog, name.schema, name.name) != NULL ||
           lk_catalog_relation(check->catalog, name.schema, name.name) != NULL;
}

/* created_name returns the name of the type that a statement creates. */
static struct lk_qname
created_name(const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_CreateEnumStmt:
        return lk_qname_of_list(((const CreateEnumStmt *)tree)->typeName);
    case T_CreateDomainStmt:
        return lk_qname_of_list(((const CreateDomainStmt *)tree)->domainname);
    case T_CreateRangeStmt:
        return lk_qname_of_list(((const CreateRangeStmt *)tree)->typeName);
    case T_CompositeTypeStmt:
        return lk_qname_of_range(((const CompositeTypeStmt *)tree)->typevar);
    case T_DefineStmt:
        if (((const DefineStmt *)tree)->kind == OBJECT_TYPE)
            return lk_qname_of_list(((const DefineStmt *)tree)->defnames);
        return (struct lk_qname){0};
    case T_RenameStmt: {
        const RenameStmt *stmt = (const RenameStmt *)tree;
        if (stmt->renameType != OBJECT_TYPE && stmt->renameType != OBJECT_DOMAIN)
            return (struct lk_qname){0};
        struct lk_qname name = lk_qname_of_list(castNode(List, stmt->object));
        return (struct lk_qname){name.schema, stmt->newname};
    }
    default:
        return (struct lk_qname){0};
    }
}

static bool
makes(const struct lk_check *check, const Node *tree, const void *data)
{
    const struct lk_qname *wanted = data;
    struct lk_qname made = created_name(tree);

    (void)check;
    return made.name != NULL && strcmp(made.name, wanted->name) == 0 &&
           (made.schema == NULL || wanted->schema == NULL ||
            strcmp(made.schema, wanted->schema) == 0);
}

/* free_name returns a name that no type and no relation beside it has. */
static const char *
free_name(const struct lk_check *check, struct lk_qname name)
{
    const char *ret = lk_made_name(check, name, "", "deleted");

    for (unsigned pass = 1; lk_catalog_type(check->catalog, name.schema, ret) != NULL; pass++)
        ret = lk_made_name(check, name, "", lk_fmt(check->mem, "deleted%u", pass));
    return ret;
}

static void
check_drop(struct lk_check *check, const Node *node)
{
    const DropStmt *stmt = (const DropStmt *)node;
    const char *word = stmt->removeType == OBJECT_DOMAIN ? "DOMAIN" : "TYPE";
    ListCell *cell;

    if (stmt->removeType != OBJECT_TYPE && stmt->removeType != OBJECT_DOMAIN)
        return;
    foreach(cell, stmt->objects) {
        struct lk_qname name = lk_qname_of_list(lfirst_node(TypeName, cell)->names);
        if (is_new(check, name) || lk_is_absent(check, is_known(check, name), stmt->missing_ok) ||
            lk_find_later(check, makes, &name) != NULL ||
            lk_find_earlier(check, makes, &name) != NULL)
            continue;
        lk_report_missed(check, word, name, "use", free_name(check, name), NULL);
    }
}

const struct lk_rule lk_rule_ban_drop_type = {
    .name = "ban-drop-type",
    .group = LK_GROUP_DESTRUCTIVE,
    .severity = LK_SEVERITY_WARNING,
    .summary = "DROP TYPE of a type with a past",
    .on = {{T_DropStmt, check_drop}},
};
