/*
 * # timeout-breaks-concurrent-build
 *
 * ## What it flags
 *
 * CONCURRENTLY while a finite statement_timeout or lock_timeout is in force, and VALIDATE
 * CONSTRAINT while a finite statement_timeout is.
 *
 * ## Why it hurts
 *
 * Both are meant to take long and block nobody meanwhile. CREATE INDEX CONCURRENTLY waits for every
 * transaction that is older than itself, and that wait counts for lock_timeout, too. When a timeout
 * ends it, an INVALID index stays behind that each write has to maintain and no query uses; the
 * next try with IF NOT EXISTS reports success. DETACH ... CONCURRENTLY stays half done.
 *
 * ## Do instead
 *
 * ```sql
 * SET statement_timeout = 0;
 * SET lock_timeout = 0;
 * CREATE INDEX CONCURRENTLY users_email_idx ON users (email);
 * ```
 *
 * ## When it stays silent
 *
 * Where the timeouts that the file sets are zero or reset again, and where statement_timeout is an
 * hour or more: that ends what hangs and leaves time for the rest. What the server or the role sets
 * is not known here.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: 20.11.1 Statement Behavior; CREATE INDEX, "Building Indexes
 * Concurrently"
 */
#include "parser/command.h"
#include "rules/fix.h"
#include "rules/suggest.h"

/* works_on_new returns whether all that the statement locks is new: it is done in no time. */
static bool
works_on_new(const struct lk_effects *effects)
{
    lk_vec_foreach(lock, &effects->locks)
        if (!lock->is_new)
            return false;
    return effects->locks.count > 0;
}

static void
check_statement(struct lk_check *check)
{
    const struct lk_effects *effects = check->effects;
    bool statement = lk_session_limits_statements(check->session);
    bool lock = effects->concurrently && lk_session_bounds_locks(check->session);

    if ((!effects->concurrently && !effects->validates) || (!statement && !lock) ||
        works_on_new(effects))
        return;
    const char *which = statement && lock ? "statement_timeout and lock_timeout are"
                        : statement       ? "statement_timeout is"
                                          : "lock_timeout is";
    const char *local = lk_session_in_transaction(check->session) ? "LOCAL " : "";
    struct lk_finding *finding =
        lk_report(check, check->statement->span, "%s may be cut short: %s finite here%s",
                  effects->validates ? "VALIDATE CONSTRAINT"
                                     : lk_fmt(check->mem, "%s CONCURRENTLY",
                                              lk_command_tag(check->statement->tree)),
                  which,
                  effects->created_index != NULL || effects->indexed_table != NULL
                      ? ", and what is left then is an INVALID index"
                      : "");
    lk_vec_foreach(held, &effects->locks)
        if (!held->is_new)
            lk_finding_object(check, finding, held->relation);
    const char *unlimited = lk_fmt(check->mem, "SET %sstatement_timeout = 0;", local);
    const char *patient = lk_fmt(check->mem, "SET %slock_timeout = 0;", local);
    lk_finding_hint(check, finding, "%s%s%s%s%s;", statement ? unlimited : "",
                    statement ? "\n" : "", lock ? patient : "", lock ? "\n" : "",
                    lk_statement_text(check));
    if (statement)
        lk_fix_before(check, finding, unlimited);
    if (lock)
        lk_fix_before(check, finding, patient);
}

const struct lk_rule lk_rule_timeout_breaks_concurrent_build = {
    .name = "timeout-breaks-concurrent-build",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "a timeout may cut CONCURRENTLY or VALIDATE short",
    .fix = LK_RULE_FIX_SAFE,
    .on_statement = check_statement,
};
