/*
 * rules/effects/effects.h
 *     What a statement costs: which relations it locks and how, what it rewrites and reads.
 */
#ifndef LK_RULES_EFFECTS_EFFECTS_H
#define LK_RULES_EFFECTS_EFFECTS_H

#include "parser/tree_names.h"
#include "rules/schema/catalog.h"

struct AlterTableCmd;
struct AlterTableStmt;
struct FuncCall;
struct Node;

enum lk_lock_mode {
#define LK_LOCK_MODE(name, spelling, blocks) LK_LOCK_##name,
#include "rules/effects/lock_modes.def"
#undef LK_LOCK_MODE
    LK_LOCK_COUNT
};

struct lk_lock {
    const char *relation; /* qualified and quoted */
    enum lk_lock_mode mode;
    bool is_new; /* nobody can be using it: born in this migration or one that is pending too */
    const struct lk_relation *known; /* in the catalog; NULL: not there, or effects were merged */
};

/* What takes time in proportion to a relation's size, and why it is done. */
struct lk_pass {
    const char *relation; /* qualified and quoted */
    const char *why;      /* in words: "CHECK users_age_check is verified" */
};

/* Why a relation is read where it becomes a partition and lacks an index of the table. */
#define LK_WHY_INDEX_LIKE "the table has an index like it"

/* An index that is built, apart from those of relations that are rewritten. */
struct lk_build {
    const char *relation; /* what it is of */
    const char *index;    /* qualified and quoted; NULL: the server chooses its name */
    const char *why;
};

/*
 * What other sessions cannot do with a relation while a statement holds its locks. An index that is
 * held ACCESS EXCLUSIVE blocks plain reads of its table, whatever is held on that: the planner
 * opens every index. Source: get_relation_info(), src/backend/optimizer/util/plancat.c.
 */
struct lk_blocked {
    const char *relation;
    const char *index; /* for which reads wait although the table's own lock would let them; NULL */
    bool reads;
    bool writes;
    bool changes; /* other DDL, VACUUM */
};

struct lk_effects {
    LK_VEC(struct lk_lock) locks; /* strongest per relation, in the order they are taken */
    /* and what is locked, or locked more strongly, if rows or conditions are so: the partitions
     * that rows belong to, what a trigger's function writes in one of its branches */
    LK_VEC(struct lk_lock) may_lock;
    LK_VEC(struct lk_blocked) blocked; /* what they come to; not indexes, not what is new */
    LK_VEC(struct lk_pass) rewrites;   /* relations whose file is written anew, and all indexes */
    LK_VEC(struct lk_pass) scans;      /* relations read from end to end */
    LK_VEC(struct lk_build) builds;
    bool refuses_transaction; /* SQLSTATE 25001 inside a transaction block */
    bool concurrently;        /* one of the CONCURRENTLY forms among those */
    bool validates;           /* ALTER TABLE that does nothing but VALIDATE CONSTRAINT */
    /* what the CONCURRENTLY forms work on, qualified; or NULL */
    const char *indexed_table; /* for which CREATE INDEX builds one */
    const char *created_index; /* its name; NULL: chosen by the server */
    const char *dropped_index; /* that DROP INDEX drops */
    const char *detached;      /* the partition that ALTER TABLE detaches */
};

/*
 * lk_effects_of returns the effects of a raw statement on a database that looks like `catalog`.
 * Strings live in `mem`.
 */
struct lk_effects lk_effects_of(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                                const struct Node *tree);

/* lk_effects_apart is lk_effects_of without what the routines `apart` (NULL: none) do. */
struct lk_effects lk_effects_apart(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                                   const struct Node *tree, const struct lk_routines *apart);

/*
 * lk_effects_merge adds what a statement in a body locks, rewrites and scans to the effects of the
 * statement whose body it is.
 */
void lk_effects_merge(TALLOC_CTX *mem, struct lk_effects *effects, const struct lk_effects *from);

/*
 * lk_refuses_transaction returns whether the server refuses the statement in a transaction block.
 * Source: the callers of PreventInTransactionBlock() in PostgreSQL 15 and 18.
 */
bool lk_refuses_transaction(const struct lk_catalog *catalog, const struct Node *tree);

/*
 * lk_is_concurrently returns whether it is one of the CONCURRENTLY forms among those; REFRESH
 * MATERIALIZED VIEW CONCURRENTLY is not, which transactions allow.
 */
bool lk_is_concurrently(const struct Node *tree);

/* lk_lock_name returns the mode as pg_locks spells it; lk_lock_sql as the documentation does. */
const char *lk_lock_name(enum lk_lock_mode mode);
const char *lk_lock_sql(enum lk_lock_mode mode);

/* lk_lock_blocks returns what other sessions cannot do meanwhile: "reads and writes". */
const char *lk_lock_blocks(enum lk_lock_mode mode);

/* lk_lock_is_strong returns whether the mode keeps ordinary writes out. */
bool lk_lock_is_strong(enum lk_lock_mode mode);

/* What ALTER COLUMN TYPE does to the table. */
enum lk_type_change {
    LK_TYPE_CHANGE_FREE,    /* the catalog only */
    LK_TYPE_CHANGE_REWRITE, /* every row is written anew, every index rebuilt */
    LK_TYPE_CHANGE_UNKNOWN, /* the present type is not known */
};

/*
 * lk_type_change_of returns what changing a column from `from` (NULL: not known) to `to` does.
 * `utc` says whether the session's time zone is UTC.
 * Source: ATColumnChangeRequiresRewrite(), and measured on 15 and 18.
 */
enum lk_type_change lk_type_change_of(const struct lk_catalog *catalog, const struct lk_type *from,
                                      const struct lk_type *to, bool utc);

/* lk_calls_volatile returns whether a call is of a function that is known to be VOLATILE. */
bool lk_calls_volatile(const struct lk_catalog *catalog, const struct FuncCall *call);

/*
 * lk_sure_calls returns the calls that a statement makes whatever the conditions are, as long as
 * there are rows at all: SELECT, CALL, INSERT, UPDATE of all rows, COPY of a query and CREATE TABLE
 * AS, and what their WITH clauses do.
 */
void lk_sure_calls(TALLOC_CTX *mem, const struct Node *tree, struct lk_tree_calls *ret);

/* lk_called_routine returns the only routine of the history that a call can mean, or NULL. */
const struct lk_function *lk_called_routine(const struct lk_catalog *catalog,
                                            const struct FuncCall *call);

/* lk_calls_routine returns whether a statement calls a VOLATILE function of the history's own. */
bool lk_calls_routine(const struct lk_catalog *catalog, const struct Node *tree);

/* lk_type_is_constrained returns whether it is a domain that is known to have constraints. */
bool lk_type_is_constrained(const struct lk_catalog *catalog, const struct lk_type *type);

/*
 * lk_alter_keeps_value returns whether ALTER COLUMN TYPE takes values over as they are: it has no
 * USING, or one that is the column itself, cast to the new type or not.
 */
bool lk_alter_keeps_value(const struct AlterTableCmd *command, const struct lk_type *to);

/* What ALTER COLUMN TYPE does even where it rewrites nothing. */
struct lk_type_work {
    LK_VEC(const struct lk_relation *) indexes;  /* that are built anew */
    LK_VEC(const struct lk_relation *) resorted; /* those that are for a new collation */
    const struct lk_constraint *check;           /* that every row is checked against, or NULL */
};

/*
 * lk_type_work_of returns what of `table` has to be done again for a column whose type changes to
 * `to`, without the constraints that the same ALTER TABLE drops.
 * Source: ATPostAlterTypeCleanup(), CheckIndexCompatible(), and measured on 15 and 18.
 */
struct lk_type_work lk_type_work_of(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                                    const struct lk_relation *table, const struct lk_column *column,
                                    const struct lk_type *to, const struct AlterTableStmt *stmt,
                                    const struct AlterTableCmd *command);

/* lk_alter_drops returns whether ALTER TABLE drops the constraint: before it does anything else. */
bool lk_alter_drops(const struct AlterTableStmt *stmt, const char *constraint);

/*
 * lk_alter_proves_not_null returns whether the server knows without reading `table` that a column
 * holds no NULL: it is NOT NULL, or a valid CHECK that the statement does not drop says so.
 */
bool lk_alter_proves_not_null(const struct AlterTableStmt *stmt, const struct lk_relation *table,
                              const char *column);

/*
 * lk_alter_skips returns whether the subcommand is ADD COLUMN IF NOT EXISTS of a column that is
 * there: the server skips its whole definition, constraints and all.
 */
bool lk_alter_skips(const struct lk_catalog *catalog, const struct AlterTableStmt *stmt,
                    const struct AlterTableCmd *command);

#endif
