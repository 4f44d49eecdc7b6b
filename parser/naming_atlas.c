/*
 * parser/naming_atlas.c
 *     Atlas: 20240131120000_add_users.sql and other files, summed up in atlas.sum.
 *
 * Source: Atlas, sql/migrate/dir.go (LocalFile): any *.sql; the version is what stands before the
 * first underscore, any text, and files are applied in the order of their names as text.
 */
#include "parser/atlas_file.h"
#include "parser/atlas_sum.h"
#include "parser/base/text.h"
#include "parser/naming.h"

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    (void)problem;
    if (strchr(path, '/') != NULL || !lk_ends_with(path, ".sql"))
        return LK_NAME_OTHER;
    const char *end = path + strlen(path) - strlen(".sql");
    const char *underscore = memchr(path, '_', (size_t)(end - path));
    const char *version_end = underscore != NULL ? underscore : end;

    ret->kind = LK_KIND_VERSIONED;
    ret->version = (struct lk_version){
        .text = lk_strndup(mem, path, (size_t)(version_end - path)),
        .by_text = true,
    };
    ret->description = lk_description(mem, underscore != NULL ? underscore + 1 : end, end);
    return LK_NAME_VALID;
}

/* has_marks looks for what Atlas alone asks for: others are linted by it, too. */
static bool
has_marks(const struct lk_source *source)
{
    static const char *const names[] = {"checkpoint", "delimiter", "import",
                                        "sum",        "txmode",    "txtar"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++)
        if (lk_atlas_says(source->original, names[i], NULL))
            return true;
    return false;
}

static bool
is_checkpoint(const struct lk_source *source)
{
    return lk_atlas_says(source->original, "checkpoint", NULL);
}

const struct lk_naming lk_naming_atlas = {
    .name = "atlas",
    .summary = "<version>_<description>.sql beside " LK_ATLAS_SUM,
    .example = "20240131120000_%s.sql",
    .preference = 38, /* Atlas reads folders of other runners, which keep their ways */
    .tolerance = 100,
    .runner = LK_RUNNER_TRANSACTION,
    .transaction_off =
        "the line \"-- atlas:txmode none\" on top of the file and an empty line behind it",
    .off = "-- atlas:txmode none\n",
    .summed = true,
    .landmark = LK_ATLAS_SUM,
    .read = read_name,
    .marks = has_marks,
    .order = lk_order_by_name,
    .stands_for_all = is_checkpoint,
    .beyond = lk_atlas_beyond,
    .split = lk_atlas_split,
};
