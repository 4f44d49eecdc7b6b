/*
 * parser/changelog.c
 *     From folders to an ordered list of migrations: see changelog.h.
 */
#include "parser/changelog.h"

#include "parser/base/buf.h"
#include "parser/base/text.h"

#define MAX_DEPTH 16 /* of folders in folders: a link can make them endless */

static bool
is_excluded(const struct lk_changelog_options *options, const char *path)
{
    for (const char *const *glob = options->exclude; glob != NULL && *glob != NULL; glob++)
        if (lk_glob_match(*glob, path))
            return true;
    return false;
}

/* collect adds the SQL files below folder/prefix, `depth` levels of subfolders deep. */
static bool
collect(TALLOC_CTX *mem, const char *folder, const char *prefix, unsigned depth,
        const struct lk_changelog_options *options, struct lk_scripts *ret, struct lk_error *err)
{
    struct lk_listing listing;
    char *path = lk_path_join(mem, folder, prefix);

    if (!lk_directory_list(mem, path[0] == '\0' ? "." : path, &listing, err))
        return false;
    lk_vec_foreach(entry, &listing.entries) {
        char *script = lk_path_join(mem, prefix, entry->name);
        if (is_excluded(options, lk_path_join(mem, folder, script)))
            continue;
        if (entry->directory) {
            if (depth > 0 && strcmp(entry->name, "node_modules") != 0 &&
                !collect(mem, folder, script, depth - 1, options, ret, err))
                return false;
        } else if (lk_ends_with(entry->name, ".sql") || lk_ends_with(entry->name, ".SQL")) {
            lk_vec_push(mem, &ret->paths, script);
        }
    }
    return true;
}

/* is_own returns whether a script lies in the folder itself, or is a migration that is a folder. */
static bool
is_own(const char *script)
{
    const char *slash = strchr(script, '/');
    struct lk_numbered_name name;

    return slash == NULL ||
           (strchr(slash + 1, '/') == NULL && strcmp(lk_path_base(script), "migration.sql") == 0) ||
           (strchr(slash + 1, '/') == NULL && lk_numbered_read(script, true, &name));
}

static bool
bears_marks(const struct lk_naming *naming, const char *folder, const char *script)
{
    struct lk_error ignored = {0};
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_source *source =
        lk_source_read(scratch, lk_path_join(scratch, folder, script), &ignored);

    lk_error_clear(&ignored);
    return source != NULL && naming->marks(source);
}

/* score returns how many names a convention reads, or 0 if it refuses as many: it cannot be. */
static long
score(const struct lk_naming *naming, const char *folder, const struct lk_scripts *scripts)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const char *first = NULL;
    long valid = 0, invalid = 0;

    lk_vec_foreach(script, &scripts->paths) {
        struct lk_name name;
        const char *problem;
        if (!naming->subfolders && !is_own(*script))
            continue;
        switch (naming->read(scratch, *script, &name, &problem)) {
        case LK_NAME_VALID:
            if (first == NULL && is_own(*script))
                first = *script;
            valid++;
            break;
        case LK_NAME_INVALID:
            invalid++;
            break;
        case LK_NAME_OTHER:
            break;
        }
    }
    if (first == NULL || (naming->marks != NULL && !bears_marks(naming, folder, first)))
        return 0;
    return valid > invalid ? valid : 0;
}

/*
 * detect returns the convention of a folder, or NULL: the most particular one that reads nearly as
 * many names as the one that reads most.
 */
static const struct lk_naming *
detect(const char *folder, const struct lk_scripts *scripts)
{
    size_t count;
    const struct lk_naming *const *namings = lk_namings(&count);
    const struct lk_naming *best = NULL;
    long highest = 0;

    for (size_t i = 0; i < count; i++)
        highest = LK_MAX(highest, score(namings[i], folder, scripts));
    for (size_t i = 0; i < count && highest > 0; i++)
        if (score(namings[i], folder, scripts) * 100 >= highest * namings[i]->tolerance &&
            (best == NULL || namings[i]->preference > best->preference))
            best = namings[i];
    return best;
}

static void
add_migration(TALLOC_CTX *mem, struct lk_changelog *changelog, const struct lk_folder *folder,
              const char *script, struct lk_name name)
{
    struct lk_migration *migration = lk_vec_add(mem, &changelog->migrations);

    migration->folder = folder;
    migration->script = script;
    migration->path = migration->input = lk_path_join(mem, folder->path, script);
    migration->name = name;
    migration->reported = true;
}

/* add_script takes a file of a folder in: as a migration, as a stray, or not at all. */
static void
add_script(TALLOC_CTX *mem, struct lk_changelog *changelog, const struct lk_folder *folder,
           const char *script)
{
    struct lk_name name = {.kind = LK_KIND_VERSIONED, .description = script};
    const char *problem = NULL;

    if (folder->naming == NULL) {
        if (is_own(script))
            add_migration(mem, changelog, folder, script, name);
        return;
    }
    if (!folder->naming->subfolders && !is_own(script))
        return;
    switch (folder->naming->read(mem, script, &name, &problem)) {
    case LK_NAME_VALID:
        add_migration(mem, changelog, folder, script, name);
        break;
    case LK_NAME_INVALID:
        *lk_vec_add(mem, &changelog->strays) =
            (struct lk_stray){folder, lk_path_join(mem, folder->path, script), script, problem};
        break;
    case LK_NAME_OTHER:
        break;
    }
}

static bool
has_own(const struct lk_scripts *scripts)
{
    lk_vec_foreach(script, &scripts->paths)
        if (is_own(*script))
            return true;
    return false;
}

static bool
no_migrations(const char *path, struct lk_error *err)
{
    lk_fail(err, LK_ERR_INPUT, "no migration found in %s", path);
    return lk_error_hint(err, "Files are expected to be called like V1__create_users.sql, "
                              "0001_create_users.up.sql or 20240131120000_create_users.sql.");
}

void
lk_changelog_join(TALLOC_CTX *mem, struct lk_changelog *changelog,
                  const struct lk_found_folder *found, const struct lk_changelog_options *options)
{
    struct lk_folder *folder = lk_new(mem, struct lk_folder);

    folder->priority = (uint32_t)changelog->folders.count;
    folder->path = found->path;
    folder->detected = options->naming == NULL;
    folder->naming = found->naming;
    lk_vec_push(mem, &changelog->folders, folder);
    lk_vec_foreach(script, &found->scripts.paths)
        add_script(mem, changelog, folder, *script);
}

void
lk_changelog_add_file(TALLOC_CTX *mem, struct lk_changelog *changelog, const char *path)
{
    struct lk_folder *folder = lk_new(mem, struct lk_folder);

    folder->priority = (uint32_t)changelog->folders.count;
    folder->path = lk_path_dir(mem, path);
    lk_vec_push(mem, &changelog->folders, folder);
    struct lk_name name = {.kind = LK_KIND_VERSIONED, .description = lk_path_base(path)};
    add_migration(mem, changelog, folder, lk_strdup(mem, lk_path_base(path)), name);
    struct lk_migration *migration = lk_vec_last(&changelog->migrations);
    migration->path = migration->input = lk_strdup(mem, path);
}

/* in_order compares as the migrations are applied: versioned by folder and version, then others. */
static int
in_order(const void *a, const void *b)
{
    const struct lk_migration *left = a, *right = b;
    bool left_last = left->name.kind == LK_KIND_REPEATABLE;
    bool right_last = right->name.kind == LK_KIND_REPEATABLE;
    int order = left_last - right_last;

    if (order == 0)
        order = (left->folder->priority > right->folder->priority) -
                (left->folder->priority < right->folder->priority);
    if (order == 0)
        order = lk_version_compare(left->name.version, right->name.version);
    if (order == 0 && left_last)
        order = strcmp(left->name.description, right->name.description);
    if (order == 0) /* the undo file of a version behind the versioned one */
        order = (int)left->name.kind - (int)right->name.kind;
    return order != 0 ? order : strcmp(left->script, right->script);
}

/*
 * mark_replayed decides what the history of an empty database consists of. A baseline migration
 * stands for the versions up to its own, older baselines included; where those versions are still
 * there, they tell more.
 */
static void
mark_replayed(struct lk_changelog *changelog)
{
    struct lk_migration *baseline = NULL;
    bool versioned = false;

    lk_vec_foreach(migration, &changelog->migrations) {
        enum lk_migration_kind kind = migration->name.kind;

        versioned |= kind == LK_KIND_VERSIONED;
        migration->replayed = kind == LK_KIND_VERSIONED || kind == LK_KIND_REPEATABLE;
        if (kind != LK_KIND_BASELINE || versioned)
            continue;
        if (baseline != NULL)
            baseline->replayed = false;
        baseline = migration;
        baseline->replayed = true;
    }
}

static int
strays_in_order(const void *a, const void *b)
{
    return strcmp(((const struct lk_stray *)a)->path, ((const struct lk_stray *)b)->path);
}

void
lk_changelog_sort(struct lk_changelog *changelog)
{
    if (changelog->migrations.count > 0)
        qsort(changelog->migrations.items, changelog->migrations.count, sizeof(struct lk_migration),
              in_order);
    if (changelog->strays.count > 0)
        qsort(changelog->strays.items, changelog->strays.count, sizeof(struct lk_stray),
              strays_in_order);
    for (size_t i = 0; i < changelog->migrations.count; i++)
        changelog->migrations.items[i].ordinal = (uint32_t)i + 1;
    mark_replayed(changelog);
}

/* naming_of returns the convention of a folder, NULL where it has none. */
static const struct lk_naming *
naming_of(const char *path, const struct lk_scripts *scripts,
          const struct lk_changelog_options *options)
{
    return options->naming != NULL ? options->naming : detect(path, scripts);
}

/*
 * find_folders adds `path` if scripts lie in it, and else or if they are of no convention, the
 * folders below: a folder of migrations is one as a whole, loose scripts say nothing of the rest.
 */
static void
find_folders(TALLOC_CTX *mem, const char *path, const struct lk_scripts *scripts,
             const struct lk_changelog_options *options, struct lk_found_folders *ret)
{
    if (has_own(scripts)) {
        const struct lk_naming *naming = naming_of(path, scripts, options);
        *lk_vec_add(mem, &ret->folders) =
            (struct lk_found_folder){lk_strdup(mem, path), *scripts, naming};
        if (naming != NULL)
            return;
    }
    for (size_t i = 0, next; i < scripts->paths.count; i = next) {
        const char *first = scripts->paths.items[i];
        size_t length = strcspn(first, "/") + 1;
        struct lk_scripts below = {0};
        next = i + 1;
        if (first[length - 1] != '/')
            continue;
        for (next = i; next < scripts->paths.count; next++) { /* sorted: they stand together */
            if (strncmp(scripts->paths.items[next], first, length) != 0)
                break;
            lk_vec_push(mem, &below.paths, scripts->paths.items[next] + length);
        }
        find_folders(mem, lk_path_join(mem, path, lk_strndup(mem, first, length - 1)), &below,
                     options, ret);
    }
}

bool
lk_changelog_find(TALLOC_CTX *mem, const char *path, const struct lk_changelog_options *options,
                  struct lk_found_folders *ret, struct lk_error *err)
{
    struct lk_scripts scripts = {0};

    if (!collect(mem, path, "", MAX_DEPTH, options, &scripts, err))
        return false;
    find_folders(mem, path, &scripts, options, ret);
    return ret->folders.count > 0 || no_migrations(path, err);
}

bool
lk_changelog_home(TALLOC_CTX *mem, const char *path, const struct lk_changelog_options *options,
                  struct lk_found_folder *ret)
{
    struct lk_changelog changelog = {0};
    struct lk_scripts scripts = {0};
    struct lk_error ignored = {0};
    struct lk_numbered_name name;
    char *folder = lk_path_dir(mem, path);

    /* a migration that is a folder: 20240131_users/migration.sql belongs to what holds that */
    if (strcmp(folder, ".") != 0 && folder[0] != '\0' &&
        (lk_ends_with(path, "/migration.sql") || lk_ends_with(path, "/up.sql") ||
         lk_ends_with(path, "/down.sql")) &&
        lk_numbered_read(lk_fmt(mem, "%s/up.sql", lk_path_base(folder)), true, &name))
        folder = lk_path_dir(mem, folder);
    bool read = collect(mem, folder, "", 1, options, &scripts, &ignored);
    lk_error_clear(&ignored);
    *ret = (struct lk_found_folder){folder, scripts,
                                    read ? naming_of(folder, &scripts, options) : NULL};
    if (ret->naming == NULL)
        return false;
    lk_changelog_join(mem, &changelog, ret, options);
    lk_vec_foreach(migration, &changelog.migrations)
        if (strcmp(migration->path, path) == 0)
            return true;
    return false;
}

char *
lk_migration_title(TALLOC_CTX *mem, const struct lk_migration *migration)
{
    const struct lk_name *name = &migration->name;

    if (name->version.text != NULL)
        return lk_fmt(mem, "%s %s", name->version.text, name->description);
    return lk_strdup(mem, name->description);
}
