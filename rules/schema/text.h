/*
 * rules/schema/text.h
 *     SQL as its author wrote it, with the names in it that mean objects of the catalog.
 *
 * The server keeps expressions and queries as trees that point to objects, so that RENAME does not
 * break them. Here the text is kept, and where in it which object is named: written out again, it
 * has the names that the objects have by then, qualified.
 */
#ifndef LK_RULES_SCHEMA_TEXT_H
#define LK_RULES_SCHEMA_TEXT_H

#include "parser/base/vec.h"
#include "parser/span.h"

struct lk_object;

/* How an object is written. */
enum lk_mention_form {
    LK_MENTION_QUALIFIED, /* schema.name; a temporary relation without its schema */
    LK_MENTION_NAME,      /* the name alone: columns, constraints */
    LK_MENTION_OUTPUT,    /* the name alone, with AS `behind` once that is another name */
    LK_MENTION_SILENT,    /* not at all: the text means it without a word */
};

struct lk_mention {
    struct lk_span span;      /* in the text; empty: something to be put in */
    const char *before;       /* what stands in front of it: "t." of an expanded `*`; or NULL */
    const char *behind;       /* what stands behind it: " AS id"; or NULL */
    struct lk_object *object; /* NULL: `before` and `behind` alone */
    enum lk_mention_form form;
};

struct lk_text {
    const char *sql;
    LK_VEC(struct lk_mention) mentions; /* by span, none overlaps another */
};

/* lk_text_new returns a copy of a span of a text that mentions nothing yet. */
struct lk_text *lk_text_new(TALLOC_CTX *mem, const char *sql, struct lk_span span);

/* lk_text_plain returns a text of its own that mentions nothing. */
struct lk_text *lk_text_plain(TALLOC_CTX *mem, const char *sql);

/* lk_text_mention adds a mention, in whatever order; a second one of the same span is left out. */
void lk_text_mention(struct lk_text *text, struct lk_mention mention);

/* lk_text_sql returns the text with the names that its objects have now; NULL for NULL. */
char *lk_text_sql(TALLOC_CTX *mem, const struct lk_text *text);

/* lk_object_sql returns an object's name as a text writes it, quoted as needed. */
char *lk_object_sql(TALLOC_CTX *mem, const struct lk_object *object, enum lk_mention_form form);

#endif
