/*
 * parser/changelog_find.c
 *     Folders of migrations, below what is given and above a file: see changelog.h.
 */
#include "parser/base/text.h"
#include "parser/changelog.h"
#include "parser/detect.h"

#define MAX_DEPTH 16 /* of folders in folders: a link can make them endless */

bool
lk_changelog_excludes(const struct lk_changelog_options *options, const char *folder,
                      const char *script)
{
    if (options->exclude == NULL || options->exclude[0] == NULL)
        return false;
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    char *path = lk_path_absolute(scratch, lk_path_join(scratch, folder, script));
    for (const char *const *glob = options->exclude; *glob != NULL; glob++)
        if (lk_glob_match(*glob, path))
            return true;
    return false;
}

/* collect adds the files below folder/prefix, `depth` levels of subfolders deep. */
static bool
collect(TALLOC_CTX *mem, const char *folder, const char *prefix, unsigned depth,
        const struct lk_changelog_options *options, struct lk_scripts *ret, struct lk_error *err)
{
    struct lk_listing listing;
    char *path = lk_path_join(mem, folder, prefix);

    if (!lk_directory_list(mem, path[0] == '\0' ? "." : path, &listing, err))
        return false;
    lk_vec_foreach(entry, &listing.entries) {
        bool kept = entry->directory || lk_script_is_kept(entry->name);
        char *script = lk_path_join(mem, prefix, entry->name);
        if (kept && lk_changelog_excludes(options, folder, script))
            continue;
        if (entry->directory) {
            if (depth > 0 && strcmp(entry->name, "node_modules") != 0 &&
                !collect(mem, folder, script, depth - 1, options, ret, err))
                return false;
        } else if (kept) {
            lk_vec_push(mem, &ret->paths, script);
        } else {
            lk_vec_push(mem, &ret->others, script);
        }
    }
    return true;
}

/* naming_of returns the convention of a folder, NULL where it has none. */
static const struct lk_naming *
naming_of(const char *path, const struct lk_scripts *scripts,
          const struct lk_changelog_options *options)
{
    return options->naming != NULL ? options->naming : lk_naming_detect(path, scripts);
}

static bool
has_own(const struct lk_naming *naming, const struct lk_scripts *scripts)
{
    lk_vec_foreach(script, &scripts->paths)
        if (lk_script_is_own(naming, *script))
            return true;
    return false;
}

/* has_meant returns whether a folder's own scripts are meant for a convention: schema.sql is not.
 */
static bool
has_meant(const struct lk_naming *naming, const struct lk_scripts *scripts)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);

    lk_vec_foreach(script, &scripts->paths) {
        struct lk_name name;
        const char *problem = NULL;
        if (lk_script_is_own(naming, *script) &&
            naming->read(scratch, *script, &name, &problem) != LK_NAME_OTHER)
            return true;
    }
    return false;
}

/* take_others adds what is no script below `prefix`, a folder's name and a slash. */
static void
take_others(TALLOC_CTX *mem, const struct lk_scripts *scripts, const char *prefix,
            struct lk_scripts *below)
{
    size_t length = strlen(prefix);

    for (size_t i = lk_scripts_place(scripts, prefix); i < scripts->others.count; i++) {
        const char *other = scripts->others.items[i];
        if (strncmp(other, prefix, length) != 0)
            return;
        lk_vec_push(mem, &below->others, other + length);
    }
}

/* takes_back returns whether scripts below a folder take back those of another one beside it. */
static bool
takes_back(const struct lk_scripts *scripts, const char *prefix)
{
    static const struct {
        const char *back, *forth;
    } pairs[] = {{"down/", "up/"}, {"revert/", "deploy/"}};

    for (size_t i = 0; i < LK_ARRAY_SIZE(pairs); i++) {
        if (strcmp(prefix, pairs[i].back) != 0)
            continue;
        lk_vec_foreach(script, &scripts->paths)
            if (lk_starts_with(*script, pairs[i].forth))
                return true;
    }
    return false;
}

/*
 * find_folders adds `path` if scripts lie in it, and else or if they are of no convention, the
 * folders below: a folder of migrations is one as a whole, loose scripts say nothing of the rest.
 */
static void
find_folders(TALLOC_CTX *mem, const char *path, const struct lk_scripts *scripts,
             const struct lk_changelog_options *options, struct lk_found_folders *ret)
{
    bool own = options->naming != NULL && has_own(options->naming, scripts);
    bool in_question = options->naming == NULL || (own && has_meant(options->naming, scripts));
    const struct lk_naming *naming = in_question ? naming_of(path, scripts, options) : NULL;

    if (naming == NULL)
        naming = lk_naming_spread(options->naming, scripts);
    if (naming != NULL || (!own && has_own(NULL, scripts)))
        *lk_vec_add(mem, &ret->folders) =
            (struct lk_found_folder){lk_strdup(mem, path), *scripts, naming};
    if (naming != NULL && naming->programs == NULL)
        return;
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
        const char *prefix = lk_strndup(mem, first, length);
        if (takes_back(scripts, prefix))
            continue;
        take_others(mem, scripts, prefix, &below);
        find_folders(mem, lk_path_join(mem, path, lk_strndup(mem, first, length - 1)), &below,
                     options, ret);
    }
}

/* leave_programs_out drops the folders whose migrations are programs: their text is no SQL. */
static void
leave_programs_out(struct lk_found_folders *found)
{
    size_t kept = 0;

    lk_vec_foreach(folder, &found->folders) {
        if (folder->naming == NULL || folder->naming->programs == NULL)
            found->folders.items[kept++] = *folder;
        else if (found->programs.path == NULL)
            found->programs = *folder;
    }
    found->folders.count = kept;
}

bool
lk_changelog_refuse_programs(const struct lk_found_folder *programs, struct lk_error *err)
{
    lk_fail(err, LK_ERR_INPUT, "the migrations in %s are programs for %s, not SQL", programs->path,
            programs->naming->name);
    return lk_error_hint(err, "Only SQL is read. Name folders with SQL, or say with `naming:` what "
                              "the files are if that is wrong.");
}

static bool
no_migrations(const char *path, struct lk_error *err)
{
    lk_fail(err, LK_ERR_INPUT, "no migration found in %s", path);
    return lk_error_hint(err, "Files are expected to be called like V1__create_users.sql, "
                              "0001_create_users.up.sql or 20240131120000_create_users.sql.");
}

bool
lk_changelog_find(TALLOC_CTX *mem, const char *path, const struct lk_changelog_options *options,
                  struct lk_found_folders *ret, struct lk_error *err)
{
    struct lk_scripts scripts = {0};

    if (!collect(mem, path, "", MAX_DEPTH, options, &scripts, err))
        return false;
    find_folders(mem, path, &scripts, options, ret);
    leave_programs_out(ret);
    if (ret->folders.count > 0)
        return true;
    return ret->programs.path != NULL ? lk_changelog_refuse_programs(&ret->programs, err)
                                      : no_migrations(path, err);
}

/* is_migration_of returns whether the file at `path` is a migration of the changelog in `folder`.
 */
static bool
is_migration_of(TALLOC_CTX *mem, const char *path, const char *folder, unsigned depth,
                const struct lk_changelog_options *options, struct lk_found_folder *ret)
{
    struct lk_changelog changelog = {0};
    struct lk_scripts scripts = {0};
    struct lk_error ignored = {0};
    bool read = collect(mem, folder, "", depth, options, &scripts, &ignored);

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

bool
lk_changelog_home(TALLOC_CTX *mem, const char *path, const struct lk_changelog_options *options,
                  struct lk_found_folder *ret)
{
    struct lk_numbered_name name;
    const char *folder = lk_path_dir(mem, path);
    const char *base = lk_path_base(folder);

    /* a migration that is a folder: 20240131_users/migration.sql belongs to what holds that */
    if (strcmp(folder, ".") != 0 && folder[0] != '\0' &&
        (lk_ends_with(path, "/migration.sql") || lk_ends_with(path, "/up.sql") ||
         lk_ends_with(path, "/down.sql")) &&
        lk_numbered_read(lk_fmt(mem, "%s/up.sql", base), true, &name))
        folder = lk_path_dir(mem, folder);
    else if (lk_folder_is_home(base) &&
             is_migration_of(mem, path, lk_path_dir(mem, folder), MAX_DEPTH, options, ret))
        return true;
    return is_migration_of(mem, path, folder, 1, options, ret);
}
