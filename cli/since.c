/*
 * cli/since.c
 *     From a revision to the past of a changelog: see since.h.
 */
#include "cli/since.h"

#include "parser/base/text.h"
#include "parser/detect.h"

/* A folder of the changelog in its repository. */
struct place {
    const struct lk_folder *folder;
    const struct lk_git *git;
    const char *prefix; /* of its files in the work tree, from the root */
    const char *former; /* of its files at the merge base */
};

struct since {
    TALLOC_CTX *mem;
    const char *revision;
    const struct lk_changelog_options *options;
    struct lk_changelog *changelog;
    LK_VEC(struct place) places; /* in the order of the folders */
};

static const struct lk_git *
repository_of(struct since *since, const char *folder, struct lk_repositories *known,
              struct lk_error *err)
{
    char *root = lk_git_root(since->mem, folder, err);

    if (root == NULL)
        return NULL;
    lk_vec_foreach(git, &known->items)
        if (strcmp((*git)->root, root) == 0)
            return *git;
    const struct lk_git *git = lk_git_open(since->mem, root, since->revision, err);
    if (git != NULL)
        lk_vec_push(since->mem, &known->items, git);
    return git;
}

/* ---- what there was ---- */

/* is_listed returns whether a folder's listing would have the file: not what is hidden. */
static bool
is_listed(const char *path)
{
    return path[0] != '.' && strstr(path, "/.") == NULL && !lk_starts_with(path, "node_modules/") &&
           strstr(path, "/node_modules/") == NULL;
}

static int
compare_scripts(const void *a, const void *b)
{
    return lk_path_compare(*(const char *const *)a, *(const char *const *)b);
}

#define sort_scripts(vec)                                                                          \
    do {                                                                                           \
        if ((vec)->count > 0)                                                                      \
            qsort((vec)->items, (vec)->count, sizeof((vec)->items[0]), compare_scripts);           \
    } while (0)

/* list returns the files that a folder had in a commit. */
static bool
list(struct since *since, const struct place *place, const char *commit, const char *prefix,
     struct lk_scripts *ret, struct lk_error *err)
{
    struct lk_git_paths paths = {0};

    if (!lk_git_list(since->mem, place->git, commit, prefix, &paths, err))
        return false;
    lk_vec_foreach(path, &paths.items) {
        bool kept = lk_script_is_kept(*path);
        if (!is_listed(*path) ||
            (kept && lk_changelog_excludes(since->options, place->folder->path, *path)))
            continue;
        if (kept)
            lk_vec_push(since->mem, &ret->paths, *path);
        else
            lk_vec_push(since->mem, &ret->others, *path);
    }
    sort_scripts(&ret->paths);
    sort_scripts(&ret->others);
    return true;
}

/* above returns the length of what is left of `path` without as many names as `script` has. */
static size_t
above(const char *path, const char *script)
{
    size_t length = strlen(path);
    size_t names = 1;

    for (const char *at = script; *at != '\0'; at++)
        names += *at == '/';
    while (length > 0 && (path[length - 1] != '/' || --names > 0))
        length--;
    return length;
}

/*
 * old_home returns where the files of a folder lay before all of it was moved: where git says that
 * one of them came from, best under the same name. NULL: it is new.
 */
static const char *
old_home(struct since *since, const struct place *place)
{
    size_t length = strlen(place->prefix);
    const char *home = NULL;

    lk_vec_foreach(change, &place->git->changes) {
        if (change->to == NULL || strncmp(change->to, place->prefix, length) != 0)
            continue;
        const char *script = change->to + length;
        size_t left = above(change->from, script);
        bool same = strcmp(change->from + left, script) == 0;
        if (home == NULL || same)
            home = lk_strndup(since->mem, change->from, left);
        if (same)
            break;
    }
    return home;
}

/* read_folder adds what a folder held in a commit to a changelog of then. */
static bool
read_folder(struct since *since, struct place *place, const char *commit, struct lk_changelog *then,
            struct lk_error *err)
{
    const struct lk_changelog_options options = {.naming = place->folder->naming};
    struct lk_scripts scripts = {0};

    if (!list(since, place, commit, place->prefix, &scripts, err))
        return false;
    const char *before = scripts.paths.count == 0 ? old_home(since, place) : NULL;
    if (before != NULL && !list(since, place, commit, before, &scripts, err))
        return false;
    if (strcmp(commit, place->git->base) == 0)
        place->former = before != NULL ? before : place->prefix;
    const struct lk_found_folder found = {place->folder->path, scripts, place->folder->naming};
    lk_changelog_join(since->mem, then, &found, &options);
    return true;
}

/* read_then returns the changelog as it was: at the merge base, or at the revision itself. */
static struct lk_changelog *
read_then(struct since *since, bool tip, struct lk_error *err)
{
    struct lk_changelog *then = lk_new(since->mem, struct lk_changelog);

    lk_vec_foreach(place, &since->places)
        if (!read_folder(since, place, tip ? place->git->tip : place->git->base, then, err))
            return NULL;
    lk_changelog_sort(then);
    return then;
}

/* has_moved_on returns whether the revision has more than the merge base. */
static bool
has_moved_on(const struct since *since)
{
    lk_vec_foreach(place, &since->places)
        if (strcmp(place->git->tip, place->git->base) != 0)
            return true;
    return false;
}

/* ---- what became of it ---- */

/* path_of returns what a file of the repository is called from here, NULL outside of `prefix`. */
static const char *
path_of(struct since *since, const struct place *place, const char *prefix, const char *path)
{
    size_t length = strlen(prefix);

    return path == NULL || strncmp(path, prefix, length) != 0
               ? NULL
               : lk_path_join(since->mem, place->folder->path, path + length);
}

/* now_of returns what a file is called from here now, in whichever folder it is; or NULL. */
static const char *
now_of(struct since *since, const struct lk_git *git, const char *path)
{
    lk_vec_foreach(place, &since->places) {
        const char *now = place->git == git ? path_of(since, place, place->prefix, path) : NULL;
        if (now != NULL)
            return now;
    }
    return NULL;
}

static struct lk_renamings
renamings_of(struct since *since)
{
    struct lk_renamings renamings = {0};

    lk_vec_foreach(place, &since->places) {
        lk_vec_foreach(change, &place->git->changes) {
            const char *from = path_of(since, place, place->former, change->from);
            const char *to = from == NULL ? NULL : now_of(since, place->git, change->to);
            if (to != NULL)
                *lk_vec_add(since->mem, &renamings.items) = (struct lk_renaming){from, to};
        }
    }
    return renamings;
}

/* read_text reads what a migration was, and keeps that where it is something else now. */
static bool
read_text(struct since *since, const struct place *place, const char *path,
          const struct lk_migration *now, struct lk_former *former, struct lk_error *err)
{
    struct lk_bytes then, bytes;

    if (!lk_git_read(since->mem, place->git, path, &then, err))
        return false;
    if (strcmp(now->input, "-") != 0) {
        if (!lk_file_read(since->mem, now->input, &bytes, err))
            return false;
        if (bytes.size == then.size && memcmp(bytes.data, then.data, then.size) == 0)
            return true;
    }
    former->text = then;
    return true;
}

/* note_change fills in what a change says of a migration of then. */
static bool
note_change(struct since *since, struct lk_past *past, const struct place *place,
            const struct lk_git_change *change, struct lk_error *err)
{
    const char *path = path_of(since, place, place->former, change->from);
    const char *to = path == NULL ? NULL : now_of(since, place->git, change->to);
    const struct lk_migration *then = path == NULL ? NULL : lk_past_find(past->base, path);

    if (then == NULL)
        return true;
    struct lk_former *former = &past->formers[then - past->base->migrations.items];
    if (former->ordinal == 0) {
        former->gone = change->removed;
        return true;
    }
    const struct lk_migration *now = &since->changelog->migrations.items[former->ordinal - 1];
    if (change->same && to != NULL && strcmp(to, now->path) == 0)
        return true;
    return read_text(since, place, change->from, now, former, err);
}

/* has_changed returns whether git says that a file of the repository is another one now. */
static bool
has_changed(const struct lk_git *git, const char *path)
{
    lk_vec_foreach(change, &git->changes)
        if (!change->same && (strcmp(change->from, path) == 0 ||
                              (change->to != NULL && strcmp(change->to, path) == 0)))
            return true;
    return false;
}

/* changed_include returns a file that a migration includes and that is another one now, or NULL. */
static const char *
changed_include(struct since *since, const struct place *place,
                const struct lk_migration *migration)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const struct lk_values none = {0};
    struct lk_error ignored = {0};
    char *home = lk_path_absolute(scratch, place->folder->path);
    size_t inside = strlen(place->prefix), root = strlen(home) + 1 - inside;
    struct lk_source *source = lk_migration_read(scratch, migration, &none, 0, &ignored);

    lk_error_clear(&ignored);
    if (source == NULL || strlen(home) < inside) /* behind a link */
        return NULL;
    lk_vec_foreach(piece, &source->pieces.items) {
        const char *path = lk_path_absolute(scratch, piece->file->path);
        if (piece->file != lk_source_own(source) && strncmp(path, home, root) == 0 &&
            has_changed(place->git, path + root))
            return lk_strdup(since->mem, piece->file->path);
    }
    return NULL;
}

/* note_includes fills in of which migrations, themselves as they were, a file that they include is
 * another one now. */
static void
note_includes(struct since *since, struct lk_past *past)
{
    lk_vec_foreach(migration, &since->changelog->migrations) {
        const struct lk_migration *then;
        const struct lk_former *former = lk_past_of(past, migration, &then);
        const struct place *place = &since->places.items[migration->folder->priority];
        if (former != NULL && former->text.data == NULL && place->git->changes.count > 0 &&
            strcmp(migration->input, "-") != 0)
            past->formers[former - past->formers].included =
                changed_include(since, place, migration);
    }
}

/* is_changed returns whether a migration that was there before is another one now. */
static bool
is_changed(const struct lk_past *past, const struct lk_migration *now)
{
    const struct lk_migration *then;
    const struct lk_former *former = lk_past_of(past, now, &then);

    return former == NULL || former->text.data != NULL || former->included != NULL ||
           !lk_is_still(then, now) || strcmp(then->name.description, now->name.description) != 0;
}

/* was_there returns whether a file has the path and the content that it had. */
static bool
was_there(struct since *since, const struct lk_past *past, const char *path)
{
    bool there = false;

    lk_vec_foreach(stray, &past->base->strays)
        there |= strcmp(stray->path, path) == 0;
    lk_vec_foreach(place, &since->places) {
        lk_vec_foreach(change, &place->git->changes) {
            const char *from = path_of(since, place, place->former, change->from);
            there &= from == NULL || strcmp(from, path) != 0;
        }
    }
    return there;
}

/* report_news leaves what is as it was unreported. */
static void
report_news(struct since *since, const struct lk_past *past)
{
    struct lk_changelog *changelog = since->changelog;
    size_t kept = 0;

    lk_vec_foreach(migration, &changelog->migrations)
        migration->reported &= is_changed(past, migration);
    lk_vec_foreach(stray, &changelog->strays)
        if (!was_there(since, past, stray->path))
            changelog->strays.items[kept++] = *stray;
    changelog->strays.count = kept;
}

/* ---- hooks ---- */

/* was_in returns whether a folder held a file at the merge base. */
static bool
was_in(struct since *since, const struct place *place, const char *name, bool *ret,
       struct lk_error *err)
{
    struct lk_git_paths paths = {0};

    *ret = false;
    if (!lk_git_list(since->mem, place->git, place->git->base, place->prefix, &paths, err))
        return false;
    lk_vec_foreach(path, &paths.items)
        *ret |= strcmp(*path, name) == 0;
    return true;
}

/* is_as_it_was finds whether a script, with what it includes, is what it was at the merge base. */
static bool
is_as_it_was(struct since *since, const struct lk_migration *script, struct lk_repositories *known,
             bool *ret, struct lk_error *err)
{
    const char *folder = lk_path_dir(since->mem, script->path), *name = lk_path_base(script->path);
    const struct lk_folder home = {.path = folder};
    struct place place = {.folder = &home, .git = repository_of(since, folder, known, err)};
    struct lk_bytes then, now;

    place.prefix = place.git == NULL ? NULL : lk_git_prefix(since->mem, folder, err);
    if (place.prefix == NULL || !was_in(since, &place, name, ret, err))
        return false;
    if (!*ret)
        return true;
    if (!lk_git_read(since->mem, place.git, lk_fmt(since->mem, "%s%s", place.prefix, name), &then,
                     err) ||
        !lk_file_read(since->mem, script->path, &now, err))
        return false;
    *ret = now.size == then.size && memcmp(now.data, then.data, now.size) == 0 &&
           changed_include(since, &place, script) == NULL;
    return true;
}

/* report_hooks leaves the hooks that are as they were unreported; git may not know their folder. */
static void
report_hooks(struct since *since, struct lk_repositories *known)
{
    lk_vec_foreach(hook, &since->changelog->hooks.items) {
        struct lk_error unknown = {0};
        bool same = false;
        if (is_as_it_was(since, &hook->migration, known, &same, &unknown))
            hook->migration.reported &= !same;
        lk_error_clear(&unknown);
    }
}

/*
 * read_piped reads what a migration was that stands for what is piped in: git knows nothing of
 * that.
 */
static bool
read_piped(struct since *since, const struct lk_past *past, struct lk_error *err)
{
    lk_vec_foreach(migration, &since->changelog->migrations) {
        const struct lk_migration *then;
        const struct lk_former *former = lk_past_of(past, migration, &then);
        if (former == NULL || former->text.data != NULL || strcmp(migration->input, "-") != 0)
            continue;
        const struct place *place = &since->places.items[migration->folder->priority];
        const char *path = lk_fmt(since->mem, "%s%s", place->former, then->script);
        if (!read_text(since, place, path, migration, &past->formers[former - past->formers], err))
            return false;
    }
    return true;
}

bool
lk_since(TALLOC_CTX *mem, struct lk_changelog *changelog, const char *revision,
         const struct lk_changelog_options *options, struct lk_repositories *known,
         struct lk_error *err)
{
    struct since since = {
        .mem = mem, .revision = revision, .options = options, .changelog = changelog};

    lk_vec_foreach(folder, &changelog->folders) {
        const struct lk_git *git = repository_of(&since, (*folder)->path, known, err);
        char *prefix = git == NULL ? NULL : lk_git_prefix(mem, (*folder)->path, err);
        if (prefix == NULL)
            return false;
        *lk_vec_add(mem, &since.places) = (struct place){*folder, git, prefix, prefix};
    }
    struct lk_changelog *base = read_then(&since, false, err);
    struct lk_changelog *tip =
        base == NULL || !has_moved_on(&since) ? base : read_then(&since, true, err);
    if (tip == NULL)
        return false;
    const struct lk_renamings renamings = renamings_of(&since);
    struct lk_past *past = lk_past_new(mem, revision, changelog, base, tip, &renamings);
    lk_vec_foreach(place, &since.places)
        lk_vec_foreach(change, &place->git->changes)
            if (!note_change(&since, past, place, change, err))
                return false;
    if (!read_piped(&since, past, err))
        return false;
    note_includes(&since, past);
    report_news(&since, past);
    report_hooks(&since, known);
    changelog->past = past;
    return true;
}
