/*
 * rules/schema/predicate.h
 *     What a CHECK, or the bounds of a partition, say about single columns: enough of it to tell
 * that one of them follows from the other, as the server does before it reads a table.
 */
#ifndef LK_RULES_SCHEMA_PREDICATE_H
#define LK_RULES_SCHEMA_PREDICATE_H

#include "parser/base/vec.h"

struct Node;
struct PartitionBoundSpec;
struct lk_constraint;
struct lk_relation;

enum lk_predicate_kind {
    LK_PREDICATE_OTHER, /* whatever: nothing follows from it, and it follows from nothing */
    LK_PREDICATE_AND,
    LK_PREDICATE_OR,
    LK_PREDICATE_NULL,     /* the column is NULL */
    LK_PREDICATE_NOT_NULL, /* it is not */
    LK_PREDICATE_LESS,
    LK_PREDICATE_LESS_EQUAL,
    LK_PREDICATE_EQUAL,
    LK_PREDICATE_NOT_EQUAL,
    LK_PREDICATE_GREATER_EQUAL,
    LK_PREDICATE_GREATER,
};

struct lk_predicate {
    enum lk_predicate_kind kind;
    LK_VEC(struct lk_predicate *) args; /* of AND and OR */
    const char *column;
    const char *text; /* what it is compared with: a string, or NULL */
    int64_t number;   /* or an integer */
};

/* lk_predicate_of_check returns what a CHECK says. */
struct lk_predicate *lk_predicate_of_check(TALLOC_CTX *mem, const struct lk_constraint *check);

/* lk_predicate_of_condition returns what a condition says, lk_predicate_of_value that a column has
 * a value. */
struct lk_predicate *lk_predicate_of_condition(TALLOC_CTX *mem, const struct Node *condition);
struct lk_predicate *lk_predicate_of_value(TALLOC_CTX *mem, const char *column,
                                           const struct Node *value);

/*
 * lk_predicate_of_bound returns what bounds say about the rows of a partition of `table`; nothing
 * is told of DEFAULT and HASH, and of keys other than a single column.
 * Source: get_qual_from_partbound(), src/backend/partitioning/partbounds.c.
 */
struct lk_predicate *lk_predicate_of_bound(TALLOC_CTX *mem, const struct lk_relation *table,
                                           const struct PartitionBoundSpec *bound);

/* lk_predicate_of_partition does so for a partition that is there. */
struct lk_predicate *lk_predicate_of_partition(TALLOC_CTX *mem, const struct lk_relation *part);

/* lk_predicate_not returns the opposite. */
struct lk_predicate *lk_predicate_not(TALLOC_CTX *mem, const struct lk_predicate *predicate);

/*
 * lk_predicate_implies returns whether the server can tell that what satisfies all of `given`
 * satisfies `wanted`. `dated` says of a column whether it holds dates or times, of which strings
 * written YYYY-MM-DD are compared; of other strings only equality is known.
 * Source: predicate_implied_by(), src/backend/optimizer/util/predtest.c.
 */
bool lk_predicate_implies(const struct lk_predicate *const *given, size_t count,
                          const struct lk_predicate *wanted,
                          bool (*dated)(const char *column, const void *data), const void *data);

/* lk_holds_dates returns whether a column of a relation, `data`, holds dates or times. */
bool lk_holds_dates(const char *column, const void *data);

/*
 * lk_relation_proves returns whether the valid CHECKs and NOT NULLs of a relation say what is
 * wanted. Source: PartConstraintImpliedByRelConstraint(), src/backend/commands/tablecmds.c.
 */
bool lk_relation_proves(TALLOC_CTX *mem, const struct lk_relation *relation,
                        const struct lk_predicate *wanted);

#endif
