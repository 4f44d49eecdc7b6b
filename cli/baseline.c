/*
 * cli/baseline.c
 *     Findings of later versions only: see baseline.h.
 */
#include "cli/baseline.h"

#include "parser/base/text.h"
#include "rules/dates.h"

/* How a version stands to those of a changelog. */
enum standing {
    STANDS_APART, /* they cannot be compared, or there are none */
    STANDS_ABOVE, /* it is above all of them */
    STANDS_AMONG,
};

/* is_placed returns whether the order of a migration is written in a file, by versions. */
static bool
is_placed(const struct lk_migration *migration)
{
    return migration->folder->naming->unlisted != NULL && migration->name.version.rank != 0;
}

/* standing_of also returns in `*ret_highest` the highest version there is. */
static enum standing
standing_of(const struct lk_changelog *changelog, struct lk_version version,
            struct lk_version *ret_highest)
{
    bool is_number = lk_version_length(version.text, false) > 0;
    enum standing standing = STANDS_APART;

    lk_vec_foreach(migration, &changelog->migrations) {
        struct lk_version other = migration->name.version;
        if (other.text == NULL)
            continue;
        if (strcmp(other.text, version.text) == 0)
            return STANDS_AMONG;
        if (!is_number || is_placed(migration))
            continue;
        if (standing == STANDS_APART || lk_version_compare(other, *ret_highest) > 0)
            *ret_highest = other;
        standing = STANDS_ABOVE;
    }
    struct lk_date date;
    if (standing == STANDS_ABOVE &&
        (lk_version_compare(version, *ret_highest) <= 0 || lk_date_of(version, &date)))
        return STANDS_AMONG;
    return standing;
}

/* cut leaves the findings of migrations up to a version out. */
static void
cut(struct lk_changelog *changelog, struct lk_version baseline)
{
    lk_vec_foreach(migration, &changelog->migrations)
        if (migration->name.version.text != NULL &&
            lk_version_compare(migration->name.version, baseline) <= 0)
            migration->reported = false;
}

static bool
unknown_version(const struct lk_inputs *inputs, const char *version, struct lk_version highest,
                struct lk_error *err)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    LK_VEC(const char *) names = {0};

    lk_vec_foreach(changelog, &inputs->changelogs)
        lk_vec_foreach(migration, &(*changelog)->migrations)
            if (migration->name.version.text != NULL)
                lk_vec_push(scratch, &names, migration->name.version.text);
    if (names.count == 0)
        return true;
    const char *nearest = lk_nearest(version, names.items, names.count);
    lk_fail(err, LK_ERR_USAGE, "%s: no migration has version %s",
            lk_options.after != NULL ? "--after" : "baseline", version);
    if (nearest != NULL && highest.text == NULL)
        return lk_error_hint(err, "Perhaps %s is meant.", nearest);
    return lk_error_hint(err, "The last one is %s.",
                         highest.text != NULL ? highest.text : *lk_vec_last(&names));
}

void
lk_baseline_cut(TALLOC_CTX *mem, struct lk_inputs *inputs)
{
    struct lk_version highest;

    for (size_t i = 0; i < inputs->changelogs.count; i++) {
        struct lk_changelog *changelog = inputs->changelogs.items[i];
        const char *text = inputs->baselines.items[i];
        struct lk_version version = {0};
        if (text != NULL)
            version = lk_changelog_version(mem, changelog, text);
        if (text != NULL && standing_of(changelog, version, &highest) != STANDS_APART)
            cut(changelog, version);
    }
}

bool
lk_baseline_check(TALLOC_CTX *mem, const struct lk_inputs *inputs, struct lk_error *err)
{
    struct lk_version highest = {0};
    const char *unknown = NULL;

    if (lk_options.after == NULL && lk_options.paths.count > 0)
        return true;
    for (size_t i = 0; i < inputs->changelogs.count; i++) {
        const struct lk_changelog *changelog = inputs->changelogs.items[i];
        const char *text = inputs->baselines.items[i];
        if (text == NULL)
            continue;
        struct lk_version version = lk_changelog_version(mem, changelog, text);
        if (standing_of(changelog, version, &highest) == STANDS_AMONG)
            return true; /* known to one of them is enough */
        unknown = text;
    }
    return unknown == NULL || unknown_version(inputs, unknown, highest, err);
}
