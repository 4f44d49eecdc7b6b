/*
 * tests/integration/tool.h
 *     The real migration tools, carrying out what is in a site's folder.
 */
#ifndef LK_TESTS_INTEGRATION_TOOL_H
#define LK_TESTS_INTEGRATION_TOOL_H

#include "tests/integration/site.h"

/* Each runs migrations/ and returns what the tool said. */
struct lk_output lk_tool_dbmate(const struct lk_site *site);
struct lk_output lk_tool_sql_migrate(const struct lk_site *site);

/* lk_tool_sqitch deploys the changes of migrations/sqitch.plan. */
struct lk_output lk_tool_sqitch(const struct lk_site *site);

/* lk_tool_alembic runs the programs in alembic/versions/. */
struct lk_output lk_tool_alembic(const struct lk_site *site);

/* lk_tool_npm runs a tool of npm: knex, node-pg-migrate, graphile-migrate. */
struct lk_output lk_tool_npm(const struct lk_site *site, const char *tool, const char *folder);

/* A program of Alembic's: of its revision, behind another one ("None"), with the lines of
 * upgrade().
 */
#define LK_ALEMBIC_FILE(revision, before, lines)                                                   \
    "from alembic import op\nrevision = '" revision "'\ndown_revision = " before "\n\n"            \
    "def upgrade():\n" lines "\ndef downgrade():\n    pass\n"

#endif
