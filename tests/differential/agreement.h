/*
 * tests/differential/agreement.h
 *     Whether real servers take the statements that our parser takes, and refuse the others.
 */
#ifndef LK_TESTS_DIFFERENTIAL_AGREEMENT_H
#define LK_TESTS_DIFFERENTIAL_AGREEMENT_H

#include <libpq-fe.h>

#include "applier/server.h"
#include "parser/base/vec.h"
#include "parser/script.h"

/* A folder of SQL files, and what its statements are called in the report. */
struct lk_inputs {
    const char *name;
    const char *folder;
};

/* How the statements of a source were judged. */
struct lk_tally {
    const char *source;
    size_t files;
    size_t statements;
    size_t taken;   /* by both */
    size_t refused; /* by both */
    size_t ours;    /* by the parser alone */
    size_t theirs;  /* by the server alone */
    size_t alarms;  /* by both, although rule unsupported-by-target says that the server does not */
};

/* A statement that only one of both takes. */
struct lk_disagreement {
    const char *file; /* below its source's folder, that in front */
    uint32_t line;
    bool ours;  /* the parser takes it */
    bool alarm; /* so does the server, but not if rule unsupported-by-target were right */
    const char *sqlstate;
    const char *message; /* of the one that refuses it; of an alarm: the rule's */
    const char *text;
    const char *reason; /* from features.def or reasons.def; NULL: nobody knows */
    int since;          /* the major from which on server and parser agree */
};

/* What a comparison with one server found. */
struct lk_agreement {
    const char *version; /* of the server */
    int major;
    LK_VEC(struct lk_tally) tallies;
    LK_VEC(struct lk_disagreement) disagreements;
};

/* lk_agreement_add compares the files below a folder, those of a folder in it as one source. */
void lk_agreement_add(TALLOC_CTX *mem, struct lk_agreement *agreement, PGconn *pg,
                      const struct lk_inputs *inputs);

/* lk_agreement_page returns the comparisons as a page of Markdown. */
char *lk_agreement_page(TALLOC_CTX *mem, const struct lk_agreement *agreements, size_t count);

#endif
