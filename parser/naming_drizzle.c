/*
 * parser/naming_drizzle.c
 *     Drizzle: 0000_add_users.sql with "--> statement-breakpoint", in the order of a journal; or
 *     folders 20240131120000_add_users with migration.sql and snapshot.json in each.
 *
 * Source: drizzle-orm, migrator.ts: the entries of meta/_journal.json in their order, each the file
 * of its tag, cut at every breakpoint; all that is pending runs in one transaction. The number in
 * front is a habit of the generator, which can be configured away. Since 1.0 there are folders and
 * no journal (Drizzle documentation, drizzle-kit generate), in the order of their names.
 */
#include <jansson.h>

#include "parser/base/file.h"
#include "parser/base/text.h"
#include "parser/naming.h"

#define JOURNAL "meta/_journal.json"
#define MEMBER "/migration.sql"
#define BREAKPOINT "--> statement-breakpoint"

static bool
has_marks(const struct lk_source *source)
{
    return memmem(source->text, source->size, BREAKPOINT, strlen(BREAKPOINT)) != NULL;
}

/* split_parts cuts a file at its breakpoints, which end a statement without a semicolon, too. */
static struct lk_parts
split_parts(TALLOC_CTX *mem, const struct lk_source *source)
{
    struct lk_parts parts = {0};
    uint32_t start = 0;
    const char *at;

    while ((at = memmem(source->text + start, source->size - start, BREAKPOINT,
                        strlen(BREAKPOINT))) != NULL) {
        lk_spans_add(mem, &parts.up, start, (uint32_t)(at - source->text));
        start = (uint32_t)(at - source->text) + (uint32_t)strlen(BREAKPOINT);
    }
    lk_spans_add(mem, &parts.up, start, source->size);
    return parts;
}

static bool
read_journal(TALLOC_CTX *mem, const struct lk_naming *naming, const char *folder,
             const struct lk_scripts *scripts, struct lk_version_list *ret)
{
    json_t *journal = lk_scripts_have(scripts, JOURNAL)
                          ? json_load_file(lk_path_join(mem, folder, JOURNAL), 0, NULL)
                          : NULL;
    json_t *entries = json_object_get(journal, "entries");
    json_t *entry;
    size_t index;

    (void)naming;
    json_array_foreach(entries, index, entry)
    {
        const char *tag = json_string_value(json_object_get(entry, "tag"));
        if (tag != NULL)
            lk_vec_push(mem, &ret->items, lk_strdup(mem, tag));
    }
    json_decref(journal);
    return ret->items.count > 0;
}

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    size_t digits = lk_version_length(path, false);
    const char *slash = strchr(path, '/');

    (void)problem;
    if (!lk_ends_with(path, ".sql") || (slash != NULL && strcmp(slash, MEMBER) != 0))
        return LK_NAME_OTHER;
    const char *end = slash != NULL ? slash : path + strlen(path) - strlen(".sql");
    const char *description = path + digits + strspn(path + digits, "_");
    ret->kind = LK_KIND_VERSIONED;
    ret->version = (struct lk_version){
        .text = lk_strndup(mem, path, (size_t)(end - path)),
        .by_text = true,
    };
    ret->description = lk_description(mem, description, end);
    return LK_NAME_VALID;
}

/* has_snapshots returns whether a snapshot stands beside a migration. */
static bool
has_snapshots(const char *folder, const struct lk_scripts *all, const struct lk_scripts *own)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);

    (void)folder;
    lk_vec_foreach(script, &own->paths) {
        const char *slash = strchr(*script, '/');
        if (slash != NULL && lk_scripts_have(all, lk_fmt(scratch, "%.*s/snapshot.json",
                                                         (int)(slash - *script), *script)))
            return true;
    }
    return false;
}

const struct lk_naming lk_naming_drizzle = {
    .name = "drizzle",
    .summary = "<number>_<description>.sql, in the order of " JOURNAL
               ", or <timestamp>_<description>" MEMBER,
    .example = "0002_%s.sql",
    .maker = "`drizzle-kit generate --custom --name NAME`",
    .preference = 80,
    .tolerance = 90,
    .nameless = true,
    .runner = LK_RUNNER_TRANSACTION,
    .past_runner = "by hand, before a migration that says IF [NOT] EXISTS: drizzle carries out all "
                   "that is pending in one transaction",
    .between = BREAKPOINT,
    .landmark = JOURNAL,
    .read = read_name,
    .marks = has_marks,
    .fits = has_snapshots,
    .order = read_journal,
    .unlisted = JOURNAL " does not list it",
    .list = JOURNAL,
    .split = split_parts,
};
