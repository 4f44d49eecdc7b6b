/*
 * rules/schema/replay_statistics.c
 *     CREATE STATISTICS and ALTER STATISTICS.
 */
#include "parser/base/buf.h"
#include "parser/lexer.h"
#include "rules/schema/analyze.h"
#include "rules/schema/replay_named.h"
#include "rules/schema/replay_relation.h"

/*
 * choose_name returns what the server calls statistics that are given no name.
 * Source: ChooseExtendedStatisticName(), src/backend/commands/statscmds.c.
 */
static const char *
choose_name(struct lk_catalog *catalog, const struct lk_relation *table, const List *expressions)
{
    TALLOC_CTX *mem = catalog->statement_mem;
    struct lk_buf columns = lk_buf_init(mem);
    char name[LK_NAME_SIZE];
    unsigned pass = 0;
    ListCell *cell;

    foreach(cell, expressions) {
        const StatsElem *element = lfirst_node(StatsElem, cell);
        lk_buf_sep(&columns, "_");
        lk_buf_add(&columns, element->name != NULL ? element->name : "expr");
    }
    while (lk_catalog_object(
        catalog, LK_CLASS_STATISTICS, table->schema,
        lk_object_name(name, table->object.name, columns.data, "stat", pass++)))
        continue;
    return lk_strdup(mem, name);
}

/* lean_on_columns makes statistics go with the columns they are of; expressions name others. */
static void
lean_on_columns(struct lk_catalog *catalog, struct lk_named *statistics,
                const struct lk_relation *table, const List *expressions)
{
    uint32_t start = catalog->statement->span.start;
    ListCell *cell;

    foreach(cell, expressions) {
        const StatsElem *element = lfirst_node(StatsElem, cell);
        struct lk_column *column =
            element->name != NULL ? lk_relation_column(table, element->name) : NULL;
        if (column != NULL)
            lk_depend(catalog, &statistics->object, &column->object, LK_DEPENDS_AUTO);
        if (element->expr != NULL)
            lk_analyze_expression(catalog, table, element->expr,
                                  (struct lk_mentions){statistics->definition, start}, NULL);
    }
    lk_depend_text(catalog, &statistics->object, statistics->definition, LK_DEPENDS_AUTO);
}

/* mention_columns finds the columns between ON and FROM, which the tree has without their place. */
static void
mention_columns(struct lk_catalog *catalog, struct lk_named *statistics,
                const struct lk_relation *table, const List *expressions)
{
    struct lk_span whole = catalog->statement->span;
    struct lk_lexer lexer = lk_lexer_at(catalog->text, whole);
    const ListCell *cell = list_head(expressions);
    struct lk_token token;
    bool first = true;
    int depth = 0;

    do
        token = lk_lex_code(&lexer);
    while (token.kind != LK_TOKEN_END && !lk_token_is(catalog->text, token, "on"));
    for (token = lk_lex_code(&lexer); token.kind != LK_TOKEN_END && cell != NULL;
         token = lk_lex_code(&lexer)) {
        const StatsElem *element = lfirst_node(StatsElem, cell);
        struct lk_column *column =
            element->name != NULL ? lk_relation_column(table, element->name) : NULL;
        if (first && column != NULL)
            lk_text_mention(statistics->definition,
                            (struct lk_mention){.span = {token.span.start - whole.start,
                                                         token.span.end - whole.start},
                                                .object = &column->object,
                                                .form = LK_MENTION_NAME});
        depth += lk_token_is_symbol(catalog->text, token, '(');
        depth -= lk_token_is_symbol(catalog->text, token, ')');
        first = depth == 0 && lk_token_is_symbol(catalog->text, token, ',');
        if (first)
            cell = lnext(expressions, cell);
    }
}

/* mention_table finds the name behind FROM. */
static void
mention_table(struct lk_catalog *catalog, struct lk_named *statistics, const RangeVar *range,
              struct lk_relation *table)
{
    uint32_t start = catalog->statement->span.start;
    uint32_t at = lk_replay_offset(catalog, range->location);
    struct lk_span span = lk_replay_name_at(catalog, at);

    lk_text_mention(statistics->definition,
                    (struct lk_mention){.span = {span.start - start, span.end - start},
                                        .object = &table->object});
}

void
lk_replay_create_statistics(struct lk_catalog *catalog, const CreateStatsStmt *stmt)
{
    const RangeVar *range = stmt->relations != NIL && IsA(linitial(stmt->relations), RangeVar)
                                ? linitial_node(RangeVar, stmt->relations)
                                : NULL;
    struct lk_relation *table;

    if (range == NULL || lk_refuse_missing(catalog, range))
        return;
    table = lk_catalog_assume(catalog, range->schemaname, range->relname, LK_RELATION_UNKNOWN);
    struct lk_qname name = lk_qname_of_list(stmt->defnames);
    bool named = stmt->defnames != NIL;
    if (!named)
        name = (struct lk_qname){table->schema, choose_name(catalog, table, stmt->exprs)};
    struct lk_named *statistics =
        lk_replay_make(catalog, &(struct lk_making){.class = LK_CLASS_STATISTICS,
                                                    .name = name,
                                                    .keyword = named ? "statistics" : NULL,
                                                    .if_not_exists = stmt->if_not_exists});
    if (statistics == NULL)
        return;
    if (!named) {
        struct lk_span place = lk_replay_name(catalog, "statistics");
        uint32_t at = place.start - catalog->statement->span.start;
        lk_text_mention(
            statistics->definition,
            (struct lk_mention){.span = {at, at}, .behind = " ", .object = &statistics->object});
    }
    mention_columns(catalog, statistics, table, stmt->exprs);
    mention_table(catalog, statistics, range, table);
    lean_on_columns(catalog, statistics, table, stmt->exprs);
}

void
lk_replay_alter_statistics(struct lk_catalog *catalog, const AlterStatsStmt *stmt)
{
    struct lk_sought sought = {.type = OBJECT_STATISTIC_EXT,
                               .object = (Node *)stmt->defnames,
                               .missing_ok = stmt->missing_ok};
    struct lk_named *statistics = (struct lk_named *)lk_replay_find(catalog, &sought);

    if (statistics == NULL)
        return;
    lk_catalog_touch(catalog, statistics);
    statistics->changes =
        lk_replay_changed(catalog, &statistics->object, statistics->changes, "statistics");
}
