/*
 * rules/effects/add_column.c
 *     What the parts of a new column's definition bring: rewrites, scans, locks elsewhere.
 */
#include "parser/tree_names.h"
#include "rules/effects/effects_private.h"

static const char *const volatile_functions[] = {
#define LK_VOLATILE(name) #name,
#include "rules/effects/volatile_functions.def"
#undef LK_VOLATILE
};

bool
lk_calls_volatile(const FuncCall *call)
{
    const char *name = lk_qname_of_list(call->funcname).name;

    for (size_t i = 0; i < LK_ARRAY_SIZE(volatile_functions); i++)
        if (strcmp(name, volatile_functions[i]) == 0)
            return true;
    return false;
}

/* set_default notes a default whose value differs from row to row. */
static void
set_default(struct lk_gather *gather, const RangeVar *table, Node *expression)
{
    struct lk_tree_calls calls = {0};

    lk_tree_calls(gather->mem, expression, &calls);
    lk_vec_foreach(call, &calls.items) {
        if (lk_calls_volatile(*call))
            lk_gather_rewrite(gather, table);
        lk_gather_sequence_call(gather, *call);
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

static void
add_constraint(struct lk_gather *gather, const RangeVar *table, const Constraint *constraint,
               bool *rewrites, bool *scans)
{
    lk_gather_reference(gather, constraint);
    switch (constraint->contype) {
    case CONSTR_DEFAULT:
        set_default(gather, table, constraint->raw_expr);
        break;
    case CONSTR_IDENTITY:
        *rewrites = true;
        break;
    case CONSTR_GENERATED:
        *rewrites |= !lk_is_virtual(constraint);
        break;
    case CONSTR_CHECK:
    case CONSTR_UNIQUE:
    case CONSTR_PRIMARY:
        *scans = true;
        break;
    default:
        break;
    }
}

void
lk_gather_add_column(struct lk_gather *gather, const RangeVar *table, const ColumnDef *definition)
{
    struct lk_type type;
    ListCell *cell;
    bool rewrites = false, scans = false;

    if (definition->typeName != NULL && lk_type_of(gather->mem, definition->typeName, &type))
        rewrites = type.serial || lk_type_is_constrained(gather->catalog, &type);
    foreach(cell, definition->constraints)
        add_constraint(gather, table, lfirst_node(Constraint, cell), &rewrites, &scans);
    /* without a value for the rows that are there, NOT NULL fails on the first of them */
    if (has(definition->constraints, CONSTR_NOTNULL) &&
        !has(definition->constraints, CONSTR_DEFAULT))
        scans = true;
    if (rewrites)
        lk_gather_rewrite(gather, table);
    else if (scans)
        lk_gather_scan(gather, table);
}
