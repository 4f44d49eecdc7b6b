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

/* is_any_home is is_home for any convention. */
static bool
is_any_home(const char *name, size_t length)
{
    size_t count;
    const struct lk_naming *const *namings = lk_namings(&count);

    for (size_t i = 0; i < count; i++)
        if (is_home(namings[i], name, length))
            return true;
    return false;
}

bool
lk_folder_is_home(const char *name)
{
    return is_any_home(name, strlen(name));
}

bool
lk_script_is_own(const struct lk_naming *naming, const char *script)
{
    const char *slash = strchr(script, '/');
    struct lk_numbered_name name;

    if (naming != NULL && naming->homes != NULL)
        return slash != NULL && is_home(naming, script, (size_t)(slash - script)) &&
               is_written_for(naming, script);
    if (slash == NULL)
        return is_written_for(naming, script);
    /* a migration that is a folder */
    return strchr(slash + 1, '/') == NULL && is_written_for(naming, script) &&
           (strcmp(slash, "/migration.sql") == 0 || lk_numbered_read(script, true, &name));
}

/* ---- evidence ---- */

#define POOL_SIZE (128u << 10) /* for what the conventions make of the names */

/* The scripts of a folder, by what conventions ask of them. */
struct view {
    const char *folder;
    const struct lk_scripts *scripts;
    struct lk_scripts sql;      /* its own of no convention in particular */
    struct lk_scripts programs; /* in it, not below */
    struct lk_scripts homes;    /* SQL below folders that some convention has its scripts in */
    LK_VEC(struct lk_source *) sources; /* that were read */
};

/* What a convention makes of the names. */
struct reading {
    struct lk_scripts own; /* that it reads */
    long valid;            /* names that it reads; 0: it cannot be this one */
    bool read, judged, evident;
};

static void
look_at(TALLOC_CTX *mem, struct view *view)
{
    lk_vec_foreach(script, &view->scripts->paths) {
        const char *slash = strchr(*script, '/');

        if (lk_script_is_own(NULL, *script))
            lk_vec_push(mem, &view->sql.paths, *script);
        else if (slash == NULL)
            lk_vec_push(mem, &view->programs.paths, *script);
        if (slash != NULL && is_any_home(*script, (size_t)(slash - *script)) &&
            is_written_for(NULL, *script))
            lk_vec_push(mem, &view->homes.paths, *script);
    }
}

/* source_of returns a script's source, or NULL where it cannot be read; it is read once. */
static struct lk_source *
source_of(TALLOC_CTX *mem, struct view *view, const char *script)
{
    struct lk_error ignored = {0};
    const char *path = lk_path_join(mem, view->folder, script);

    lk_vec_foreach(source, &view->sources)
        if (strcmp((*source)->path, path) == 0)
            return *source;
    struct lk_source *source = lk_source_read(mem, path, &ignored);
    lk_error_clear(&ignored);
    if (source != NULL)
        lk_vec_push(mem, &view->sources, source);
    return source;
}

/* candidates_of returns the scripts among which a convention's own are. */
static const struct lk_scripts *
candidates_of(const struct view *view, const struct lk_naming *naming)
{
    if (naming->homes != NULL)
        return &view->homes;
    return naming->programs != NULL ? &view->programs : &view->sql;
}

/* is_own_of returns whether a candidate is a migration in a convention's own folder. */
static bool
is_own_of(const struct view *view, const struct lk_scripts *candidates,
          const struct lk_naming *naming, const char *script)
{
    return candidates == &view->sql || lk_script_is_own(naming, script);
}

/* nearest returns the first migration of a convention in steps from a place on, or NULL. */
static const char *
nearest(TALLOC_CTX *mem, const struct view *view, const struct lk_naming *naming, size_t place,
        int step)
{
    const struct lk_scripts *candidates = candidates_of(view, naming);

    for (; place < candidates->paths.count; place += (size_t)step) {
        struct lk_name name;
        const char *problem, *script = candidates->paths.items[place];
        if (is_own_of(view, candidates, naming, script) &&
            naming->read(mem, script, &name, &problem) == LK_NAME_VALID)
            return script;
    }
    return NULL;
}

/* is_proven looks for a convention's marks at the start, middle and end of its migrations. */
static bool
is_proven(TALLOC_CTX *mem, struct view *view, const struct lk_naming *naming)
{
    size_t count = candidates_of(view, naming)->paths.count;
    const struct {
        size_t place;
        int step;
    } starts[] = {{0, 1}, {count / 2, 1}, {count - 1, -1}};

    for (size_t i = 0; i < LK_ARRAY_SIZE(starts); i++) {
        const char *script = nearest(mem, view, naming, starts[i].place, starts[i].step);
        struct lk_source *source = script != NULL ? source_of(mem, view, script) : NULL;
        if (source != NULL && lk_naming_proven(naming, source))
            return true;
        if (script == NULL && i == 0)
            return false;
    }
    return false;
}

/* needs_evidence returns whether names are not enough for a convention. */
static bool
needs_evidence(const struct lk_naming *naming)
{
    return naming->landmark != NULL || naming->markers != NULL || naming->marks != NULL ||
           naming->fits != NULL;
}

/* is_evident returns whether a folder whose names a convention may read is one of it. */
static bool
is_evident(TALLOC_CTX *mem, struct view *view, const struct lk_naming *naming,
           struct reading *reading)
{
    bool content = naming->markers != NULL || naming->marks != NULL;

    if (!reading->judged)
        reading->evident =
            !needs_evidence(naming) ||
            (naming->landmark != NULL && lk_scripts_have(view->scripts, naming->landmark)) ||
            (content && is_proven(mem, view, naming)) ||
            (naming->fits != NULL && naming->fits(view->folder, view->scripts, &reading->own));
    reading->judged = true;
    return reading->evident;
}

/* ---- choice ---- */

/* The names of a convention that are wrong, and whether one takes another back. */
struct tally {
    long invalid;
    bool undo;
};

/* read_script counts a name, and returns whether it is a migration of the convention. */
static bool
read_script(TALLOC_CTX *mem, const struct lk_naming *naming, const char *script,
            struct reading *reading, struct tally *tally)
{
    struct lk_name name;
    const char *problem;
    enum lk_name_verdict verdict = naming->read(mem, script, &name, &problem);

    reading->valid += verdict == LK_NAME_VALID;
    tally->invalid += verdict == LK_NAME_INVALID;
    tally->undo |= verdict == LK_NAME_VALID && name.kind == LK_KIND_UNDO;
    return verdict == LK_NAME_VALID;
}

/*
 * read_names returns how many of a folder's names a convention reads: none where its evidence, if
 * that is cheaper to look for, is not there, or where they are too few to be meant for it.
 */
static long
read_names(TALLOC_CTX *mem, struct view *view, const struct lk_naming *naming,
           struct reading *reading)
{
    const struct lk_scripts *candidates = candidates_of(view, naming);
    struct tally tally = {0};

    if (reading->read || (naming->fits == NULL && !is_evident(mem, view, naming, reading)))
        return reading->valid;
    reading->read = true;
    lk_vec_foreach(script, &candidates->paths)
        if (is_own_of(view, candidates, naming, *script) &&
            read_script(mem, naming, *script, reading, &tally))
            lk_vec_push(mem, &reading->own.paths, *script);
    if (reading->own.paths.count > 0 && naming->subfolders)
        lk_vec_foreach(script, &view->scripts->paths)
            if (is_written_for(naming, *script) && !lk_script_is_own(naming, *script))
                read_script(mem, naming, *script, reading, &tally);
    /* more right than wrong ones: as many are enough where such names are nobody else's */
    bool few = reading->valid <= tally.invalid &&
               reading->valid * 100 < (reading->valid + tally.invalid) * naming->tolerance;
    if (reading->own.paths.count == 0 || few || (naming->paired && !tally.undo))
        reading->valid = 0;
    return reading->valid;
}

/* is_outdone returns whether a convention that is evident, too, reads many more of the names. */
static bool
is_outdone(TALLOC_CTX *mem, struct view *view, struct reading *readings, size_t at)
{
    size_t count;
    const struct lk_naming *const *namings = lk_namings(&count);
    long enough = readings[at].valid * 100, tolerance = namings[at]->tolerance;

    if (enough >= (long)view->scripts->paths.count * tolerance) /* more cannot be read */
        return false;
    for (size_t i = 0; i < count; i++)
        if (enough < read_names(mem, view, namings[i], &readings[i]) * tolerance &&
            is_evident(mem, view, namings[i], &readings[i]))
            return true;
    return false;
}

/* most_particular returns the one to ask next, `count` where none is left. */
static size_t
most_particular(const bool *asked)
{
    size_t count;
    const struct lk_naming *const *namings = lk_namings(&count);
    size_t best = count;

    for (size_t i = 0; i < count; i++)
        if (!asked[i] && (best == count || namings[i]->preference > namings[best]->preference))
            best = i;
    return best;
}

const struct lk_naming *
lk_naming_detect(const char *folder, const struct lk_scripts *scripts)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_pool(NULL, POOL_SIZE);
    size_t count, at;
    const struct lk_naming *const *namings = lk_namings(&count);
    struct view view = {.folder = folder, .scripts = scripts};
    struct reading *readings = lk_new_array(scratch, struct reading, count);
    bool *asked = lk_new_array(scratch, bool, count);

    look_at(scratch, &view);
    while ((at = most_particular(asked)) < count) {
        asked[at] = true;
        if (read_names(scratch, &view, namings[at], &readings[at]) > 0 &&
            is_evident(scratch, &view, namings[at], &readings[at]) &&
            !is_outdone(scratch, &view, readings, at))
            return namings[at];
    }
    return NULL;
}

/* ---- a history in several folders ---- */

static int
by_version(const void *a, const void *b)
{
    return lk_version_compare(*(const struct lk_version *)a, *(const struct lk_version *)b);
}

static bool
has_double(struct lk_version *versions, size_t count)
{
    if (count > 0)
        qsort(versions, count, sizeof(*versions), by_version);
    for (size_t i = 1; i < count; i++)
        if (lk_version_compare(versions[i - 1], versions[i]) == 0)
            return true;
    return false;
}

/* is_part returns whether a script lies in a folder that is called by a number, by whatever else.
 */
static bool
is_part(const char *script)
{
    size_t length = strcspn(script, "/");

    return script[length] == '/' && strcspn(script, "0123456789") < length;
}

static bool
is_spread(const struct lk_naming *naming, const struct lk_scripts *scripts)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_pool(NULL, POOL_SIZE);
    LK_VEC(struct lk_version) versions = {0};
    const char *first = NULL;
    bool several = false;

    lk_vec_foreach(script, &scripts->paths) {
        struct lk_name name;
        const char *problem;
        if (!is_written_for(naming, *script))
            continue;
        enum lk_name_verdict verdict = naming->read(scratch, *script, &name, &problem);
        if (verdict == LK_NAME_INVALID || strchr(*script, '/') == NULL)
            return false;
        if (verdict == LK_NAME_OTHER)
            continue;
        if (!is_part(*script))
            return false;
        first = first != NULL ? first : *script;
        several |= strncmp(first, *script, strcspn(first, "/") + 1) != 0;
        if (name.kind == LK_KIND_VERSIONED)
            lk_vec_push(scratch, &versions, name.version);
    }
    return several && !has_double(versions.items, versions.count);
}

const struct lk_naming *
lk_naming_spread(const struct lk_naming *only, const struct lk_scripts *scripts)
{
    size_t count;
    const struct lk_naming *const *namings = lk_namings(&count);

    for (size_t i = 0; i < count; i++)
        if ((only == NULL || only == namings[i]) && namings[i]->subfolders &&
            namings[i]->homes == NULL && is_spread(namings[i], scripts))
            return namings[i];
    return NULL;
}
