/*
 * rules/outline.h
 *     How a migration falls into transactions.
 */
#ifndef LK_RULES_OUTLINE_H
#define LK_RULES_OUTLINE_H

#include "parser/directive.h"
#include "parser/naming.h"
#include "parser/script.h"
#include "rules/schema/catalog.h"

/* How the applier carries a migration out. */
enum lk_mode {
    LK_MODE_TRANSACTIONAL, /* all of it in one transaction, the history row included */
    LK_MODE_SEGMENTED,     /* transactions and single statements in turn, journalled */
    LK_MODE_AUTOCOMMIT,    /* every statement on its own, journalled */
};

/* What a statement is to transactions. */
enum lk_control {
    LK_CONTROL_NONE,
    LK_CONTROL_BEGIN,
    LK_CONTROL_COMMIT,
    LK_CONTROL_ROLLBACK,
    LK_CONTROL_SAVEPOINT, /* SAVEPOINT, RELEASE, ROLLBACK TO */
};

struct lk_step {
    enum lk_control control;
    bool chain;     /* COMMIT or ROLLBACK AND CHAIN: the next transaction begins at once */
    bool broken;    /* no tree */
    bool refuses;   /* not possible in a transaction block */
    bool setting;   /* SET and the like: at home in both kinds */
    bool sets;      /* something for longer than the transaction: see lk_set_of */
    bool opening;   /* SET TRANSACTION: refused behind the transaction's first query */
    bool prepares;  /* PREPARE TRANSACTION */
    bool read_only; /* BEGIN READ ONLY */
    bool options;   /* BEGIN with what a transaction is to be like: ISOLATION LEVEL and the like */
    bool block;     /* inside the file's own BEGIN ... COMMIT, its ends included */
};

struct lk_outline {
    enum lk_mode mode;
    LK_VEC(struct lk_step) steps; /* one per statement */
    bool own_blocks;              /* the file says BEGIN or COMMIT itself */
    bool whole_block;             /* BEGIN first, COMMIT last, nothing outside */
    bool transaction_off;         /* the file asks to be run outside a transaction */
    bool runner_block;            /* its own runner puts a transaction around it */
    bool one_message;             /* its own runner sends it as one simple query */
    size_t refusing;              /* statements outside blocks that refuse a transaction */
    size_t ordinary;              /* those outside blocks that do not */
};

/*
 * lk_outline_of returns the outline of a script. All its statements are parsed by that; `naming`
 * may be NULL.
 */
struct lk_outline lk_outline_of(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                                struct lk_script *script, const struct lk_naming *naming,
                                const struct lk_parts *parts,
                                const struct lk_directives *directives);

/* lk_mode_name returns "transactional", "segmented" or "autocommit". */
const char *lk_mode_name(enum lk_mode mode);

#endif
