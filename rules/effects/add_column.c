/*
 * rules/effects/add_column.c
 *     What the parts of a new column's definition bring: rewrites, scans, locks elsewhere.
 */
#include "parser/tree_names.h"
#include "rules/effects/effects_private.h"
#include "rules/schema/builtin.h"

/* is_volatile_anywhere returns whether all functions of a name, the server's or an extension's,
 * are.
 */
static bool
is_volatile_anywhere(const char *name, unsigned version)
{
    struct lk_builtin_function builtin = {0};
    struct lk_extension_object extension = {0};
    bool any = false;

    while (lk_builtin_function_next(name, &builtin)) {
        if (!lk_builtin_has(builtin.since, builtin.until, version))
            continue;
        if (builtin.volatility != 'v')
            return false;
        any = true;
    }
    while (lk_extension_next("function", name, &extension)) {
        if (extension.volatility != 'v')
            return false;
        any = true;
    }
    return any;
}

bool
lk_calls_volatile(const struct lk_catalog *catalog, const FuncCall *call)
{
    struct lk_qname name = lk_qname_of_list(call->funcname);
    const struct lk_function *function =
        lk_catalog_functions(catalog, name.schema, name.name, NULL);

    if (function == NULL)
        return !lk_catalog_has_function(catalog, name.name) &&
               is_volatile_anywhere(name.name, lk_catalog_version(catalog));
    for (; function != NULL;
         function = lk_catalog_functions(catalog, name.schema, name.name, function))
        if (function->volatility != 'v')
            return false;
    return true;
}

/* set_default notes a default whose value differs from row to row. */
static void
set_default(struct lk_gather *gather, const RangeVar *table, Node *expression)
{
    struct lk_tree_calls calls = {0};

    lk_gather_stored(gather, expression);
    lk_tree_calls(gather->mem, expression, &calls);
    lk_vec_foreach(call, &calls.items) {
        if (lk_calls_volatile(gather->catalog, *call))
            lk_gather_rewrite(gather, table, "the default differs from row to row");
        lk_gather_builtin_call(gather, *call);
    }
}

static bool
has(const List *constraints, ConstrType kind)
{
    ListCell *cell;

    foreach(cell, constraints)
        if (lfirst_node(Constraint, cell)->contype == kind)
            return true;
    return false;
}

/* What the parts of a definition come to. */
struct parts {
    bool rewrites;
    bool builds; /* an index, of this table and of its partitions */
    const char *scans;
};

static void
add_constraint(struct lk_gather *gather, const RangeVar *table, const Constraint *constraint,
               struct parts *parts)
{
    lk_gather_reference(gather, constraint);
    switch (constraint->contype) {
    case CONSTR_DEFAULT:
        set_default(gather, table, constraint->raw_expr);
        break;
    case CONSTR_IDENTITY:
        parts->rewrites = true;
        break;
    case CONSTR_GENERATED:
        parts->rewrites |= !lk_is_virtual(constraint);
        break;
    case CONSTR_CHECK:
        if (!constraint->skip_validation && !lk_is_not_enforced(constraint))
            parts->scans = "each row is checked against the constraint";
        break;
    case CONSTR_UNIQUE:
    case CONSTR_PRIMARY:
        parts->builds = true;
        break;
    default:
        break;
    }
}

/* build_index notes the index of a column's UNIQUE or PRIMARY KEY: none of tables that inherit. */
static void
build_index(struct lk_gather *gather, const RangeVar *range)
{
    const struct lk_relation *table = lk_gather_known(gather, range);
    bool family = gather->family;

    gather->family &= table != NULL && table->kind == LK_RELATION_PARTITIONED;
    lk_gather_build(gather, range, NULL, "the constraint's index is built");
    gather->family = family;
}

void
lk_gather_add_column(struct lk_gather *gather, const RangeVar *table, const ColumnDef *definition)
{
    struct lk_type type;
    struct parts parts = {0};
    const List *constraints = definition->constraints;
    ListCell *cell;

    if (definition->typeName != NULL && lk_type_of(gather->mem, definition->typeName, &type))
        parts.rewrites = type.serial || lk_type_is_constrained(gather->catalog, &type);
    foreach(cell, constraints)
        add_constraint(gather, table, lfirst_node(Constraint, cell), &parts);
    /* without a value for the rows that are there, NOT NULL fails on the first of them */
    if (has(constraints, CONSTR_NOTNULL) && !has(constraints, CONSTR_DEFAULT))
        parts.scans = "each row is checked for NULL";
    /* NULL for all of them refers to nothing, unless it is said in so many words */
    if (has(constraints, CONSTR_FOREIGN) && has(constraints, CONSTR_DEFAULT))
        parts.scans = "each row is looked up in the table that is referenced";
    if (parts.builds)
        build_index(gather, table);
    if (parts.rewrites)
        lk_gather_rewrite(gather, table, "each row gets a value of its own");
    else if (parts.scans != NULL)
        lk_gather_scan(gather, table, parts.scans);
}
