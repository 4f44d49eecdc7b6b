/*
 * rules/set.c
 *     What SET and its like say: see set.h.
 */
#include "rules/set.h"

#include <stdlib.h>
#include <string.h>

#include "parser/pg_names.h"

bool
lk_set_is_zero(const struct lk_set *set)
{
    const A_Const *value = set->value;

    if (value == NULL)
        return false;
    if (value->isnull)
        return true;
    if (IsA(&value->val, Integer))
        return intVal(&value->val) == 0;
    if (!IsA(&value->val, String))
        return false;
    const char *text = strVal(&value->val);
    size_t digits = strspn(text, " 0.");
    return digits > 0 && strspn(text + digits, "123456789") == 0;
}

/* What a timeout can be written in, in milliseconds. */
static const struct {
    const char *name;
    double factor;
} units[] = {
    {"us", 0.001}, {"ms", 1}, {"s", 1000}, {"min", 60e3}, {"h", 3600e3}, {"d", 24 * 3600e3},
};

int64_t
lk_set_ms(const struct lk_set *set)
{
    const A_Const *value = set->value;
    double number, factor = 1;
    const char *unit = "";
    char *end;

    if (value == NULL)
        return -1;
    if (lk_set_is_zero(set))
        return 0;
    if (IsA(&value->val, Integer)) {
        number = intVal(&value->val);
    } else if (IsA(&value->val, Float)) {
        number = strtod(value->val.fval.fval, NULL);
    } else if (IsA(&value->val, String)) {
        number = strtod(strVal(&value->val), &end);
        unit = end + strspn(end, " ");
    } else {
        return -1;
    }
    for (size_t i = 0; i < LK_ARRAY_SIZE(units); i++)
        if (strcmp(unit, units[i].name) == 0)
            factor = units[i].factor;
    number *= factor;
    if (number <= 0 || number > INT32_MAX)
        return -1;
    return number < 1 ? 1 : (int64_t)number;
}

bool
lk_set_is_short(const struct lk_set *set)
{
    int64_t ms = lk_set_ms(set);

    return ms > 0 && ms < 3600000;
}

static struct lk_set
of_variable(const VariableSetStmt *stmt)
{
    struct lk_set set = {.name = stmt->name, .local = stmt->is_local};

    switch (stmt->kind) {
    case VAR_SET_VALUE:
        set.kind = LK_SET_VALUE;
        if (list_length(stmt->args) == 1 && IsA(linitial(stmt->args), A_Const))
            set.value = linitial(stmt->args);
        break;
    case VAR_SET_CURRENT:
        set.kind = LK_SET_VALUE;
        break;
    case VAR_SET_DEFAULT:
    case VAR_RESET:
        set.kind = LK_SET_RESET;
        break;
    case VAR_RESET_ALL:
        set.kind = LK_SET_RESET_ALL;
        break;
    default:
        break;
    }
    return set;
}

/* of_select reads SELECT set_config('lock_timeout', '5s', false). */
static struct lk_set
of_select(const SelectStmt *stmt)
{
    struct lk_set set = {0};

    if (list_length(stmt->targetList) != 1 || stmt->fromClause != NIL)
        return set;
    const FuncCall *call = (const FuncCall *)linitial_node(ResTarget, stmt->targetList)->val;
    if (call == NULL || !IsA(call, FuncCall) || list_length(call->args) != 3 ||
        strcmp(lk_qname_of_list(call->funcname).name, "set_config") != 0)
        return set;
    const A_Const *setting = linitial(call->args);
    const A_Const *value = lsecond(call->args);
    const A_Const *local = lthird(call->args);
    if (!IsA(setting, A_Const) || setting->isnull || !IsA(&setting->val, String))
        return set;
    set.kind = LK_SET_VALUE;
    set.name = strVal(&setting->val);
    set.local =
        IsA(local, A_Const) && !local->isnull && IsA(&local->val, Boolean) && boolVal(&local->val);
    if (IsA(value, A_Const))
        set.value = value;
    return set;
}

struct lk_set
lk_set_of(const Node *tree)
{
    if (IsA(tree, VariableSetStmt))
        return of_variable((const VariableSetStmt *)tree);
    if (IsA(tree, SelectStmt))
        return of_select((const SelectStmt *)tree);
    if (IsA(tree, DiscardStmt) && ((const DiscardStmt *)tree)->target == DISCARD_ALL)
        return (struct lk_set){.kind = LK_SET_RESET_ALL};
    return (struct lk_set){0};
}
