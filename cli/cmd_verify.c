/*
 * cli/cmd_verify.c
 *     lockkeeper verify: replay everything on a throwaway local server, and compare what that makes
 * with the replayed schema, which rules and plans go by.
 */
#include "applier/interrupt.h"
#include "applier/listing.h"
#include "applier/server.h"
#include "cli/apply.h"
#include "rules/registry.h"

static struct poptOption options[] = {
    {"server-bin", '\0', POPT_ARG_STRING, &lk_options.server_bin, 0,
     "the folder with the server's programs (default: the newest found)", "DIR"},
    {"to", '\0', POPT_ARG_STRING, &lk_options.to, 0, "up to this version", "VERSION"},
    LK_READING_TABLE,
    LK_GLOBAL_TABLE,
    POPT_TABLEEND,
};

#define MAX_SHOWN 20 /* differences; -v shows all */

struct comparison {
    struct lk_buf differences; /* a line each */
    size_t different;
    size_t shown;
    size_t unknown;
};

static void
note(void *data, const struct lk_row *server, const struct lk_row *replay, enum lk_row_match match)
{
    struct comparison *comparison = data;
    const struct lk_row *row = server != NULL ? server : replay;

    /* a temporary object has gone with its session */
    if (match == LK_ROW_EQUAL || strncmp(row->identity, "pg_temp.", strlen("pg_temp.")) == 0)
        return;
    comparison->unknown += match == LK_ROW_UNKNOWN;
    if (match == LK_ROW_UNKNOWN)
        return;
    comparison->different++;
    if (comparison->shown >= MAX_SHOWN && !lk_options.verbose)
        return;
    comparison->shown++;
    lk_buf_sep(&comparison->differences, "\n  ");
    lk_buf_addf(&comparison->differences, "%s %s", row->kind, row->identity);
    if (server == NULL && row->property[0] == '\0') {
        lk_buf_add(&comparison->differences, ": not on the server");
    } else if (replay == NULL && row->property[0] == '\0') {
        lk_buf_add(&comparison->differences, ": not in the replayed schema");
    } else {
        lk_buf_addf(&comparison->differences, " %s: %s on the server, %s in the replayed schema",
                    row->property, server != NULL ? server->value : "nothing",
                    replay != NULL ? replay->value : "nothing");
    }
}

/*
 * last_of returns the ordinal of the last migration that was carried out; false where one before it
 * was not: the replayed schema at that point is not what was made.
 */
static bool
last_of(const struct lk_prepared *prepared, uint32_t *ret)
{
    size_t before = 0;

    *ret = 0;
    lk_vec_foreach(migration, &prepared->plan->migrations)
        *ret = LK_MAX(*ret, migration->migration->ordinal);
    lk_vec_foreach(migration, &prepared->changelog->migrations)
        before += migration->replayed && migration->ordinal <= *ret;
    return *ret > 0 && before == prepared->plan->migrations.count;
}

/* replayed returns the schema after the migration of an ordinal, on a server of a version. */
static const struct lk_catalog *
replayed(struct lk_run *run, const struct lk_prepared *prepared, uint32_t last, int version,
         struct lk_error *err)
{
    struct lk_settings *settings = lk_inputs_settings(run, err);
    struct lk_walk walk = {.settings = settings, .pending_from = UINT32_MAX, .last = last};
    struct lk_walked walked;
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);

    if (settings == NULL)
        return NULL;
    settings->postgres_version = version;
    settings->world = LK_WORLD_CLOSED; /* the server was empty */
    for (size_t i = 0; i < count; i++)
        lk_settings_switch_off(settings, rules[i]);
    if (!lk_engine_walk(run->mem, prepared->changelog, &walk, &walked, err))
        return NULL;
    return walked.catalog;
}

/* tell_unread says what differs where that is no surprise: there were statements nobody could read.
 */
static void
tell_unread(const struct comparison *comparison)
{
    if (!lk_options.quiet)
        fprintf(
            stderr,
            "lockkeeper: some statements are not known before they are carried out (EXECUTE); %zu "
            "%s made on the server that the replayed schema does not tell:\n%s%s\n",
            comparison->different, comparison->different == 1 ? "thing was" : "things were",
            comparison->differences.data,
            comparison->shown < comparison->different ? "\n  ..." : "");
}

/* compare looks at what the migrations have made on the server, and at the replayed schema. */
static bool
compare(struct lk_run *run, const struct lk_prepared *prepared, const char *url,
        struct lk_error *err)
{
    struct comparison comparison = {.differences = lk_buf_init(run->mem)};
    struct lk_conn *conn = lk_conn_open(run->mem, &(struct lk_conn_options){.url = url}, err);
    struct lk_rows server = {0}, replay = {0};
    uint32_t last;

    if (conn == NULL)
        return false;
    if (!last_of(prepared, &last))
        return true;
    const struct lk_catalog *catalog =
        replayed(run, prepared, last, lk_conn_server_version(conn) / 10000, err);
    if (catalog == NULL || !lk_listing_of(run->mem, conn, &server, err))
        return false;
    lk_rows_of_catalog(run->mem, catalog, &replay);
    lk_rows_compare(&server, &replay, note, &comparison);
    if (lk_options.verbose)
        fprintf(stderr,
                "lockkeeper: compared with the replayed schema: %zu different, %zu unknown\n",
                comparison.different, comparison.unknown);
    if (comparison.different == 0)
        return true;
    if (!lk_catalog_is_complete(catalog)) {
        tell_unread(&comparison);
        return true;
    }
    lk_fail(err, LK_ERR_DISAGREE, "the replayed schema is not what the migrations make: %zu %s",
            comparison.different, comparison.different == 1 ? "difference" : "differences");
    lk_error_detail(err, "%s%s", comparison.differences.data,
                    comparison.shown < comparison.different ? "\n  ..." : "");
    return lk_error_hint(err,
                         "What lint and plan say of these objects goes by the replayed schema. "
                         "A statement does what its text does not tell, as EXECUTE and event "
                         "triggers can; or it is an error of lockkeeper.");
}

static enum lk_error_code
run_verify(struct lk_run *run, struct lk_error *err)
{
    struct lk_prepared prepared;
    struct lk_events events = lk_apply_events();
    const struct lk_reporter *reporter = lk_reporter_choose(err);

    if (reporter == NULL)
        return err->code;
    lk_interrupt_install(lk_leave_at_once);
    const struct lk_server *server = lk_server_start(run->mem, lk_options.server_bin, err);
    if (server == NULL)
        return err->code;
    if (lk_options.verbose)
        fprintf(stderr, "lockkeeper: PostgreSQL %s of %s\n", server->version, server->bin);
    if (!lk_prepare_target(run, LK_CONNECT_ALWAYS, server->url, &events, &prepared, err) ||
        !lk_prepare_plan(run, &prepared, err))
        return err->code;
    enum lk_error_code code = lk_apply_run(run, &prepared, "verify", reporter, err);
    if (code != LK_ERR_OK)
        return code;
    return compare(run, &prepared, server->url, err) ? LK_ERR_OK : err->code;
}

const struct lk_command lk_command_verify = {
    .name = "verify",
    .summary = "carry everything out on a throwaway local PostgreSQL server and compare what that "
               "makes with the replayed schema",
    .usage = "[PATH...]",
    .options = options,
    .several = LK_SEVERAL_EACH,
    .run = run_verify,
};
