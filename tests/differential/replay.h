/*
 * tests/differential/replay.h
 *     The replayed schema against the catalogs of real servers.
 */
#ifndef LK_TESTS_DIFFERENTIAL_REPLAY_H
#define LK_TESTS_DIFFERENTIAL_REPLAY_H

#include <libpq-fe.h>

#include "applier/server.h"
#include "parser/base/vec.h"
#include "rules/schema/listing.h"

/* How the rows of one kind compare. */
struct lk_kind_score {
    const char *kind;
    size_t equal;
    size_t unknown;
    size_t different;
};

struct lk_difference {
    const char *place;            /* the migration after which it was seen first */
    struct lk_row server, replay; /* kind NULL: not there */
};

struct lk_differences {
    LK_VEC(struct lk_difference) items;
};

/* What was foreseen of statements that are refused with one SQLSTATE. */
struct lk_verdict_score {
    const char *sqlstate;
    size_t refused;  /* by the server, with it */
    size_t foreseen; /* of these: the replay says so, with it */
    size_t other;    /* of these: the replay says so, with another one */
    size_t wrong;    /* the replay says so, and the server takes it or has another one */
};

/* What became of the schema as SQL. */
struct lk_printed {
    size_t statements;
    size_t refused; /* by the server that loads it */
    size_t equal;   /* rows of its catalog that are those of the migrations' */
    size_t different;
    size_t lines;               /* of pg_dump that differ; SIZE_MAX: it cannot dump this server */
    LK_VEC(const char *) notes; /* what differs, for people */
};

/* How a schema compares with the same one that was replayed from its own SQL. */
struct lk_again {
    size_t equal;
    size_t different;
    LK_VEC(const char *) notes;
};

/* What comparing a folder with one server found. */
struct lk_replayed {
    const char *name;
    const char *version;
    bool scripts; /* PostgreSQL's own, each by itself, and no history */
    size_t migrations;
    size_t statements;
    size_t refused; /* by the server: they were left out */
    size_t judged;  /* those that were not just skipped in a failed transaction */
    LK_VEC(struct lk_kind_score) kinds;
    struct lk_differences differences;
    struct lk_differences unknowns; /* what the replay does not know */
    LK_VEC(struct lk_verdict_score) verdicts;
    struct lk_printed printed;
    struct lk_again again;  /* the schema as SQL, replayed */
    struct lk_again halves; /* the same in the middle, and the second half of the migrations */
};

/* lk_is_by_schema returns whether a SQLSTATE says that names, kinds and types do not fit. */
bool lk_is_by_schema(const char *sqlstate);

/* lk_rows_of_server lists what a server's database holds, but for what extensions brought. */
void lk_rows_of_server(TALLOC_CTX *mem, PGconn *pg, struct lk_rows *ret);

/* lk_rows_score adds how two listings compare to the scores. */
void lk_rows_score(TALLOC_CTX *mem, const struct lk_rows *server, const struct lk_rows *replay,
                   const char *place, struct lk_replayed *ret);

/* lk_replay_folder carries the migrations of a folder out, here and there. */
void lk_replay_folder(TALLOC_CTX *mem, const struct lk_server *server, const char *folder,
                      struct lk_replayed *ret);

/*
 * lk_print_compare loads the schema as SQL into a database of its own, and compares that with the
 * one that the migrations were carried out in.
 */
void lk_print_compare(TALLOC_CTX *mem, const struct lk_server *server,
                      const struct lk_catalog *catalog, const struct lk_rows *migrated,
                      struct lk_printed *ret);

/* lk_replay_again returns the catalog that the schema as SQL makes. */
struct lk_catalog *lk_replay_again(TALLOC_CTX *mem, const struct lk_catalog *catalog);

/* lk_again_compare adds how two catalogs compare that should be the same. */
void lk_again_compare(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                      const struct lk_catalog *again, const char *what, struct lk_again *ret);

/* lk_replay_page returns the page of Markdown on the comparisons. */
char *lk_replay_page(TALLOC_CTX *mem, const struct lk_replayed *all, size_t count);

#endif
