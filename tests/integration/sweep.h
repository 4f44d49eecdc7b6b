/*
 * tests/integration/sweep.h
 *     Exactly once: a fault at every message of a command, each followed by the command again,
 *     which has to leave what a run without a fault leaves.
 */
#ifndef LK_TESTS_INTEGRATION_SWEEP_H
#define LK_TESTS_INTEGRATION_SWEEP_H

#include "tests/integration/pgbouncer.h"
#include "tests/integration/proxy.h"

enum lk_fault {
    LK_FAULT_CUT,    /* the connections are cut */
    LK_FAULT_KILL,   /* the client is killed, by SIGKILL */
    LK_FAULT_CRASH,  /* the server is stopped by -m immediate, and started again at once */
    LK_FAULT_OUTAGE, /* the same, but it is away for longer than the client has patience */
    LK_FAULT_POOLER, /* the pooler is killed, by SIGKILL, and started again at once */
    LK_FAULT_RIVAL,  /* none at all: another run is started, and has to wait, or comes first */
    LK_FAULT_COUNT
};

struct lk_sweep {
    const struct lk_site *site;
    const char *words;                           /* the command */
    const char *state;                           /* a query for all that has to be the same */
    void (*prepare)(const struct lk_site *site); /* before each run */
    const char *config;                          /* lockkeeper.yml; NULL: as it lies there */
    const char *pooling;                         /* settings of the pooler between; NULL: none */
    /* made by lk_sweep_start: */
    struct lk_proxy *proxy;
    struct lk_pgbouncer pooler;
    struct lk_process rival;
    char *url;         /* through the proxy */
    char *wanted;      /* the state after a run without a fault */
    unsigned messages; /* that such a run sends */
    /* counted by lk_sweep_run: */
    unsigned points;  /* faults that happened */
    unsigned further; /* after which the run ended early, and the next one completed it */
};

/* lk_sweep_start runs the command without a fault, and notes what that leaves. */
void lk_sweep_start(struct lk_sweep *sweep);

/* lk_sweep_run tries the fault at one place of every `stride`th message. */
void lk_sweep_run(struct lk_sweep *sweep, enum lk_fault fault, enum lk_cut where, unsigned stride);

/* lk_sweep_clean empties the database, and prepares it for a run. */
void lk_sweep_clean(struct lk_sweep *sweep);

/* lk_sweep_check runs the command again, which has to complete the history, exactly once; `where`
 * says what has been before. */
void lk_sweep_check(struct lk_sweep *sweep, const char *where);

/* lk_sweep_end stops what lk_sweep_start started. */
void lk_sweep_end(struct lk_sweep *sweep);

/* lk_sweep_stride returns LK_FAULT_STRIDE of the environment, or `usual`. */
unsigned lk_sweep_stride(unsigned usual);

#endif
