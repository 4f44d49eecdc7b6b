/*
 * tests/unit/dump.h
 *     The catalog as text, made with its public functions only.
 */
#ifndef LK_TESTS_UNIT_DUMP_H
#define LK_TESTS_UNIT_DUMP_H

#include "rules/schema/catalog.h"

/*
 * lk_dump returns the relations of a catalog, sorted by name, each with its constraints below:
 *
 *     table public.t (id integer not null, a text default)
 *       t_pkey primary (id) index t_pkey
 *     index public.t_pkey on public.t unique (id)
 *
 * Relations that the replay only assumes, and those whose columns it cannot know, end in "...".
 */
char *lk_dump(TALLOC_CTX *mem, const struct lk_catalog *catalog);

#endif
