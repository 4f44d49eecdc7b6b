/*
 * parser/inset_sql.c
 *     What a source is once something stands for what is no SQL in it: see inset.h.
 */
#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "parser/source.h"

/* add_value adds what a variable or placeholder stands for, in the form it is asked for. */
static void
add_value(struct lk_buf *sql, const struct lk_inset *inset, const char *original)
{
    if (inset->value == NULL)
        lk_buf_addn(sql, original + inset->span.start, inset->span.end - inset->span.start);
    else if (inset->kind == LK_INSET_LITERAL)
        lk_buf_add(sql, lk_quote_literal(sql->mem, inset->value));
    else if (inset->kind == LK_INSET_NAME)
        lk_buf_add(sql, lk_quote_ident(sql->mem, inset->value));
    else
        lk_buf_add(sql, inset->value);
}

/* is_own returns whether a variable of psql stands for a name, or for more. */
static bool
is_own(const struct lk_inset *inset)
{
    return !inset->quoted && (inset->kind == LK_INSET_VARIABLE || inset->kind == LK_INSET_NAME);
}

/* put_in returns a part of a source with values put in: all of them, or those of `is_own`. */
static char *
put_in(TALLOC_CTX *mem, const struct lk_source *source, struct lk_span span, bool all)
{
    struct lk_buf sql = lk_buf_init(mem);
    uint32_t at = span.start;

    lk_vec_foreach(inset, &source->insets.items) {
        /* what stands in its place can be shorter: the statement ends before it does */
        if (inset->span.start < span.start || inset->span.start >= span.end)
            continue;
        lk_buf_addn(&sql, source->original + at, inset->span.start - at);
        if (!lk_inset_is_value(inset))
            lk_buf_addc(&sql, ' ');
        else if (all || is_own(inset))
            add_value(&sql, inset, source->original);
        else
            lk_buf_addn(&sql, source->original + inset->span.start,
                        inset->span.end - inset->span.start);
        at = inset->span.end;
    }
    if (at < span.end)
        lk_buf_addn(&sql, source->original + at, span.end - at);
    return sql.data;
}

char *
lk_source_sql(TALLOC_CTX *mem, const struct lk_source *source, struct lk_span span)
{
    return put_in(mem, source, span, true);
}

char *
lk_source_text(TALLOC_CTX *mem, const struct lk_source *source, struct lk_span span)
{
    return put_in(mem, source, span, false);
}

const struct lk_inset *
lk_source_data(const struct lk_source *source, uint32_t end)
{
    lk_vec_foreach(inset, &source->insets.items)
        if (inset->kind == LK_INSET_DATA && inset->owner >= end)
            return inset;
    return NULL;
}

bool
lk_source_is_open(const struct lk_source *source, struct lk_span span)
{
    span = lk_source_span(source, span);
    while (source->origin != NULL)
        source = source->origin;
    lk_vec_foreach(inset, &source->insets.items)
        if (lk_inset_is_value(inset) && inset->span.start < span.end &&
            inset->span.end > span.start)
            return true;
    return false;
}
