/*
 * rules/schema/listing.h
 *     A schema as rows, in the words that applier/sql/listing.sql has for a server's catalog, and
 * how two such listings compare.
 */
#ifndef LK_RULES_SCHEMA_LISTING_H
#define LK_RULES_SCHEMA_LISTING_H

#include "rules/schema/catalog.h"

/* One thing that is true of an object. */
struct lk_row {
    const char *kind;
    const char *identity;
    const char *property;
    const char *value; /* "?": the replay does not know */
};

/*
 * The kind of what the server makes of a foreign key for each partition of what that references.
 * Its name is the server's choice, and another one where the schema is made anew from SQL.
 */
#define LK_DERIVED_CONSTRAINT "derived constraint"

struct lk_row_names {
    LK_VEC(const char *) items; /* identities */
};

struct lk_rows {
    LK_VEC(struct lk_row) items;  /* sorted */
    struct lk_row_names vague;    /* relations and schemas that may hold more than what is known */
    struct lk_row_names doubtful; /* objects that need not be there, or not as they are known */
    bool doubted; /* something was carried out that may have made, granted or owned anything */
};

/* lk_rows_of_catalog lists a replayed schema; strings live in `mem`. */
void lk_rows_of_catalog(TALLOC_CTX *mem, const struct lk_catalog *catalog, struct lk_rows *ret);

/* lk_rows_sort makes rows ready to be compared. */
void lk_rows_sort(TALLOC_CTX *mem, struct lk_rows *rows);

/* lk_row_order returns how two rows are sorted; 0: they are about the same. */
int lk_row_order(const struct lk_row *a, const struct lk_row *b);

enum lk_row_match {
    LK_ROW_EQUAL,
    LK_ROW_UNKNOWN, /* the replay does not know */
    LK_ROW_DIFFERENT,
};

/*
 * lk_rows_compare calls `visit` for each thing that is true on a server, or in the replay (one of
 * both may be NULL), in their order.
 */
void lk_rows_compare(const struct lk_rows *server, const struct lk_rows *replay,
                     void (*visit)(void *data, const struct lk_row *server,
                                   const struct lk_row *replay, enum lk_row_match match),
                     void *data);

#endif
