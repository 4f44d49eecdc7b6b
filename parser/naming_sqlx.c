/*
 * parser/naming_sqlx.c
 *     sqlx: 20240131120000_add_users.sql, or .up.sql and .down.sql, in a Rust project.
 *
 * Source: sqlx-core, migrate/source.rs: the version is the 64-bit number before the first
 * underscore; a file that starts with "-- no-transaction" is sent as it is, as one simple query.
 */
#include <limits.h>
#include <stdlib.h>

#include "parser/base/file.h"
#include "parser/base/text.h"
#include "parser/naming.h"

#define TIMESTAMP_DIGITS 14 /* what `sqlx migrate add` writes */

static bool
wants_no_transaction(const struct lk_source *source)
{
    return lk_starts_with(source->text, "-- no-transaction");
}

/*
 * is_in_rust returns whether the nearest folder around `path` that is a project of any language is
 * one of Rust.
 */
static bool
is_in_rust(const char *path)
{
    static const char *const others[] = {".git",    "go.mod",  "package.json", "pom.xml",
                                         "Gemfile", "mix.exs", "build.gradle", "pyproject.toml"};
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    char folder[PATH_MAX];

    if (realpath(path, folder) == NULL)
        return false;
    for (;;) {
        if (lk_file_exists(lk_fmt(scratch, "%s/Cargo.toml", folder)))
            return true;
        for (size_t i = 0; i < LK_ARRAY_SIZE(others); i++)
            if (lk_file_exists(lk_fmt(scratch, "%s/%s", folder, others[i])))
                return false;
        char *slash = strrchr(folder, '/');
        if (slash == NULL)
            return false;
        *slash = '\0';
    }
}

/* is_usual returns whether a name is one that sqlx itself makes. */
static bool
is_usual(const char *script)
{
    return lk_version_length(script, false) == TIMESTAMP_DIGITS ||
           lk_ends_with(script, ".up.sql") || lk_ends_with(script, ".down.sql");
}

static bool
fits(const char *folder, const struct lk_scripts *all, const struct lk_scripts *own)
{
    (void)all;
    lk_vec_foreach(script, &own->paths)
        if (is_usual(*script))
            return is_in_rust(folder);
    return false;
}

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    static const char *const endings[] = {".down.sql", ".up.sql", ".sql"};
    size_t ending = 0;

    if (strchr(path, '/') != NULL || !lk_ends_with(path, ".sql"))
        return LK_NAME_OTHER;
    while (!lk_ends_with(path, endings[ending]))
        ending++;
    const char *end = path + strlen(path) - strlen(endings[ending]);
    enum lk_name_verdict verdict =
        lk_underscored_read(mem, path, end, LK_HIGHEST_INT64, ret, problem);
    if (ending == 0)
        ret->kind = LK_KIND_UNDO;
    return verdict;
}

static struct lk_parts
split_parts(TALLOC_CTX *mem, const struct lk_source *source)
{
    struct lk_parts parts = lk_parts_whole(mem, source);

    parts.transaction_off = wants_no_transaction(source);
    return parts;
}

const struct lk_naming lk_naming_sqlx = {
    .name = "sqlx",
    .summary = "<version>_<description>.sql, or .up.sql and .down.sql",
    .example = "20240131120000_%s.sql",
    .preference = 42,
    .tolerance = 100,
    .any_order = true,
    .runner = LK_RUNNER_TRANSACTION,
    .runner_off = LK_RUNNER_ONE_MESSAGE,
    .transaction_off = "\"-- no-transaction\" as the start of the file",
    .off = "-- no-transaction",
    .read = read_name,
    .marks = wants_no_transaction,
    .fits = fits,
    .split = split_parts,
};
