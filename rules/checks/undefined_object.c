/*
 * # undefined-object
 *
 * ## What it flags
 *
 * A statement that names a relation, column, type, constraint, function or schema that is not there
 * at that point of the history.
 *
 * ## Why it hurts
 *
 * The server refuses the statement, and the migration fails when it is deployed: after review, in
 * the window that was meant for it, with everything behind it waiting.
 *
 * ## Do instead
 *
 * Correct the name, or create the object in an earlier migration.
 *
 * ## When it stays silent
 *
 * Where the history does not tell: of objects that another tool or a person may have made. A
 * relation counts as missing if the history has dropped or renamed it, or if the migrations start
 * from an empty database, which they are taken to do when everything they name before is of their
 * own making, or when the configuration says `schema: closed`. What an extension may have brought
 * is never missing, nor is what stands behind an EXECUTE of a text that is not known.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: "PostgreSQL Error Codes", SQLSTATE 42P01, 42703, 42704, 42883, 3F000
 */
#include "parser/base/text.h"
#include "rules/rule.h"

struct candidates {
    TALLOC_CTX *mem;
    LK_VEC(const char *) names;
};

static void
collect(struct lk_object *object, void *data)
{
    struct candidates *candidates = data;

    lk_vec_push(candidates->mem, &candidates->names, object->name);
}

/* nearest returns the relation whose name is nearest to the one that is missing, or NULL. */
static const char *
nearest(struct lk_check *check, const char *name)
{
    struct candidates candidates = {.mem = check->mem};

    lk_catalog_objects(check->catalog, LK_CLASS_RELATION, collect, &candidates);
    return lk_nearest(name, candidates.names.items, candidates.names.count);
}

static void
check_refusal(struct lk_check *check, const struct lk_refusal *refusal)
{
    struct lk_finding *finding = lk_report_refusal(check, refusal);
    const char *near = refusal->name != NULL && strcmp(refusal->sqlstate, "42P01") == 0
                           ? nearest(check, refusal->name)
                           : NULL;

    if (near != NULL)
        lk_finding_hint(check, finding, "-- perhaps %s is meant", near);
}

const struct lk_rule lk_rule_undefined_object = {
    .name = "undefined-object",
    .group = LK_GROUP_SCHEMA,
    .severity = LK_SEVERITY_ERROR,
    .summary = "the object it names is not there",
    .refusals = {"42P01", "42703", "42704", "42883", "3F000"},
    .on_refused = check_refusal,
};
