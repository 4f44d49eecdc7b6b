/*
 * rules/dispatch.c
 *     Calling of rules: see dispatch.h.
 */
#include "rules/dispatch.h"

#include "parser/pg_nodes.h"
#include "parser/tree.h"
#include "rules/registry.h"
#include "rules/suggest.h"

/* A rule that wants nodes of a tag. */
struct subscriber {
    const struct lk_rule *rule;
    lk_check_node *check;
};

struct subscribers {
    LK_VEC(struct subscriber) items;
};

/* A rule that wants to be called at a moment. */
struct attendant {
    const struct lk_rule *rule;
    lk_check_all *check;
};

struct lk_dispatch {
    struct subscribers *by_tag; /* indexed by NodeTag */
    size_t tag_count;
    LK_VEC(struct attendant) by_moment[LK_MOMENT_COUNT];
    LK_VEC(const struct lk_rule *) on_refused;
};

static lk_check_all *
check_of(const struct lk_rule *rule, enum lk_moment moment)
{
    switch (moment) {
    case LK_ON_STATEMENT:
        return rule->on_statement;
    case LK_ON_BROKEN:
        return rule->on_broken;
    case LK_ON_DYNAMIC:
        return rule->on_dynamic;
    case LK_END_OF_FILE:
        return rule->end_of_file;
    case LK_AFTER_SUPPRESSION:
        return rule->after_suppression;
    case LK_END_OF_CHANGELOG:
        return rule->end_of_changelog;
    case LK_MOMENT_COUNT:
        break;
    }
    return NULL;
}

/* subscribe enters a rule wherever it wants to be called. */
static void
subscribe(struct lk_dispatch *dispatch, const struct lk_rule *rule)
{
    for (size_t k = 0; k < LK_RULE_MAX_TAGS && rule->on[k].check != NULL; k++)
        *lk_vec_add(dispatch, &dispatch->by_tag[rule->on[k].tag].items) =
            (struct subscriber){rule, rule->on[k].check};
    for (enum lk_moment moment = 0; moment < LK_MOMENT_COUNT; moment++)
        if (check_of(rule, moment) != NULL)
            *lk_vec_add(dispatch, &dispatch->by_moment[moment]) =
                (struct attendant){rule, check_of(rule, moment)};
    if (rule->on_refused != NULL)
        lk_vec_push(dispatch, &dispatch->on_refused, rule);
}

struct lk_dispatch *
lk_dispatch_new(TALLOC_CTX *mem, const struct lk_settings *settings)
{
    struct lk_dispatch *dispatch = lk_new(mem, struct lk_dispatch);
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < LK_RULE_MAX_TAGS && rules[i]->on[k].check != NULL; k++)
            dispatch->tag_count = LK_MAX(dispatch->tag_count, (size_t)rules[i]->on[k].tag + 1);
    dispatch->by_tag = lk_new_array(dispatch, struct subscribers, dispatch->tag_count);
    for (size_t i = 0; i < count; i++)
        if (lk_settings_is_on(settings, rules[i]) || rules[i]->leaves_out)
            subscribe(dispatch, rules[i]);
    return dispatch;
}

static void
visit_node(const struct lk_dispatch *dispatch, struct lk_check *check, const Node *node)
{
    size_t tag = (size_t)nodeTag(node);

    if (tag >= dispatch->tag_count)
        return;
    lk_vec_foreach(subscriber, &dispatch->by_tag[tag].items) {
        check->rule = subscriber->rule;
        subscriber->check(check, node);
    }
}

static void
visit_column(const struct lk_dispatch *dispatch, struct lk_check *check,
             const ColumnDef *definition)
{
    ListCell *cell;

    visit_node(dispatch, check, (const Node *)definition);
    foreach(cell, definition->constraints)
        visit_node(dispatch, check, lfirst(cell));
}

static void
visit_elements(const struct lk_dispatch *dispatch, struct lk_check *check, const List *elements)
{
    ListCell *cell;

    foreach(cell, elements) {
        if (IsA(lfirst(cell), ColumnDef))
            visit_column(dispatch, check, lfirst(cell));
        else
            visit_node(dispatch, check, lfirst(cell));
    }
}

void
lk_dispatch_tree(const struct lk_dispatch *dispatch, struct lk_check *check, const Node *tree)
{
    ListCell *cell;

    check->alters_used =
        IsA(tree, AlterTableStmt) && lk_alters_used_table(check, (const AlterTableStmt *)tree);
    foreach(cell, lk_tree_ctes(tree))
        visit_node(dispatch, check, lfirst_node(CommonTableExpr, cell)->ctequery);
    visit_node(dispatch, check, tree);
    if (IsA(tree, CreateStmt)) {
        visit_elements(dispatch, check, ((const CreateStmt *)tree)->tableElts);
        visit_elements(dispatch, check, ((const CreateStmt *)tree)->constraints);
    } else if (IsA(tree, AlterTableStmt)) {
        foreach(cell, ((const AlterTableStmt *)tree)->cmds) {
            const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
            visit_node(dispatch, check, (const Node *)command);
            if (command->def != NULL && IsA(command->def, ColumnDef))
                visit_column(dispatch, check, (const ColumnDef *)command->def);
            else if (command->def != NULL && IsA(command->def, Constraint))
                visit_node(dispatch, check, command->def);
        }
    }
}

void
lk_dispatch_moment(const struct lk_dispatch *dispatch, struct lk_check *check,
                   enum lk_moment moment, bool undo)
{
    lk_vec_foreach(attendant, &dispatch->by_moment[moment]) {
        if (undo && !attendant->rule->undo_too)
            continue;
        check->rule = attendant->rule;
        attendant->check(check);
    }
}

void
lk_dispatch_refusal(const struct lk_dispatch *dispatch, struct lk_check *check,
                    const struct lk_refusal *refusal)
{
    lk_vec_foreach(item, &dispatch->on_refused) {
        const struct lk_rule *rule = *item;
        check->rule = rule;
        for (size_t k = 0; k < LK_RULE_MAX_REFUSALS && rule->refusals[k] != NULL; k++)
            if (strcmp(rule->refusals[k], refusal->sqlstate) == 0)
                rule->on_refused(check, refusal);
    }
}
