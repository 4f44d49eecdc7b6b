/*
 * tests/integration/site.h
 *     Where an integration test works: a server for the whole program, and for each test a folder
 *     with migrations and a database of its own.
 */
#ifndef LK_TESTS_INTEGRATION_SITE_H
#define LK_TESTS_INTEGRATION_SITE_H

#include <libpq-fe.h>

#include "applier/server.h"
#include "tests/support/process.h"

struct lk_site {
    TALLOC_CTX *mem;
    const struct lk_server *server;
    char *dir;      /* the working folder; migrations lie in dir/migrations */
    char *database; /* its name */
    char *url;      /* what lockkeeper is given with --url */
    PGconn *pg;     /* a superuser's connection to it */
};

/*
 * lk_site_main runs tests, each between lk_site_start and lk_site_end, on the server whose programs
 * are in $LK_SERVER_BIN; returns 77, for "skipped", where there are none. With a pattern in
 * $LK_TEST those tests only.
 */
int lk_site_main(const char *name, const struct CMUnitTest *tests, size_t count);

/* A test whose *state is a struct lk_site. */
#define lk_site_test(function)                                                                     \
    {                                                                                              \
#function, function, lk_site_start, lk_site_end, NULL                                      \
    }
int lk_site_start(void **state);
int lk_site_end(void **state);

/* lk_site_server returns the server of this program. */
const struct lk_server *lk_site_server(void);

/* lk_site_connect opens one more connection as a superuser; the caller closes it. */
PGconn *lk_site_connect(const struct lk_site *site);

/* lk_site_migration writes migrations/NAME, lk_site_config lockkeeper.yml. */
void lk_site_migration(const struct lk_site *site, const char *name, const char *sql);
void lk_site_config(const struct lk_site *site, const char *yaml);

/* lk_site_run runs lockkeeper with `words`, split at blanks, and the site's --url. */
struct lk_output lk_site_run(const struct lk_site *site, const char *words);

/* lk_site_spawn is lk_site_run, not waiting for the end; `url` NULL is the site's. */
struct lk_process lk_site_spawn(const struct lk_site *site, const char *words, const char *url);

/* lk_site_expect is lk_site_run that wants an exit code. */
struct lk_output lk_site_expect(const struct lk_site *site, const char *words, int exit_code);

/* lk_expect_exit fails the test, with all that the program said, on another exit code. */
void lk_expect_exit(const struct lk_output *output, int exit_code);

/* lk_expect_text fails the test when a text does not contain `part`; lk_expect_no_text when it
 * does. */
void lk_expect_text(const char *text, const char *part);
void lk_expect_no_text(const char *text, const char *part);

/* lk_site_exec runs SQL that has to succeed. */
void lk_site_exec(const struct lk_site *site, const char *sql);

/* lk_site_value returns the rows of a query: columns joined by "|", rows by newlines. */
char *lk_site_value(const struct lk_site *site, const char *sql);

/* lk_site_expect_value fails the test on another answer. */
void lk_site_expect_value(const struct lk_site *site, const char *sql, const char *value);

/* lk_site_wait_for waits until a query answers `value`; fails the test after 20 seconds. */
void lk_site_wait_for(const struct lk_site *site, const char *sql, const char *value);

/* lk_site_send carries out what has to succeed on another connection. */
void lk_site_send(PGconn *pg, const char *sql);

/* lk_site_finish waits for a program's end and wants an exit code. */
struct lk_output lk_site_finish(const struct lk_site *site, struct lk_process *process,
                                int exit_code);

/*
 * LK_GATE is a statement that waits until lk_site_open_gate is called with its number;
 * lk_site_make_gates has to come first.
 */
#define LK_GATE(n)                                                                                 \
    "DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM public.opened WHERE gate = " n ")"                  \
    " LOOP PERFORM pg_sleep(0.01); END LOOP; END $$;\n"
void lk_site_make_gates(const struct lk_site *site);
void lk_site_open_gate(const struct lk_site *site, int gate);

#endif
