/*
 * parser/fragment.h
 *     SQL inside string constants: what they say, and where in the file each byte of it stands.
 */
#ifndef LK_PARSER_FRAGMENT_H
#define LK_PARSER_FRAGMENT_H

#include "parser/base/buf.h"
#include "parser/source.h"

/*
 * A text as a part of a source: of the file where its bytes stand there as they are, else of a
 * source that was decoded from it.
 */
struct lk_fragment {
    struct lk_source *source;
    struct lk_span span;
};

/* A text being put together from string constants. */
struct lk_assembly {
    struct lk_source *origin;
    struct lk_buf text;
    struct lk_stretches stretches;
};

/* lk_assembly_start returns an empty text; what it is made of stands in `origin`. */
struct lk_assembly lk_assembly_start(TALLOC_CTX *mem, struct lk_source *origin);

/*
 * lk_assembly_add adds the string constant at offset `at`, of any quoting, and returns whether its
 * text is `text`, which is what the grammar read there: where it is not, nothing is added.
 */
bool lk_assembly_add(struct lk_assembly *assembly, uint32_t at, const char *text);

/* lk_assembly_add_made adds a text that stands for `span` of the origin. */
void lk_assembly_add_made(struct lk_assembly *assembly, const char *text, struct lk_span span);

/* lk_assembly_span returns what all of it stands for in the origin, from the first byte on. */
struct lk_span lk_assembly_span(const struct lk_assembly *assembly);

/* lk_assembly_add_part adds bytes of another assembly of the same origin. */
void lk_assembly_add_part(struct lk_assembly *assembly, const struct lk_assembly *from,
                          struct lk_span span);

/* lk_assembly_end returns the text; it lives as long as the assembly's memory. */
struct lk_fragment lk_assembly_end(struct lk_assembly *assembly);

#endif
