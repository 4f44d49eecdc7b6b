/*
 * applier/operation.c
 *     Operations on the history alone: see operation.h.
 */
#include "applier/operation.h"

#include "applier/choose.h"
#include "applier/conn_private.h"
#include "applier/interrupt.h"
#include "applier/sqlstate.h"
#include "parser/base/buf.h"
#include "parser/base/text.h"

static const struct {
    const char *word;
    const char *meaning;
} kinds[] = {
#define LK_CHANGE(name, word, meaning) {word, meaning},
#include "applier/changes.def"
#undef LK_CHANGE
};

const char *
lk_change_word(enum lk_change_kind kind)
{
    return kinds[kind].word;
}

const char *
lk_change_meaning(enum lk_change_kind kind)
{
    return kinds[kind].meaning;
}

/* entry_of describes the file of an item, for its row. */
static struct lk_history_entry
entry_of(const struct lk_status_item *item)
{
    const char *known = item->row != NULL ? item->row->fingerprint : NULL;

    return (struct lk_history_entry){
        .migration = item->migration,
        .script = item->script,
        .sha256 = item->sha256,
        .flyway_checksum = item->flyway_checksum,
        .mode = LK_MODE_TRANSACTIONAL,
        .fingerprint = item->fingerprint[0] != '\0' ? item->fingerprint : known,
    };
}

struct lk_history_change *
lk_change_add(TALLOC_CTX *mem, struct lk_history_changes *changes, enum lk_change_kind kind,
              const struct lk_status_item *item, int64_t rank)
{
    struct lk_history_change *change = lk_vec_add(mem, &changes->items);

    *change = (struct lk_history_change){
        .kind = kind,
        .script = item->script,
        .version = item->version,
        .rank = rank,
        .entry = entry_of(item),
    };
    return change;
}

struct lk_history_change *
lk_change_add_baseline(TALLOC_CTX *mem, struct lk_history_changes *changes,
                       struct lk_version version)
{
    struct lk_migration *migration = lk_new(mem, struct lk_migration);
    const struct lk_status_item item = {
        .migration = migration,
        .script = "<< baseline >>",
        .version = version.text,
    };

    migration->name = (struct lk_name){LK_KIND_BASELINE, version, "baseline"};
    struct lk_history_change *change = lk_change_add(mem, changes, LK_CHANGE_BASELINE, &item, 0);
    change->entry.sha256 = "";
    return change;
}

/* ---- baseline ---- */

/* newest_of returns the highest version of the files; text NULL where there is none. */
static struct lk_version
newest_of(const struct lk_changelog *changelog)
{
    struct lk_version newest = {0};

    lk_vec_foreach(migration, &changelog->migrations)
        if (migration->name.version.text != NULL &&
            (newest.text == NULL || lk_version_compare(migration->name.version, newest) > 0))
            newest = migration->name.version;
    return newest;
}

/* is_file returns whether a migration has that version, which is then called as it is there. */
static bool
is_file(const struct lk_changelog *changelog, struct lk_version *version)
{
    lk_vec_foreach(migration, &changelog->migrations)
        if (migration->name.version.text != NULL &&
            lk_version_compare(migration->name.version, *version) == 0) {
            *version = migration->name.version;
            return true;
        }
    return false;
}

/* choose_baseline finds the version: of a file, or below the newest, as older ones may be gone. */
static bool
choose_baseline(TALLOC_CTX *mem, const struct lk_changelog *changelog, const char *wanted,
                struct lk_version *ret, struct lk_error *err)
{
    struct lk_version newest = newest_of(changelog);

    if (newest.text == NULL)
        return lk_fail(err, LK_ERR_INPUT, "no migration has a version to start from");
    *ret = newest;
    if (wanted == NULL)
        return true;
    *ret = lk_changelog_version(mem, changelog, wanted);
    if (is_file(changelog, ret))
        return true;
    if (newest.rank != 0 || lk_version_length(wanted, true) != strlen(wanted) ||
        wanted[0] == '\0') {
        lk_fail(err, LK_ERR_USAGE, "no migration has the version %s", wanted);
        return lk_error_hint(err, "`lockkeeper status` lists the versions.");
    }
    if (lk_version_compare(*ret, newest) <= 0)
        return true;
    lk_fail(err, LK_ERR_USAGE, "version %s is above all migrations: nothing would be left", wanted);
    return lk_error_hint(err, "The newest one is %s.", newest.text);
}

/* refuse_baseline fails where the history says that the database has one already. */
static bool
refuse_baseline(const struct lk_target *target, struct lk_version version, bool *ret_there,
                struct lk_error *err)
{
    *ret_there = false;
    lk_vec_foreach(row, &target->history.rows) {
        if (row->status == LK_HISTORY_BASELINE && row->version != NULL &&
            strcmp(row->version, version.text) == 0) {
            *ret_there = true;
        } else if (row->status == LK_HISTORY_BASELINE) {
            lk_fail(err, LK_ERR_DISAGREE, "%s has a baseline already, at version %s", target->name,
                    row->version != NULL ? row->version : "?");
            return lk_error_hint(err, "What else is there already, `lockkeeper skip --as-applied` "
                                      "records.");
        } else if ((row->status != LK_HISTORY_FAILED && row->status != LK_HISTORY_UNDONE) ||
                   lk_history_is_half(row)) {
            if (*ret_there)
                return true;
            lk_fail(err, LK_ERR_DISAGREE,
                    "a baseline is for a database without a history, and %s is %s in that of %s",
                    row->script, lk_history_status_name(row->status), target->name);
            return lk_error_hint(err, "What else is there already, `lockkeeper skip --as-applied` "
                                      "records.");
        }
    }
    return true;
}

bool
lk_decide_baseline(TALLOC_CTX *mem, const struct lk_request *request,
                   const struct lk_target *target, const struct lk_status *status,
                   struct lk_history_changes *ret, struct lk_error *err)
{
    struct lk_version version;
    bool there;

    if (!choose_baseline(mem, status->options.changelog, request->version, &version, err) ||
        !refuse_baseline(target, version, &there, err))
        return false;
    if (there)
        return true;
    lk_change_add_baseline(mem, ret, version);
    return true;
}

/* ---- repair ---- */

/* find_accepted adds the changed files that the request takes as they are. */
static bool
find_accepted(TALLOC_CTX *mem, const struct lk_request *request, const struct lk_status *status,
              struct lk_history_changes *ret, struct lk_error *err)
{
    lk_vec_foreach(name, &request->accept) {
        const struct lk_status_item *item = lk_choose_named(mem, status, *name, err);
        if (item == NULL)
            return false;
        if (item->state == LK_STATE_CHANGED) {
            lk_change_add(mem, ret, LK_CHANGE_ACCEPT, item, item->row->rank);
        } else if (item->state != LK_STATE_REFORMATTED && item->state != LK_STATE_APPLIED) {
            return lk_fail(err, LK_ERR_USAGE, "%s is not changed, but %s", item->script,
                           lk_state_word(item->state));
        }
    }
    return true;
}

bool
lk_decide_repair(TALLOC_CTX *mem, const struct lk_request *request, const struct lk_target *target,
                 const struct lk_status *status, struct lk_history_changes *ret,
                 struct lk_error *err)
{
    lk_vec_foreach(row, &target->history.rows) {
        const struct lk_status_item item = {
            .row = row, .script = row->script, .version = row->version};
        if (row->status == LK_HISTORY_FAILED && !lk_history_is_half(row))
            lk_change_add(mem, ret, LK_CHANGE_REMOVE, &item, row->rank);
    }
    if (!find_accepted(mem, request, status, ret, err))
        return false;
    lk_vec_foreach(item, &status->items) {
        if (item->state == LK_STATE_REFORMATTED)
            lk_change_add(mem, ret, LK_CHANGE_REFORMAT, item, item->row->rank);
        if (item->state != LK_STATE_MISSING || !request->delete_missing)
            continue;
        struct lk_history_change *change =
            lk_change_add(mem, ret, LK_CHANGE_DELETE, item, item->row->rank);
        change->entry.sha256 = item->row->sha256;
        change->entry.flyway_checksum = item->row->flyway_checksum;
    }
    if (request->accept_server && lk_target_moved(target) != LK_TARGET_SAME) {
        const struct lk_status_item server = {.script = target->name};
        lk_change_add(mem, ret, LK_CHANGE_SERVER, &server, 0);
    }
    return true;
}

/* ---- skip ---- */

/* is_marked returns whether somebody has said that a migration was carried out otherwise. */
static bool
is_marked(const struct lk_status_item *item)
{
    return item->state == LK_STATE_APPLIED && item->row->reason != NULL;
}

bool
lk_decide_skip(TALLOC_CTX *mem, const struct lk_request *request, const struct lk_target *target,
               const struct lk_status *status, struct lk_history_changes *ret, struct lk_error *err)
{
    const struct lk_status_item *item = lk_choose_named(mem, status, request->migration, err);

    if (item == NULL)
        return false;
    if (!request->as_applied && target->format->no_skipping != NULL) {
        lk_fail(err, LK_ERR_USAGE, "%s cannot be skipped: %s", item->script,
                target->format->no_skipping);
        return lk_error_hint(err, "`--as-applied` records that it was carried out otherwise.");
    }
    bool skipped = item->state == LK_STATE_SKIPPED;
    if (request->as_applied ? is_marked(item) : skipped)
        return true;
    if (!lk_state_is_pending(item->state) && !skipped && item->state != LK_STATE_OUT_OF_ORDER) {
        lk_fail(err, LK_ERR_DISAGREE, "%s is not pending, but %s", item->script,
                lk_state_word(item->state));
        return lk_error_hint(err, "Only what would be carried out can be left out.");
    }
    /* of one that stopped half way the row goes on; what failed otherwise stays on record */
    bool half = item->row != NULL && lk_history_is_half(item->row);
    struct lk_history_change *change =
        lk_change_add(mem, ret, request->as_applied ? LK_CHANGE_AS_APPLIED : LK_CHANGE_SKIP, item,
                      half ? item->row->rank : 0);
    change->entry.reason = request->reason;
    return true;
}

/* ---- carrying out ---- */

static char *
sql_of(TALLOC_CTX *mem, struct lk_target *target, struct lk_history_change *change, int64_t run)
{
    const struct lk_history_format *format = target->format;
    struct lk_history_entry *entry = &change->entry;
    enum lk_history_status status = LK_HISTORY_APPLIED;

    entry->run = run;
    switch (change->kind) {
    case LK_CHANGE_SERVER: /* the run that begins has written it down */
        return lk_strdup(mem, "SELECT");
    case LK_CHANGE_REMOVE:
        return format->remove(mem, target->conn, change->rank);
    case LK_CHANGE_REFORMAT:
    case LK_CHANGE_ACCEPT:
        return format->accept(mem, target->conn, entry, change->rank);
    case LK_CHANGE_BASELINE:
        status = LK_HISTORY_BASELINE;
        break;
    case LK_CHANGE_SKIP:
        status = LK_HISTORY_SKIPPED;
        break;
    case LK_CHANGE_DELETE:
    case LK_CHANGE_ADOPT_GONE:
        status = LK_HISTORY_DELETED;
        break;
    case LK_CHANGE_ADOPT:
    case LK_CHANGE_AS_APPLIED:
    case LK_CHANGE_COUNT:
        break;
    }
    return change->rank != 0 ? format->mark(mem, target->conn, entry, change->rank, status)
                             : format->record(mem, target->conn, entry, status);
}

/* message_of returns the one transaction that all changes and the end of the run are. */
static char *
message_of(const struct lk_turn *turn, struct lk_history_changes *changes)
{
    static const struct lk_history_logs none = {0};
    struct lk_buf sql = lk_buf_init(turn->mem), log = lk_buf_init(turn->mem);
    struct lk_target *target = turn->target;

    lk_buf_add(&sql, "BEGIN");
    lk_vec_foreach(change, &changes->items) {
        lk_buf_addf(&sql, ";\n%s", sql_of(turn->mem, target, change, turn->run));
        lk_buf_addf(&log, "%s: %s%s%s\n", change->script, lk_change_word(change->kind),
                    change->entry.reason != NULL ? ": " : "",
                    change->entry.reason != NULL ? change->entry.reason : "");
    }
    lk_buf_addf(
        &sql, ";\n%s;\nCOMMIT",
        target->format->run_finish(turn->mem, target->conn, turn->run, "success", log.data, &none));
    return sql.data;
}

/* is_through returns whether the run's row says that its transaction was carried out. */
static bool
is_through(struct lk_turn *turn, bool *ret, struct lk_error *err)
{
    struct lk_target *target = turn->target;
    struct lk_history_runs runs;

    *ret = false;
    if (turn->run == 0)
        return true;
    if (!target->format->runs(turn->mem, target->conn, target->age, turn->run, &runs, err))
        return false;
    *ret = runs.items.count > 0 && runs.items.items[0].outcome != NULL &&
           strcmp(runs.items.items[0].outcome, "success") == 0;
    return true;
}

/* attempt tries once, from the lock on. */
static bool
attempt(struct lk_turn *turn, const struct lk_status *before, lk_decide *decide,
        const struct lk_request *request, struct lk_operated *ret, struct lk_error *err)
{
    struct lk_server_error error = {.message = NULL};
    bool through;

    if (!lk_turn_take(turn, err) || !is_through(turn, &through, err))
        return false;
    if (through)
        return true;
    ret->changes = (struct lk_history_changes){0};
    if (!lk_status_again(turn->mem, before, turn->target, &ret->status, err) ||
        !decide(turn->mem, request, turn->target, &ret->status, &ret->changes, err))
        return false;
    if (ret->changes.items.count == 0)
        return true;
    if (turn->run == 0 && !lk_turn_open(turn, err))
        return false;
    PGresult *result LK_CLEANUP(lk_result_clear) =
        lk_conn_exec(turn->mem, turn->target->conn, message_of(turn, &ret->changes), &error);
    if (result != NULL)
        return true;
    lk_fail(err, error.sqlstate[0] == '\0' ? LK_ERR_CONNECT : LK_ERR_FAILED,
            "the history could not be changed: %s", error.message);
    snprintf(err->sqlstate, sizeof(err->sqlstate), "%s", error.sqlstate);
    return false;
}

/* close_failed records that nothing came of the run. */
static void
close_failed(struct lk_turn *turn, const struct lk_error *err)
{
    static const struct lk_history_logs none = {0};
    struct lk_conn *conn = turn->target->conn;
    struct lk_server_error unheard;

    if (turn->run == 0 || lk_conn_is_broken(conn))
        return;
    PQclear(PQexec(conn->pg, "ROLLBACK"));
    char *sql = turn->target->format->run_finish(turn->mem, conn, turn->run, "failure",
                                                 lk_fmt(turn->mem, "%s\n", err->message), &none);
    PQclear(lk_conn_exec(turn->mem, conn, sql, &unheard));
}

/* again waits and gets a connection back, if the error is one that may pass. */
static bool
again(struct lk_turn *turn, struct lk_retry *retry, struct lk_error *err)
{
    struct lk_conn *conn = turn->target->conn;
    enum lk_sqlstate_class class = lk_sqlstate_class(err->sqlstate);

    if ((err->code != LK_ERR_CONNECT && err->code != LK_ERR_FAILED) || lk_interrupted() ||
        (!lk_conn_is_broken(conn) && (class == LK_SQLSTATE_FATAL || class == LK_SQLSTATE_CANCELED)))
        return false;
    do {
        lk_retry_failed(turn->mem, retry, lk_sqlstate_words(err->sqlstate));
        if (!lk_retry_again(retry))
            return false;
        lk_retry_pause(retry);
        if (lk_interrupted())
            return false;
        lk_error_clear(err);
        if (!lk_conn_is_broken(conn)) {
            PQclear(PQexec(conn->pg, "ROLLBACK"));
            return true;
        }
    } while (!lk_conn_reopen(conn, err));
    return true;
}

bool
lk_operate(TALLOC_CTX *mem, struct lk_target *target, const struct lk_status *status,
           const struct lk_run_options *options, lk_decide *decide,
           const struct lk_request *request, bool dry_run, struct lk_operated *ret,
           struct lk_error *err)
{
    struct lk_turn turn = {.mem = mem, .target = target, .options = options};
    struct lk_retry retry = lk_retry_start(options->retry, options->clock);
    bool done;

    *ret = (struct lk_operated){.status = *status};
    if (dry_run)
        return decide(mem, request, target, status, &ret->changes, err);
    while (!(done = attempt(&turn, status, decide, request, ret, err)))
        if (!again(&turn, &retry, err))
            break;
    if (!done)
        close_failed(&turn, err);
    ret->run_id = turn.run;
    lk_turn_release(&turn);
    return done;
}
