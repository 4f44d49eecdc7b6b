/*
 * rules/schema/text.c
 *     SQL with the names in it that mean objects: see text.h.
 */
#include "rules/schema/text.h"

#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "rules/schema/catalog.h"

struct lk_text *
lk_text_new(TALLOC_CTX *mem, const char *sql, struct lk_span span)
{
    size_t length = span.end - span.start;
    struct lk_text *text = lk_mem_check(talloc_size(mem, sizeof(*text) + length + 1));
    char *copy = (char *)(text + 1); /* behind it */

    memcpy(copy, sql + span.start, length);
    copy[length] = '\0';
    *text = (struct lk_text){.sql = copy};
    return text;
}

struct lk_text *
lk_text_plain(TALLOC_CTX *mem, const char *sql)
{
    return lk_text_new(mem, sql, (struct lk_span){0, (uint32_t)strlen(sql)});
}

void
lk_text_mention(struct lk_text *text, struct lk_mention mention)
{
    size_t at = text->mentions.count;

    mention.before = lk_strdup(text, mention.before);
    mention.behind = lk_strdup(text, mention.behind);
    while (at > 0 && text->mentions.items[at - 1].span.start > mention.span.start)
        at--;
    /* several things may be put in at one place; a word is replaced only once */
    if (at > 0 && mention.span.end > mention.span.start &&
        text->mentions.items[at - 1].span.end > mention.span.start)
        return;
    lk_vec_push(text, &text->mentions, mention);
    for (size_t i = text->mentions.count - 1; i > at; i--)
        text->mentions.items[i] = text->mentions.items[i - 1];
    text->mentions.items[at] = mention;
}

char *
lk_object_sql(TALLOC_CTX *mem, const struct lk_object *object, enum lk_mention_form form)
{
    const char *schema = form == LK_MENTION_QUALIFIED ? lk_object_schema(object) : NULL;

    if (object->class != LK_CLASS_OPERATOR)
        return lk_quote_qualified(mem, schema, object->name);
    /* operators are no identifiers */
    return schema != NULL ? lk_fmt(mem, "%s.%s", lk_quote_ident(mem, schema), object->name)
                          : lk_strdup(mem, object->name);
}

static void
add_mention(TALLOC_CTX *mem, struct lk_buf *buf, const struct lk_mention *mention)
{
    if (mention->before != NULL)
        lk_buf_add(buf, mention->before);
    if (mention->object != NULL)
        lk_buf_add(buf, lk_object_sql(mem, mention->object, mention->form));
    if (mention->behind == NULL)
        return;
    if (mention->form != LK_MENTION_OUTPUT)
        lk_buf_add(buf, mention->behind);
    else if (strcmp(mention->behind, mention->object->name) != 0)
        lk_buf_addf(buf, " AS %s", lk_quote_ident(mem, mention->behind));
}

char *
lk_text_sql(TALLOC_CTX *mem, const struct lk_text *text)
{
    struct lk_buf buf = lk_buf_init(mem);
    uint32_t at = 0;

    if (text == NULL)
        return NULL;
    lk_vec_foreach(mention, &text->mentions) {
        if (mention->form == LK_MENTION_SILENT)
            continue;
        lk_buf_addn(&buf, text->sql + at, mention->span.start - at);
        add_mention(mem, &buf, mention);
        at = mention->span.end;
    }
    lk_buf_add(&buf, text->sql + at);
    return buf.data;
}
