/*
 * parser/naming_diesel.c
 *     Diesel: folders 2024-01-31-120000_add_users with up.sql and down.sql in each.
 *
 * Source: diesel_migrations, file_based_migrations.rs: the version is the folder's name up to the
 * first underscore without its dashes, compared as text; metadata.toml can switch the transaction
 * off, and the file is one simple query then.
 */
#include "parser/base/text.h"
#include "parser/naming.h"

#define TIMESTAMP_DIGITS 14 /* what `diesel migration generate` writes, dashes left out */

/* read_version returns the version of a folder's name, which ends at `end`. */
static char *
read_version(TALLOC_CTX *mem, const char *name, const char *end)
{
    char *version = lk_strndup(mem, name, (size_t)(end - name));
    char *to = version;

    for (const char *from = version; *from != '\0'; from++)
        if (*from != '-')
            *to++ = *from;
    *to = '\0';
    return version;
}

static const char *
version_end(const char *name, const char *slash)
{
    const char *underscore = memchr(name, '_', (size_t)(slash - name));

    return underscore != NULL ? underscore : slash;
}

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    const char *slash = strchr(path, '/');
    bool down = slash != NULL && strcmp(slash, "/down.sql") == 0;

    if (slash == NULL || (!down && strcmp(slash, "/up.sql") != 0))
        return LK_NAME_OTHER;
    if (lk_version_length(path, false) == 0) {
        *problem = "the folder's name does not start with a version";
        return LK_NAME_INVALID;
    }
    const char *end = version_end(path, slash);
    ret->kind = down ? LK_KIND_UNDO : LK_KIND_VERSIONED;
    ret->version = (struct lk_version){.text = read_version(mem, path, end), .by_text = true};
    ret->description = lk_description(mem, end < slash ? end + 1 : end, slash);
    return LK_NAME_VALID;
}

/* is_dated returns whether a migration's folder is called by a point in time: others count. */
static bool
is_dated(const char *folder, const struct lk_scripts *all, const struct lk_scripts *own)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);

    (void)folder;
    (void)all;
    lk_vec_foreach(script, &own->paths) {
        const char *slash = strchr(*script, '/');
        char *version = read_version(scratch, *script, version_end(*script, slash));
        if (strlen(version) >= TIMESTAMP_DIGITS &&
            lk_version_length(version, false) == strlen(version))
            return true;
    }
    return false;
}

static const struct lk_beside beside[] = {
    {"run_in_transaction", "false", LK_BESIDE_TRANSACTION_OFF},
    {"run_in_transaction", "true", 0},
    {NULL, NULL, 0},
};

const struct lk_naming lk_naming_diesel = {
    .name = "diesel",
    .summary = "<YYYY-MM-DD-HHMMSS>_<description>/up.sql and down.sql",
    .example = "2024-01-31-120000_%s/up.sql",
    .preference = 44,
    .tolerance = 90,
    .any_order = true,
    .runner = LK_RUNNER_TRANSACTION,
    .runner_off = LK_RUNNER_ONE_MESSAGE,
    .transaction_off = "a file metadata.toml beside it that says run_in_transaction = false",
    .off = "run_in_transaction = false",
    .read = read_name,
    .fits = is_dated,
    .beside = "metadata.toml",
    .beside_lines = beside,
};
