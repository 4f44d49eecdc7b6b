/*
 * tests/integration/psql.c
 *     psql on one database that many cases share: see psql.h.
 */
#include "tests/integration/psql.h"

static struct lk_site *shared; /* made for the first case; it goes with the server */

struct lk_site *
lk_psql_site(void)
{
    void *site;

    if (shared == NULL) {
        lk_site_start(&site);
        shared = site;
    }
    lk_psql_fresh(shared);
    return shared;
}

void
lk_psql_end(void)
{
    if (shared == NULL)
        return;
    PQfinish(shared->pg);
    talloc_free(shared->mem);
    shared = NULL;
}

void
lk_psql_fresh(const struct lk_site *site)
{
    lk_site_exec(site, "DO $$ DECLARE it text; BEGIN"
                       " FOR it IN SELECT fdwname FROM pg_foreign_data_wrapper LOOP"
                       " EXECUTE format('DROP FOREIGN DATA WRAPPER %I CASCADE', it); END LOOP;"
                       " FOR it IN SELECT pubname FROM pg_publication LOOP"
                       " EXECUTE format('DROP PUBLICATION %I', it); END LOOP;"
                       " FOR it IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'"
                       " AND nspname <> 'information_schema' LOOP"
                       " EXECUTE format('DROP SCHEMA %I CASCADE', it); END LOOP;"
                       " CREATE SCHEMA public; END $$");
}

const char *
lk_psql_run(const struct lk_site *site, const char *sql, bool transaction)
{
    const char *args[] = {LK_PSQL,
                          "-X",
                          "-q",
                          "-v",
                          "ON_ERROR_STOP=1",
                          "-v",
                          "VERBOSITY=sqlstate",
                          "-o",
                          "/dev/null",
                          "-f",
                          "-",
                          site->url,
                          transaction ? "-1" : NULL,
                          NULL};
    struct lk_output output = lk_test_run(site->mem, site->dir, args, sql);

    if (output.exit_code == 0)
        return "";
    const char *error = strstr(output.err, "ERROR:  ");
    if (error == NULL)
        fail_msg("psql: %s", output.err);
    return lk_strndup(site->mem, error + strlen("ERROR:  "), 5);
}

long
lk_psql_major(const struct lk_site *site)
{
    return PQserverVersion(site->pg) / 10000;
}
