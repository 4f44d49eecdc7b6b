/*
 * rules/partition.c
 *     Bounds of partitions, and how they get what their table has: see partition.h.
 */
#include "rules/partition.h"

#include "parser/lexer.h"
#include "parser/pgparse.h"

/* What stands in one pair of parentheses, and behind it. */
struct group {
    struct lk_span inside;
    uint32_t behind;
};

/* next_group returns the next text in parentheses from `at` on, up to the statement's end. */
static struct group
next_group(const struct lk_check *check, uint32_t at)
{
    const char *text = check->source->text;
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){at, check->statement->span.end});
    struct group group = {.behind = check->statement->span.end};
    int depth = 0;

    for (;;) {
        struct lk_token token = lk_lex_code(&lexer);
        if (token.kind == LK_TOKEN_END)
            return group;
        if (lk_token_is_symbol(text, token, '(') && depth++ == 0)
            group.inside.start = token.span.end;
        if (!lk_token_is_symbol(text, token, ')') || --depth > 0)
            continue;
        group.inside.end = token.span.start;
        group.behind = token.span.end;
        return group;
    }
}

static char *
text_of(const struct lk_check *check, struct lk_span span)
{
    return lk_strndup(check->mem, check->source->text + span.start, span.end - span.start);
}

char *
lk_bound_text(const struct lk_check *check, const PartitionBoundSpec *bound)
{
    if (bound->is_default)
        return lk_strdup(check->mem, "DEFAULT");
    uint32_t start = lk_statement_offset(check->statement, bound->location); /* behind VALUES */
    uint32_t end = next_group(check, start).behind;
    if (bound->strategy == PARTITION_STRATEGY_RANGE)
        end = next_group(check, end).behind;
    return lk_fmt(check->mem, "FOR VALUES %s", text_of(check, (struct lk_span){start, end}));
}

/* key_column returns the one column that a table is partitioned by, quoted as needed, or NULL. */
static char *
key_column(const struct lk_check *check, const struct lk_relation *table)
{
    if (table == NULL || table->partition_key == NULL)
        return NULL;
    const char *text = lk_text_sql(check->mem, table->partition_key);
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){0, (uint32_t)strlen(text)});
    lk_lex_code(&lexer); /* RANGE, LIST */
    if (!lk_token_is_symbol(text, lk_lex_code(&lexer), '('))
        return NULL;
    struct lk_token name = lk_lex_code(&lexer);
    if (!lk_token_is_symbol(text, lk_lex_code(&lexer), ')'))
        return NULL;
    return lk_strndup(check->mem, text + name.span.start, name.span.end - name.span.start);
}

static bool
is_value(const List *datums)
{
    return list_length(datums) == 1 && !IsA(linitial(datums), ColumnRef);
}

char *
lk_bound_condition(const struct lk_check *check, const struct lk_relation *parent,
                   const PartitionBoundSpec *bound)
{
    const char *column = key_column(check, parent);
    ListCell *cell;

    if (column == NULL || bound->is_default)
        return NULL;
    uint32_t start = lk_statement_offset(check->statement, bound->location);
    struct group first = next_group(check, start);
    if (bound->strategy == PARTITION_STRATEGY_LIST) {
        foreach(cell, bound->listdatums)
            if (!IsA(lfirst(cell), A_Const) || ((A_Const *)lfirst(cell))->isnull)
                return NULL;
        return lk_fmt(check->mem, "%s IS NOT NULL AND %s IN (%s)", column, column,
                      text_of(check, first.inside));
    }
    /* MINVALUE and MAXVALUE are columns to the grammar */
    if (bound->strategy != PARTITION_STRATEGY_RANGE || !is_value(bound->lowerdatums) ||
        !is_value(bound->upperdatums))
        return NULL;
    struct group second = next_group(check, first.behind);
    return lk_fmt(check->mem, "%s IS NOT NULL AND %s >= %s AND %s < %s", column, column,
                  text_of(check, first.inside), column, text_of(check, second.inside));
}

struct lk_bound_steps
lk_bound_steps(const struct lk_check *check)
{
    return (struct lk_bound_steps){lk_buf_init(check->mem), lk_buf_init(check->mem),
                                   lk_buf_init(check->mem)};
}

void
lk_bound_add(const struct lk_check *check, struct lk_bound_steps *steps, struct lk_qname table,
             const char *condition)
{
    char *sql = lk_qname_sql(check->mem, table);
    char *name = lk_quote_ident(check->mem, lk_made_name(check, table, "", "bound"));

    lk_buf_addf(&steps->add, "ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s) NOT VALID;\n", sql, name,
                condition);
    lk_buf_addf(&steps->validate, "ALTER TABLE %s VALIDATE CONSTRAINT %s;\n", sql, name);
    lk_buf_addf(&steps->drop, "ALTER TABLE %s DROP CONSTRAINT %s;\n", sql, name);
}

char *
lk_bound_advice(const struct lk_check *check, const struct lk_bound_steps *steps,
                const char *attach)
{
    return lk_fmt(
        check->mem,
        "%s-- in the next migration:\n%s-- and in the one after that:\n%s\n-- and then:\n%s",
        steps->add.data, steps->validate.data, attach,
        lk_wait_apart(check, lk_trimmed(lk_strdup(check->mem, steps->drop.data))));
}

char *
lk_partitions_text(const struct lk_check *check, const char *builds, const char *attach)
{
    if (builds[0] == '\0')
        return lk_strdup(check->mem,
                         "-- then build it concurrently on each partition, and attach it here");
    return lk_fmt(check->mem,
                  "-- then, each statement in a migration of its own:\n%s-- and then:\n%s", builds,
                  lk_wait_apart(check, lk_trimmed(lk_strdup(check->mem, attach))));
}
