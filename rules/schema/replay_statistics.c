/*
 * rules/schema/replay_statistics.c
 *     CREATE STATISTICS and ALTER STATISTICS.
 */
#include "parser/base/buf.h"
#include "parser/lexer.h"
#include "rules/schema/analyze.h"
#include "rules/schema/builtin.h"
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

/*
 * refuse_relation refuses what there are no statistics of.
 * Source: CreateStatistics(), src/backend/commands/statscmds.c.
 */
static bool
refuse_relation(struct lk_catalog *catalog, const struct lk_relation *table,
                const CreateStatsStmt *stmt)
{
    if (list_length(stmt->relations) > 1) {
        lk_refuse(catalog, "0A000", -1, "only a single relation is allowed in CREATE STATISTICS");
        return true;
    }
    switch (table->kind) {
    case LK_RELATION_VIEW:
    case LK_RELATION_SEQUENCE:
    case LK_RELATION_INDEX:
    case LK_RELATION_COMPOSITE:
        lk_refuse(catalog, "42809", -1, "cannot define statistics for relation \"%s\"",
                  table->object.name)
            ->object = &table->object;
        return true;
    default:
        return false;
    }
}

/* refuse_column refuses a column that there are no statistics of. */
static bool
refuse_column(struct lk_catalog *catalog, const struct lk_relation *table, const char *name)
{
    const struct lk_column *column = lk_relation_column(table, name);
    bool named;

    if (column == NULL && lk_is_system_column(name)) {
        lk_refuse(catalog, "0A000", -1, "statistics creation on system columns is not supported");
        return true;
    }
    if (column == NULL) {
        lk_refuse(catalog, "42703", -1, "column \"%s\" does not exist", name)->name =
            lk_catalog_keep(catalog, name);
        return true;
    }
    if (column->is_virtual) {
        lk_refuse(catalog, "0A000", -1,
                  "statistics creation on virtual generated columns is not supported");
        return true;
    }
    uint16_t type = column->type_known ? lk_type_number(catalog, &column->type) : LK_BT_OPAQUE;
    if (lk_builtin_opclass("btree", NULL, type, lk_catalog_version(catalog), &named) !=
            LK_PROVIDES_NO ||
        !lk_opclasses_are_known(catalog, "btree"))
        return false;
    lk_refuse(catalog, "0A000", -1,
              "column \"%s\" cannot be used in statistics because its type %s has no default btree "
              "operator class",
              name, lk_type_visible(catalog, &column->type));
    return true;
}

#define STATS_MAX_DIMENSIONS 8 /* src/include/statistics/statistics.h */

static bool
refuse_columns(struct lk_catalog *catalog, const struct lk_relation *table, const List *elements)
{
    const StatsElem *first = linitial_node(StatsElem, elements);
    ListCell *cell, *other;

    if (!lk_is_known(table))
        return false;
    foreach(cell, elements) {
        const StatsElem *element = lfirst_node(StatsElem, cell);
        if (element->name != NULL && refuse_column(catalog, table, element->name))
            return true;
    }
    if (list_length(elements) > STATS_MAX_DIMENSIONS) {
        lk_refuse(catalog, "54011", -1, "cannot have more than %d columns in statistics",
                  STATS_MAX_DIMENSIONS);
        return true;
    }
    if (list_length(elements) == 1 && first->name != NULL &&
        lk_opclasses_are_known(catalog, "btree")) {
        lk_refuse(catalog, "42P17", -1, "extended statistics require at least 2 columns");
        return true;
    }
    foreach(cell, elements)
        for (other = list_head(elements); other != cell; other = lnext(elements, other)) {
            const StatsElem *a = lfirst(cell), *b = lfirst(other);
            if (a->name == NULL || b->name == NULL || strcmp(a->name, b->name) != 0)
                continue;
            lk_refuse(catalog, "42701", -1, "duplicate column name in statistics definition");
            return true;
        }
    return false;
}

void
lk_replay_create_statistics(struct lk_catalog *catalog, const CreateStatsStmt *stmt)
{
    const RangeVar *range = stmt->relations != NIL && IsA(linitial(stmt->relations), RangeVar)
                                ? linitial_node(RangeVar, stmt->relations)
                                : NULL;
    struct lk_relation *table;
    struct lk_qname name = lk_qname_of_list(stmt->defnames);
    bool named = stmt->defnames != NIL;

    if (range == NULL && stmt->relations != NIL)
        lk_refuse(catalog, "0A000", -1,
                  "CREATE STATISTICS only supports relation names in the FROM clause");
    if (range == NULL || lk_refuse_missing(catalog, range))
        return;
    table = lk_catalog_assume(catalog, range->schemaname, range->relname, LK_RELATION_UNKNOWN);
    if ((!named ||
         lk_catalog_object(catalog, LK_CLASS_STATISTICS, name.schema, name.name) == NULL) &&
        (refuse_relation(catalog, table, stmt) || refuse_columns(catalog, table, stmt->exprs)))
        return;
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
