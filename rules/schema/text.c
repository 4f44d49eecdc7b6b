/*
 * rules/schema/text.c
 *     SQL with the names in it that mean objects: see text.h.
 */
#include "rules/schema/text.h"

#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "rules/schema/object.h"

struct lk_text *
lk_text_new(TALLOC_CTX *mem, const char *sql, struct lk_span span)
{
    struct lk_text *text = lk_new(mem, struct lk_text);

    text->sql = lk_strndup(text, sql + span.start, span.end - span.start);
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

/* schema_of returns the schema that an object's name is qualified with, or NULL. */
static const char *
schema_of(const struct lk_object *object)
{
    switch (object->class) {
    case LK_CLASS_RELATION: {
        const struct lk_relation *relation = (const struct lk_relation *)object;
        return relation->temporary ? NULL : relation->schema;
    }
    case LK_CLASS_TYPE:
        return ((const struct lk_defined_type *)object)->schema;
    case LK_CLASS_FUNCTION:
        return ((const struct lk_function *)object)->schema;
    case LK_CLASS_OPERATOR:
    case LK_CLASS_OPERATOR_CLASS:
    case LK_CLASS_OPERATOR_FAMILY:
    case LK_CLASS_COLLATION:
    case LK_CLASS_CONVERSION:
    case LK_CLASS_STATISTICS:
    case LK_CLASS_TS_CONFIGURATION:
    case LK_CLASS_TS_DICTIONARY:
    case LK_CLASS_TS_PARSER:
    case LK_CLASS_TS_TEMPLATE:
        return ((const struct lk_named *)object)->schema;
    default:
        return NULL;
    }
}

char *
lk_object_sql(TALLOC_CTX *mem, const struct lk_object *object, enum lk_mention_form form)
{
    const char *schema = form == LK_MENTION_QUALIFIED ? schema_of(object) : NULL;
    /* operators are no identifiers */
    char *name = object->class == LK_CLASS_OPERATOR ? lk_strdup(mem, object->name)
                                                    : lk_quote_ident(mem, object->name);

    return schema != NULL ? lk_fmt(mem, "%s.%s", lk_quote_ident(mem, schema), name) : name;
}

char *
lk_text_sql(TALLOC_CTX *mem, const struct lk_text *text)
{
    struct lk_buf buf = lk_buf_init(mem);
    uint32_t at = 0;

    if (text == NULL)
        return NULL;
    lk_vec_foreach(mention, &text->mentions) {
        lk_buf_addn(&buf, text->sql + at, mention->span.start - at);
        if (mention->before != NULL)
            lk_buf_add(&buf, mention->before);
        if (mention->object != NULL)
            lk_buf_add(&buf, lk_object_sql(mem, mention->object, mention->form));
        if (mention->behind != NULL)
            lk_buf_add(&buf, mention->behind);
        at = mention->span.end;
    }
    lk_buf_add(&buf, text->sql + at);
    return buf.data;
}
