/*
 * cli/schema_sql.c
 *     The schema as SQL that a server loads; for passwords stand asterisks.
 */
#include "cli/schema.h"
#include "parser/secret.h"
#include "rules/schema/sql.h"

static void
write_sql(FILE *stream, const struct lk_catalog *catalog)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);

    fputs(lk_secrets_hide_passwords(scratch, lk_schema_sql(scratch, catalog)), stream);
}

const struct lk_schema_format lk_schema_format_sql = {
    .name = "sql",
    .summary = "SQL that a server loads",
    .write = write_sql,
};
