/*
 * # implausible-timestamp
 *
 * ## What it flags
 *
 * A version that is a timestamp, but of no day that there is, or of one in the future.
 *
 * ## Why it hurts
 *
 * Migrations are applied in the order of their versions. One from the future stays the last one
 * until that day comes: whatever is added in between sorts before it, and runners that only look
 * behind the highest version never carry it out. A month 13 is a typing error, and sorts as such.
 *
 * ## Do instead
 *
 * Have the tool make the name, or take the time of now: `date -u +%Y%m%d%H%M%S`. Do not rename a
 * file that has been applied somewhere.
 *
 * ## When it stays silent
 *
 * On versions that are no timestamps: those with other than 14, 12 or 8 digits, or that do not
 * start with a year from 1990 to 2099. Up to a day ahead, as clocks and time zones differ. On
 * seconds and minutes above 59, which people count up to keep an order.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - none
 */
#include <time.h>

#include "rules/dates.h"
#include "rules/suggest.h"

/* tomorrow returns the number YYYYMMDD of tomorrow, in UTC. */
static long
tomorrow(void)
{
    time_t at = time(NULL) + 24L * 60 * 60;
    struct tm parts;

    gmtime_r(&at, &parts);
    return (parts.tm_year + 1900) * 10000L + (parts.tm_mon + 1) * 100L + parts.tm_mday;
}

static void
check_versions(struct lk_check *check)
{
    long limit = tomorrow();

    lk_vec_foreach(migration, &check->changelog->migrations) {
        struct lk_date date;
        if (!migration->reported || migration->name.kind == LK_KIND_UNDO ||
            !lk_date_of(migration->name.version, &date))
            continue;
        bool future = date.number > limit;
        if (date.is_day && !future)
            continue;
        struct lk_finding *finding = lk_report_file(
            check, migration->path, migration->ordinal,
            date.is_day ? "version %s is a timestamp in the future: what is added before that day "
                          "sorts before it"
                        : "version %s looks like a timestamp, but there is no such date and time",
            migration->name.version.text);
        lk_finding_hint(check, finding,
                        "Give it the time of now, unless it has been applied somewhere.");
    }
}

const struct lk_rule lk_rule_implausible_timestamp = {
    .name = "implausible-timestamp",
    .group = LK_GROUP_VERSION,
    .severity = LK_SEVERITY_WARNING,
    .summary = "a version that is a timestamp in the future, or of no day that there is",
    .end_of_changelog = check_versions,
};
