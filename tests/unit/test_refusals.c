/*
 * tests/unit/test_refusals.c
 *     What the server refuses for what is in the schema, the replay foresees, with SQLSTATE and
 * message, and changes nothing: the lines of tests/support/refusals.def, which
 * tests/differential/test_refusals.c tries on servers.
 */
#include "rules/schema/refusal.h"
#include "rules/schema/sql.h"
#include "tests/unit/unit.h"

static const struct {
    const char *before;
    const char *statement;
    const char *sqlstate; /* NULL: nothing is foreseen */
    const char *message;
} rows[] = {
#define LK_F(name, arguments, returns)                                                             \
    "CREATE FUNCTION " name "(" arguments ") RETURNS " returns " LANGUAGE sql AS 'SELECT 1';"
#define LK_REFUSAL(before, statement, sqlstate, message) {before, statement, sqlstate, message},
#define LK_TAKEN(before, statement) {before, statement, NULL, NULL},
#define LK_UNFORESEEN(before, statement, sqlstate) {before, statement, NULL, NULL},
#include "tests/support/refusals.def"
};

static void
refusals_are_the_servers(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(rows); i++) {
        const char *statement = rows[i].statement;
        struct lk_catalog *catalog = lk_catalog_new(*state);
        lk_catalog_set_closed(catalog);
        lk_catalog_set_server(catalog, 18, true);
        lk_catalog_begin(catalog);
        lk_unit_replay_on(catalog, rows[i].before);
        const char *before = lk_schema_sql(*state, catalog);
        lk_unit_replay_on(catalog, statement);
        const struct lk_refusals *refusals = lk_catalog_refusals(catalog);
        const struct lk_refusal *first = refusals->items.count > 0 ? refusals->items.items : NULL;
        const char *sqlstate = rows[i].sqlstate;
        lk_expect_text(statement, first != NULL ? first->sqlstate : "taken",
                       sqlstate != NULL ? sqlstate : "taken");
        if (first == NULL || sqlstate == NULL)
            continue;
        if (rows[i].message != NULL)
            lk_expect_text(statement, first->message, rows[i].message);
        lk_expect_text(statement, lk_schema_sql(*state, catalog), before);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {lk_unit(refusals_are_the_servers)};

    return cmocka_run_group_tests_name("refusals", tests, NULL, lk_unit_finish);
}
