/*
 * rules/schema/replay_exclude.c
 *     The text of EXCLUDE: see replay_relation.h.
 */
#include "rules/schema/analyze.h"
#include "rules/schema/replay_relation.h"

/* exclude_span returns where that stands. */
static struct lk_span
exclude_span(const struct lk_catalog *catalog, const Constraint *definition)
{
    static const char *const words[] = {"not", "deferrable", "initially"};
    uint32_t start =
        lk_span_behind(catalog, lk_replay_offset(catalog, definition->location), "exclude");
    uint32_t stop = 0;

    if (start == 0)
        return (struct lk_span){0, 0};
    struct lk_span span = lk_span_until(catalog, start, 0);
    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++) {
        struct lk_span word = lk_span_word(catalog, start, words[i]);
        if (word.end > 0 && word.start < span.end && (stop == 0 || word.start < stop))
            stop = word.start;
    }
    return stop > 0 ? lk_span_until(catalog, start, stop) : span;
}

/* mention_excluded mentions the columns in the elements of EXCLUDE, whose text starts at `start`.
 */
static void
mention_excluded(struct lk_catalog *catalog, const struct lk_relation *table, struct lk_text *text,
                 const Constraint *definition, uint32_t start)
{
    struct lk_span list = lk_span_parens(catalog, start);
    uint32_t at = list.start;
    ListCell *cell;

    foreach(cell, definition->exclusions) {
        const IndexElem *element = linitial_node(IndexElem, lfirst_node(List, cell));
        struct lk_column *column =
            element->name != NULL ? lk_relation_column(table, element->name) : NULL;
        if (at == 0 || list.end == list.start)
            return;
        struct lk_span span = lk_span_item(catalog, &at, list.end);
        if (element->expr != NULL)
            lk_analyze_expression(catalog, table, element->expr, (struct lk_mentions){text, start},
                                  NULL);
        else if (column != NULL)
            lk_text_mention(text, (struct lk_mention){
                                      .span = {span.start - start,
                                               lk_span_word_end(catalog, span.start) - start},
                                      .object = &column->object,
                                      .form = LK_MENTION_NAME,
                                  });
    }
}

struct lk_text *
lk_exclude_text(struct lk_catalog *catalog, const struct lk_relation *table,
                const Constraint *definition)
{
    struct lk_span span = exclude_span(catalog, definition);
    struct lk_text *text = lk_replay_expression(catalog, table, definition->where_clause, span);

    if (text != NULL)
        mention_excluded(catalog, table, text, definition, span.start);
    return text;
}
