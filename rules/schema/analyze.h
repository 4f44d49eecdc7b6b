/*
 * rules/schema/analyze.h
 *     What expressions and queries name, and which types they have.
 *
 * Names are resolved as the server does it, in the schema as it stands. What is not known stays
 * so: a type is unknown unless it is certain.
 */
#ifndef LK_RULES_SCHEMA_ANALYZE_H
#define LK_RULES_SCHEMA_ANALYZE_H

#include "rules/schema/catalog.h"

struct Node;

/* Where mentions go: a text, and where it starts in the text that node locations count in. */
struct lk_mentions {
    struct lk_text *text; /* NULL: mentions are not wanted */
    uint32_t start;
};

struct lk_typed {
    struct lk_type type;
    bool type_known;
    const char *collation; /* NULL: that of the type, or not known */
};

/*
 * lk_analyze_expression returns the type of an expression over the columns of a relation (NULL: of
 * none), and mentions in `mentions` the columns, functions, types, relations and operators of the
 * history that it names. `volatility` (may be NULL) becomes i, s or v, 0 where it is not known.
 */
struct lk_typed lk_analyze_expression(struct lk_catalog *catalog,
                                      const struct lk_relation *relation, struct Node *expression,
                                      struct lk_mentions mentions, char *volatility);

/*
 * lk_analyze_condition_of does so for what has to be true or false; `what` messages call it: WHERE.
 */
void lk_analyze_condition_of(struct lk_catalog *catalog, const struct lk_relation *relation,
                             struct Node *condition, struct lk_mentions mentions,
                             const char *what);

/*
 * lk_analyze_check does so for a CHECK of a domain over a type (NULL: it is not known), which VALUE
 * is of.
 */
struct lk_typed lk_analyze_check(struct lk_catalog *catalog, const struct lk_type *type,
                                 struct Node *expression, struct lk_mentions mentions);

/* A column of a query's result. */
struct lk_result_column {
    const char *name; /* lives as long as the catalog */
    struct lk_typed typed;
};

struct lk_result {
    LK_VEC(struct lk_result_column) columns;
    bool complete; /* there are no columns but these */
};

/* lk_analyze_query returns the columns of a query's result, and mentions what it names. */
struct lk_result lk_analyze_query(TALLOC_CTX *mem, struct lk_catalog *catalog, struct Node *query,
                                  struct lk_mentions mentions);

/*
 * lk_analyze_routine mentions what a statement of a routine's body names, where bare names may be
 * those of arguments.
 */
void lk_analyze_routine(struct lk_catalog *catalog, struct Node *statement,
                        struct lk_mentions mentions);

/*
 * lk_figured_name returns what the server calls the column that an expression makes where nobody
 * names it, NULL where the expression says nothing ("?column?" in a query, "expr" in an index). It
 * lives as long as the tree. Source: FigureColnameInternal(), src/backend/parser/parse_target.c.
 */
const char *lk_figured_name(const struct Node *expression);

/* lk_analyze_type mentions the type that a TypeName means, where the history defines it. */
void lk_analyze_type(struct lk_catalog *catalog, const struct TypeName *type,
                     struct lk_mentions mentions);

#endif
