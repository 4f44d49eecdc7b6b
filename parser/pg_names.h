/*
 * parser/pg_names.h
 *     Names in parse trees, written as SQL.
 */
#ifndef LK_PARSER_PG_NAMES_H
#define LK_PARSER_PG_NAMES_H

#include "parser/base/mem.h"
#include "parser/pg_nodes.h"

/* A possibly qualified name, not quoted; strings belong to the tree. */
struct lk_qname {
    const char *schema; /* NULL: not qualified */
    const char *name;
};

/* lk_qname_of_list returns the last two words of a list of String nodes. */
struct lk_qname lk_qname_of_list(const List *words);

/* lk_qname_of_first does so for the first `count` words: "t" of "t.column". */
struct lk_qname lk_qname_of_first(const List *words, int count);

/* lk_qname_of_range returns the name of a RangeVar. */
struct lk_qname lk_qname_of_range(const RangeVar *range);

/* lk_qname_sql returns the name quoted as needed: schema."Name". */
char *lk_qname_sql(TALLOC_CTX *mem, struct lk_qname name);

/* lk_range_sql returns the name of a RangeVar quoted as needed. */
char *lk_range_sql(TALLOC_CTX *mem, const RangeVar *range);

/* lk_name_cut returns how many of the first `wanted` bytes of a name end on a character's border.
 */
size_t lk_name_cut(const char *name, size_t wanted);

#define LK_NAME_SIZE 64 /* NAMEDATALEN */

/*
 * lk_object_name writes name1[_name2][_label] to `ret` and returns it, cut to 63 bytes as the
 * server does: the longer one of the two names gives way. name2 and label may be NULL. From the
 * second try on (`pass` 1) the label has its number behind it.
 * Source: makeObjectName() and ChooseRelationName(), src/backend/commands/indexcmds.c.
 */
char *lk_object_name(char ret[LK_NAME_SIZE], const char *name1, const char *name2,
                     const char *label, unsigned pass);

/* lk_columns_sql returns a list of String nodes quoted and joined by ", ". */
char *lk_columns_sql(TALLOC_CTX *mem, const List *names);

#endif
