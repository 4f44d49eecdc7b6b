/*
 * parser/directive.h
 *     What comments say to the tool: suppressions of findings, and how to run a migration.
 */
#ifndef LK_PARSER_DIRECTIVE_H
#define LK_PARSER_DIRECTIVE_H

#include "parser/script.h"

enum lk_directive_kind {
    LK_DIRECTIVE_IGNORE,          /* these rules, for one statement */
    LK_DIRECTIVE_IGNORE_FILE,     /* these rules, for the file */
    LK_DIRECTIVE_TRANSACTION_OFF, /* run outside a transaction */
    LK_DIRECTIVE_LOCK_TIMEOUT,    /* of a statement, or of the file when it stands on top */
    LK_DIRECTIVE_STATEMENT_TIMEOUT,
    LK_DIRECTIVE_UNKNOWN, /* addressed to us, but not understood */
};

struct lk_directive_name {
    const char *text;    /* as written */
    struct lk_span span; /* of it, in the text that the comment's is of */
    bool used;           /* it did suppress something; for whoever applies the directive */
};

struct lk_directive {
    enum lk_directive_kind kind;
    const char *tool;    /* who the words are of: "lockkeeper", "squawk", "atlas" */
    struct lk_span span; /* of the comment */
    const char *path;    /* of the file that it stands in; alive as long as the source */
    uint32_t at;         /* and where there */
    uint32_t target;     /* where its statement starts; UINT32_MAX: none follows, or the file */
    LK_VEC(struct lk_directive_name) names; /* the rules; empty: all of them */
    const char *reason;                     /* NULL: none given */
    const char *value;                      /* of a timeout; of UNKNOWN, what was written */
    bool used;                              /* an ignore without names did suppress something */
};

struct lk_directives {
    LK_VEC(struct lk_directive) items; /* in the order of the file, those in bodies last */
};

/*
 * lk_directives_read returns the directives in a script's comments, attached to its statements: a
 * comment on the line where a statement ends belongs to that one, one inside a statement to it,
 * any other to the statement that follows. In the body of a DO block suppressions are read, which
 * belong to the statements there in the same way.
 */
struct lk_directives lk_directives_read(TALLOC_CTX *mem, struct lk_script *script);

/*
 * lk_directives_timeout returns whether a comment of that kind says how long a statement may wait
 * for its locks, or take: one at the statement, or one on top of the file. 0 ms: without end.
 */
bool lk_directives_timeout(const struct lk_directives *directives, enum lk_directive_kind kind,
                           const struct lk_script *script, const struct lk_statement *statement,
                           int64_t *ret_ms);

#endif
