/*
 * parser/detect.c
 *     Finding out conventions: see detect.h.
 */
#include "parser/detect.h"

#include "parser/base/file.h"
#include "parser/base/text.h"

static bool
ends_with_any(const char *name, const char *const *endings)
{
    for (; *endings != NULL; endings++)
        if (lk_ends_with(name, *endings))
            return true;
    return false;
}

/* is_written_for returns whether a file is in the language of a convention. */
static bool
is_written_for(const struct lk_naming *naming, const char *name)
{
    static const char *const sql[] = {".sql", ".SQL", NULL};

    return ends_with_any(name, naming != NULL && naming->programs != NULL ? naming->programs : sql);
}

bool
lk_script_is_kept(const char *name)
{
    size_t count;
    const struct lk_naming *const *namings = lk_namings(&count);

    if (is_written_for(NULL, name))
        return true;
    for (size_t i = 0; i < count; i++)
        if (namings[i]->programs != NULL && is_written_for(namings[i], name))
            return true;
    return false;
}

/* is_home returns whether `length` bytes at `name` are a folder that has a convention's scripts. */
static bool
is_home(const struct lk_naming *naming, const char *name, size_t length)
{
    for (const char *const *home = naming->homes; home != NULL && *home != NULL; home++)
        if (strncmp(name, *home, length) == 0 && (*home)[length] == '\0')
            return true;
    return false;
}

bool
lk_folder_is_home(const char *name)
{
    size_t count;
    const struct lk_naming *const *namings = lk_namings(&count);

    for (size_t i = 0; i < count; i++)
        if (is_home(namings[i], name, strlen(name)))
            return true;
    return false;
}

bool
lk_script_is_own(const struct lk_naming *naming, const char *script)
{
    const char *slash = strchr(script, '/');
    struct lk_numbered_name name;

    if (!is_written_for(naming, script))
        return false;
    if (naming != NULL && naming->homes != NULL)
        return slash != NULL && is_home(naming, script, (size_t)(slash - script));
    return slash == NULL ||
           (strchr(slash + 1, '/') == NULL && strcmp(lk_path_base(script), "migration.sql") == 0) ||
           (strchr(slash + 1, '/') == NULL && lk_numbered_read(script, true, &name));
}

/* bears_marks looks for a convention's marks at the start, middle and end of its migrations. */
static bool
bears_marks(const struct lk_naming *naming, const char *folder, const struct lk_scripts *own)
{
    size_t last = own->paths.count - 1;
    const size_t places[] = {0, last / 2, last};
    bool found = false;

    for (size_t i = 0; i < LK_ARRAY_SIZE(places) && !found; i++) {
        struct lk_error ignored = {0};
        TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
        const char *path = lk_path_join(scratch, folder, own->paths.items[places[i]]);

        if (i > 0 && places[i] == places[i - 1])
            continue;
        struct lk_source *source = lk_source_read(scratch, path, &ignored);
        lk_error_clear(&ignored);
        found = source != NULL && lk_naming_proven(naming, source);
    }
    return found;
}

/* is_evident returns whether a folder whose names a convention reads is one of it. */
static bool
is_evident(const struct lk_naming *naming, const char *folder, const struct lk_scripts *own)
{
    if (naming->landmark == NULL && !lk_naming_proves(naming))
        return true;
    if (naming->landmark != NULL) {
        TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
        if (lk_file_exists(lk_path_join(scratch, folder, naming->landmark)))
            return true;
    }
    return lk_naming_proves(naming) && bears_marks(naming, folder, own);
}

/* score returns how many names a convention reads, or 0 if it refuses as many: it cannot be. */
static long
score(const struct lk_naming *naming, const char *folder, const struct lk_scripts *scripts)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_scripts own = {0};
    long valid = 0, invalid = 0;
    bool undo = false;

    lk_vec_foreach(script, &scripts->paths) {
        struct lk_name name;
        const char *problem;
        bool is_own = lk_script_is_own(naming, *script);
        if (!is_own && (!naming->subfolders || !is_written_for(naming, *script)))
            continue;
        switch (naming->read(scratch, *script, &name, &problem)) {
        case LK_NAME_VALID:
            undo |= name.kind == LK_KIND_UNDO;
            if (is_own)
                lk_vec_push(scratch, &own.paths, *script);
            valid++;
            break;
        case LK_NAME_INVALID:
            invalid++;
            break;
        case LK_NAME_OTHER:
            break;
        }
    }
    if (own.paths.count == 0 || valid <= invalid || (naming->paired && !undo))
        return 0;
    return is_evident(naming, folder, &own) ? valid : 0;
}

const struct lk_naming *
lk_naming_detect(const char *folder, const struct lk_scripts *scripts)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    size_t count;
    const struct lk_naming *const *namings = lk_namings(&count);
    const struct lk_naming *best = NULL;
    long *scores = lk_new_array(scratch, long, count);
    long highest = 0;

    for (size_t i = 0; i < count; i++) {
        scores[i] = score(namings[i], folder, scripts);
        highest = LK_MAX(highest, scores[i]);
    }
    for (size_t i = 0; i < count && highest > 0; i++)
        if (scores[i] * 100 >= highest * namings[i]->tolerance &&
            (best == NULL || namings[i]->preference > best->preference))
            best = namings[i];
    return best;
}
