/*
 * tests/integration/tool.c
 *     Running other tools: see tool.h.
 */
#include "tests/integration/tool.h"

struct lk_output
lk_tool_dbmate(const struct lk_site *site)
{
    const char *const args[] = {LK_NPM "/@dbmate/linux-x64/bin/dbmate",
                                "--no-dump-schema",
                                "-d",
                                "migrations",
                                "--url",
                                lk_fmt(site->mem, "postgres://postgres@/%s?host=%s&sslmode=disable",
                                       site->database, site->server->folder),
                                "migrate",
                                NULL};

    return lk_test_run(site->mem, site->dir, args, NULL);
}

struct lk_output
lk_tool_sql_migrate(const struct lk_site *site)
{
    const char *const args[] = {LK_SQL_MIGRATE, "up", NULL};

    lk_site_migration(site, "../dbconfig.yml",
                      lk_fmt(site->mem,
                             "development:\n  dialect: postgres\n"
                             "  datasource: host=%s user=postgres dbname=%s sslmode=disable\n"
                             "  dir: migrations\n",
                             site->server->folder, site->database));
    return lk_test_run(site->mem, site->dir, args, NULL);
}

struct lk_output
lk_tool_sqitch(const struct lk_site *site)
{
    const char *const args[] = {
        "env",
        "SQITCH_USER_CONFIG=none",
        "SQITCH_SYSTEM_CONFIG=none",
        "SQITCH_FULLNAME=Ann",
        "SQITCH_EMAIL=ann@example.com",
        LK_SQITCH,
        "--chdir",
        "migrations",
        "deploy",
        "--target",
        lk_fmt(site->mem, "db:pg://postgres@/%s?host=%s", site->database, site->server->folder),
        NULL};

    return lk_test_run(site->mem, site->dir, args, NULL);
}

struct lk_output
lk_tool_alembic(const struct lk_site *site)
{
    const char *const args[] = {LK_ALEMBIC, "upgrade", "head", NULL};

    lk_site_migration(site, "../alembic.ini", "[alembic]\nscript_location = alembic\n");
    lk_site_migration(
        site, "../alembic/env.py",
        lk_fmt(site->mem,
               "from alembic import context\nfrom sqlalchemy import create_engine\n"
               "engine = create_engine('postgresql+psycopg2://postgres@/%s?host=%s')\n"
               "with engine.connect() as connection:\n"
               "    context.configure(connection=connection, transaction_per_migration=True)\n"
               "    with context.begin_transaction():\n        context.run_migrations()\n",
               site->database, site->server->folder));
    return lk_test_run(site->mem, site->dir, args, NULL);
}

struct lk_output
lk_tool_npm(const struct lk_site *site, const char *tool, const char *folder)
{
    const char *const args[] = {LK_NODE,
                                LK_SOURCE_DIR "/tests/integration/adopt_tools.js",
                                tool,
                                LK_NPM,
                                site->server->folder,
                                site->database,
                                lk_fmt(site->mem, "%s/%s", site->dir, folder),
                                NULL};

    return lk_test_run(site->mem, site->dir, args, NULL);
}
