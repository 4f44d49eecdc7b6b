/*
 * applier/history.c
 *     The table of history formats, and looking rows up: see history.h.
 */
#include "applier/history.h"

#define LK_HISTORY_FORMAT(identifier)                                                              \
    extern const struct lk_history_format lk_history_format_##identifier;
#include "applier/history_formats.def"
#undef LK_HISTORY_FORMAT

static const struct lk_history_format *const formats[] = {
#define LK_HISTORY_FORMAT(identifier) &lk_history_format_##identifier,
#include "applier/history_formats.def"
#undef LK_HISTORY_FORMAT
};

const struct lk_history_format *
lk_history_format_find(const char *name)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(formats); i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    return NULL;
}

const char *
lk_history_status_name(enum lk_history_status status)
{
    switch (status) {
    case LK_HISTORY_APPLIED:
        return "applied";
    case LK_HISTORY_FAILED:
        return "failed";
    case LK_HISTORY_SKIPPED:
        return "skipped";
    case LK_HISTORY_BASELINE:
        return "baseline";
    case LK_HISTORY_UNDONE:
        return "undone";
    case LK_HISTORY_DELETED:
        break;
    }
    return "deleted";
}

/* is_beside returns whether a row is of the folder whose scripts start so. */
static bool
is_beside(const struct lk_history_row *row, const struct lk_migration *migration,
          const char *script)
{
    size_t length = strlen(script), own = strlen(migration->script);

    return length < own || strncmp(row->script, script, length - own) == 0;
}

/* same_version returns whether a row is of the migration's version; to Flyway a repeatable one is
 * its description, wherever its file lies. */
static bool
same_version(const struct lk_history_row *row, const struct lk_migration *migration)
{
    if (row->kind != migration->name.kind || row->elsewhere)
        return false;
    if (row->version == NULL || migration->name.version.text == NULL)
        return row->by_checksum && row->kind == LK_KIND_REPEATABLE &&
               strcmp(row->description, migration->name.description) == 0;
    return lk_version_compare((struct lk_version){.text = row->version}, migration->name.version) ==
           0;
}

const struct lk_history_row *
lk_history_find(const struct lk_history *history, const struct lk_migration *migration,
                const char *script)
{
    const struct lk_history_row *by_version = NULL, *alone = NULL;

    for (size_t i = history->rows.count; i-- > 0;) {
        const struct lk_history_row *row = &history->rows.items[i];
        if (strcmp(row->script, script) == 0 && row->kind == migration->name.kind)
            return row;
        if (alone == NULL && strcmp(row->script, migration->script) == 0 &&
            row->kind == migration->name.kind)
            alone = row;
        if (by_version == NULL && same_version(row, migration) &&
            (row->by_checksum || is_beside(row, migration, script)))
            by_version = row;
    }
    return by_version != NULL ? by_version : alone;
}

const struct lk_history_row *
lk_history_at(const struct lk_history *history, int64_t rank)
{
    lk_vec_foreach(row, &history->rows)
        if (row->rank == rank)
            return row;
    return NULL;
}

const struct lk_history_row *
lk_history_find_undo(const struct lk_history *history, int64_t rank)
{
    for (size_t i = history->rows.count; i-- > 0;)
        if (history->rows.items[i].undoes == rank)
            return &history->rows.items[i];
    return NULL;
}

bool
lk_history_is_half(const struct lk_history_row *row)
{
    return row->status == LK_HISTORY_FAILED &&
           (row->statements_done > 0 || row->statements_begun > 0);
}
