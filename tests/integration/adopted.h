/*
 * tests/integration/adopted.h
 *     Sites that other tools have worked on: tables as those make them, of which the first two
 *     migrations are applied and the third one is not.
 */
#ifndef LK_TESTS_INTEGRATION_ADOPTED_H
#define LK_TESTS_INTEGRATION_ADOPTED_H

#include "tests/integration/site.h"

#define LK_ADOPTED_ONE "CREATE TABLE one (id int);\n"
#define LK_ADOPTED_TWO "CREATE TABLE two (id int);\n"
#define LK_ADOPTED_THREE "CREATE TABLE three (id int);\n"

struct lk_adopted_file {
    const char *name;
    const char *text;
};

struct lk_adopted {
    const char *name;
    const char *naming;
    const char *tables;              /* DDL and rows */
    const char *table;               /* the history */
    struct lk_adopted_file files[8]; /* the first three are the migrations */
    const char *unfinished; /* SQL that makes it a history that stopped half way; or NULL */
    const char *key;        /* of the tool's lock; or NULL */
    const char *forget;     /* SQL that takes a migration that is there away: "changed" or NULL */
};

/* lk_adopted are the tools, sorted by name; lk_adopted_count of them. */
extern const struct lk_adopted lk_adopted[];
extern const size_t lk_adopted_count;

/* lk_adopted_find returns the tool of that name. */
const struct lk_adopted *lk_adopted_find(const char *name);

/* lk_adopted_lay_out empties the site and makes it one that a tool has worked on. */
void lk_adopted_lay_out(const struct lk_site *site, const struct lk_adopted *tool);

#endif
