/*
 * # mixed-naming
 *
 * ## What it flags
 *
 * Two ways to number migrations in one folder: running numbers and timestamps, timestamps of
 * different lengths, or running numbers with leading zeros of different widths. The first file that
 * differs from the most common way is reported.
 *
 * ## Why it hurts
 *
 * The order is not what it looks like. A running number always sorts before a timestamp, so that
 * the next `0042` comes before everything that has been applied for months; runners that compare
 * names as text put `10` before `2`, and `0010` before `002`.
 *
 * ## Do instead
 *
 * Go on in the way that the folder has. `lockkeeper` sorts by number, but what else reads the
 * folder may not.
 *
 * ## When it stays silent
 *
 * On numbers without leading zeros, however many digits they have; on versions of several parts and
 * versions that are no numbers; on down files. Where numbers have outgrown their zeros (999, 1000),
 * and on the very first migration: `00_init.sql` in front of timestamps. On versions that are
 * there twice, 1 and 01, of which duplicate-version speaks.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - none
 */
#include "rules/suggest.h"

#define WIDEST 32

/* A way to number: timestamps by their length, running numbers by their width with zeros. */
struct ways {
    size_t used[WIDEST + 1]; /* how many migrations: [0] running numbers, [n] n digits and fixed */
};

/* digits_of returns how many digits a version of one number has; 0: it is something else. */
static size_t
digits_of(const struct lk_migration *migration)
{
    const char *text = migration->name.version.text;

    if (text == NULL || migration->name.kind != LK_KIND_VERSIONED)
        return 0;
    size_t length = strspn(text, "0123456789");
    return text[length] == '.' || length > WIDEST ? 0 : length;
}

static bool
is_padded(const struct lk_migration *migration)
{
    return migration->name.version.text[0] == '0' && digits_of(migration) > 1;
}

/* A number from this many digits on is a timestamp; newer diesels put four more behind a full one.
 */
#define TIMESTAMP 8
#define FULL 14
#define DIESEL 18

/* way_of returns which way a migration is numbered in, `width` being that of the zeros. */
static size_t
way_of(const struct lk_migration *migration, size_t width)
{
    size_t digits = digits_of(migration);

    if (digits >= TIMESTAMP && migration->name.version.text[0] != '0')
        return digits == DIESEL ? FULL : digits;
    if (is_padded(migration))
        return digits == width ? 0 : digits;
    return width > 0 && digits < width ? digits : 0;
}

/* width_of returns the width of most of a folder's numbers with leading zeros; 0: there are none.
 */
static size_t
width_of(const struct lk_changelog *changelog, const struct lk_folder *folder)
{
    size_t counts[WIDEST + 1] = {0}, best = 0;

    lk_vec_foreach(migration, &changelog->migrations)
        if (migration->folder == folder && digits_of(migration) > 0 && is_padded(migration))
            counts[digits_of(migration)]++;
    for (size_t i = 1; i <= WIDEST; i++)
        if (counts[i] > counts[best])
            best = i;
    return best;
}

/* is_twin returns whether the neighbour of a migration has the same version: see duplicate-version.
 */
static bool
is_twin(const struct lk_changelog *changelog, const struct lk_migration *migration, ptrdiff_t step)
{
    ptrdiff_t index = migration - changelog->migrations.items + step;

    if (index < 0 || (size_t)index >= changelog->migrations.count)
        return false;
    const struct lk_migration *other = &changelog->migrations.items[index];
    return other->folder == migration->folder && digits_of(other) > 0 &&
           lk_version_compare(other->name.version, migration->name.version) == 0;
}

static void
report(struct lk_check *check, const struct lk_migration *odd, const struct lk_migration *usual)
{
    struct lk_finding *finding =
        lk_report_file(check, odd->path, odd->ordinal,
                       "version %s is numbered in another way than %s and others of the folder",
                       odd->name.version.text, usual->name.version.text);

    lk_finding_hint(check, finding,
                    "Number it as the others are, unless it has been applied somewhere.");
}

static void
check_folder(struct lk_check *check, const struct lk_folder *folder)
{
    struct ways ways = {0};
    const struct lk_migration *usual = NULL, *odd = NULL;
    bool start = true;
    size_t width = width_of(check->changelog, folder), best = 0;

    lk_vec_foreach(migration, &check->changelog->migrations)
        if (migration->folder == folder && digits_of(migration) > 0)
            ways.used[way_of(migration, width)]++;
    for (size_t i = 1; i <= WIDEST; i++)
        if (ways.used[i] > ways.used[best])
            best = i;
    lk_vec_foreach(migration, &check->changelog->migrations) {
        if (migration->folder != folder || digits_of(migration) == 0)
            continue;
        bool same = way_of(migration, width) == best;
        bool is_first = start;
        start = false;
        if (is_first && !same && way_of(migration, width) < TIMESTAMP)
            continue; /* what everything starts with may be called as one likes */
        if (same && usual == NULL)
            usual = migration;
        if (!same && odd == NULL && migration->reported &&
            !is_twin(check->changelog, migration, -1) && !is_twin(check->changelog, migration, 1))
            odd = migration;
    }
    if (odd != NULL && usual != NULL)
        report(check, odd, usual);
}

static void
check_versions(struct lk_check *check)
{
    lk_vec_foreach(folder, &check->changelog->folders)
        check_folder(check, *folder);
}

const struct lk_rule lk_rule_mixed_naming = {
    .name = "mixed-naming",
    .group = LK_GROUP_VERSION,
    .severity = LK_SEVERITY_WARNING,
    .summary = "two ways to number migrations in one folder",
    .end_of_changelog = check_versions,
};
