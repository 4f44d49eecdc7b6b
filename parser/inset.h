/*
 * parser/inset.h
 *     What stands in a file of SQL and is none: psql's commands and variables, the rows of COPY,
 *     the placeholders and templates of runners.
 *
 * Each is masked at the same length, so that every offset stays true: the text that is parsed has
 * white space or a name in its place, the original text is kept beside it.
 */
#ifndef LK_PARSER_INSET_H
#define LK_PARSER_INSET_H

#include "parser/base/vec.h"
#include "parser/span.h"

struct lk_source;

enum lk_inset_kind {
    LK_INSET_COMMAND,     /* \command ..., to the end of the line */
    LK_INSET_DATA,        /* the rows behind COPY ... FROM STDIN, their \. included */
    LK_INSET_SKIPPED,     /* what a condition (\if) rules out */
    LK_INSET_VARIABLE,    /* :name */
    LK_INSET_LITERAL,     /* :'name' */
    LK_INSET_NAME,        /* :"name" */
    LK_INSET_PLACEHOLDER, /* ${name} */
    LK_INSET_TEMPLATE,    /* {{ ... }} */
};

/* What a psql command does to the script. */
enum lk_psql_effect {
    LK_PSQL_NONE,
    LK_PSQL_SET,
    LK_PSQL_UNSET,
    LK_PSQL_SEND,
    LK_PSQL_JOIN,
    LK_PSQL_RUN,
    LK_PSQL_IF,
    LK_PSQL_ELIF,
    LK_PSQL_ELSE,
    LK_PSQL_ENDIF,
    LK_PSQL_INCLUDE,
    LK_PSQL_INCLUDE_RELATIVE,
    LK_PSQL_OTHER,
};

struct lk_psql_command {
    const char *name; /* without the backslash */
    enum lk_psql_effect effect;
    const char *why; /* it is not carried out; NULL: it is, or need not be, or that depends */
};

struct lk_inset {
    enum lk_inset_kind kind;
    struct lk_span span;
    const char *name;                      /* of the command, variable or placeholder */
    const struct lk_psql_command *command; /* of COMMAND; NULL: psql knows none of that name */
    const char *why;                       /* of COMMAND: why it is not carried out, or NULL */
    const char *value;                     /* what stands for it; NULL: not known */
    bool later;     /* without a value now, it gets one where the script is run */
    bool quoted;    /* inside a literal, a body or a delimited name: not masked */
    uint32_t owner; /* of DATA: where the semicolon of its COPY stands */
};

struct lk_insets {
    LK_VEC(struct lk_inset) items; /* in the order of the file */
};

/* The placeholders of Flyway that stand for what a connection knows. */
#define LK_PLACEHOLDERS_OF_DATABASE                                                                \
    {                                                                                              \
        "flyway:database", "flyway:defaultSchema", "flyway:user"                                   \
    }

/* lk_inset_is_value returns whether something stands for an inset when it is sent. */
static inline bool
lk_inset_is_value(const struct lk_inset *inset)
{
    return inset->kind != LK_INSET_COMMAND && inset->kind != LK_INSET_DATA &&
           inset->kind != LK_INSET_SKIPPED;
}

struct lk_value {
    const char *name;
    const char *value;
};

struct lk_values {
    LK_VEC(struct lk_value) items;
    bool in_bodies; /* the runner puts them in for :NAME inside the bodies of routines, too */
};

/*
 * lk_source_mask finds what is no SQL in a source, and masks it. `values` are those of variables
 * and placeholders from outside; `everywhere` says that the runner replaces ${name} inside
 * literals, too, and refuses those without a value (Flyway). A word that is reserved only after
 * `version`, the server's major one, is made a name: its last letter becomes an underscore.
 */
void lk_source_mask(struct lk_source *source, const struct lk_values *values, bool everywhere,
                    int version);

/*
 * lk_source_sql returns a part of a source as it is to be sent to the server: variables and
 * placeholders replaced by their values, commands by blanks.
 */
char *lk_source_sql(TALLOC_CTX *mem, const struct lk_source *source, struct lk_span span);

/*
 * lk_source_text returns a part of a source as it can be written elsewhere: psql's variables, which
 * are the script's own, replaced by their values, commands by blanks. What is quoted stays, as it
 * may be a password, and so does what a runner puts in.
 */
char *lk_source_text(TALLOC_CTX *mem, const struct lk_source *source, struct lk_span span);

/* lk_source_data returns the rows that belong to the COPY whose statement ends at `end`, or NULL.
 */
const struct lk_inset *lk_source_data(const struct lk_source *source, uint32_t end);

/* lk_source_is_open returns whether a part of a source holds something whose value is not known or
 * may be more than a name: what the grammar says of it is not the last word. */
bool lk_source_is_open(const struct lk_source *source, struct lk_span span);

#endif
