/*
 * rules/schema/replay_rule.c
 *     Rules, among them those that are a view's query.
 */
#include "parser/script.h"
#include "rules/schema/replay_part.h"
#include "rules/schema/replay_relation.h"
#include "rules/schema/replay_view.h"

/* become_view makes the relation a view of a rule's query: ON SELECT DO INSTEAD. */
static void
become_view(struct lk_catalog *catalog, struct lk_relation *relation, const RuleStmt *stmt)
{
    struct lk_replay_query query = {0};
    size_t named = lk_token_index(catalog, stmt->relation->location);
    struct lk_mentions mentions = {0};
    Node *select = linitial(stmt->actions);

    for (; named != SIZE_MAX && lk_token(catalog, named).kind != LK_TOKEN_END; named++)
        if (lk_token_is(catalog->text, lk_token(catalog, named), "instead"))
            break;
    struct lk_token first = lk_token(catalog, named == SIZE_MAX ? named : named + 1);
    if (first.kind != LK_TOKEN_END) {
        mentions.start = first.span.start;
        mentions.text =
            lk_replay_text(catalog, (struct lk_span){mentions.start, catalog->statement->span.end});
    }
    query.text = mentions.text;
    query.result = lk_analyze_query(catalog->statement_mem, catalog, select, mentions);
    if (lk_replay_refused(catalog))
        return;
    lk_catalog_touch(catalog, relation);
    relation->kind = LK_RELATION_VIEW;
    lk_replay_set_query(catalog, relation, &query, select);
}

void
lk_replay_create_rule(struct lk_catalog *catalog, const RuleStmt *stmt)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(catalog->pool);
    struct lk_scope condition = {0}, scope = {0};
    ListCell *cell;

    if (lk_refuse_missing(catalog, stmt->relation))
        return;
    struct lk_relation *relation = lk_part_relation(catalog, stmt->relation);
    if (stmt->event == CMD_SELECT) {
        if (stmt->instead && list_length(stmt->actions) == 1)
            become_view(catalog, relation, stmt);
        return;
    }
    struct lk_part *part =
        lk_part_make(catalog, relation, LK_CLASS_RULE, stmt->rulename, stmt->replace);
    if (part == NULL)
        return;
    struct lk_part_text text = lk_part_text(catalog, stmt->relation, "rule", part);
    struct lk_analysis an = {.catalog = catalog, .mem = scratch, .mentions = text.mentions};
    /* source: transformRuleStmt(), src/backend/parser/parse_utilcmd.c */
    if (stmt->event != CMD_INSERT)
        lk_part_row(&an, &condition, relation, "old", true);
    if (stmt->event != CMD_DELETE)
        lk_part_row(&an, &condition, relation, "new", true);
    lk_analyze_node(&an, &condition, stmt->whereClause);
    lk_part_row(&an, &scope, relation, "old", false);
    lk_part_row(&an, &scope, relation, "new", false);
    foreach(cell, stmt->actions)
        if (!IsA(lfirst(cell), NotifyStmt))
            lk_analyze_statement(&an, &scope, lfirst(cell));
    part->instead = stmt->instead;
    part->event = (char)('0' + stmt->event);
    lk_part_define(catalog, part, text.mentions.text);
}
