/*
 * parser/changelog.c
 *     From folders to an ordered list of migrations: see changelog.h.
 */
#include "parser/changelog.h"

#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/detect.h"

static struct lk_migration *
add_migration(TALLOC_CTX *mem, struct lk_changelog *changelog, const struct lk_folder *folder,
              const char *script, struct lk_name name)
{
    struct lk_migration *migration = lk_vec_add(mem, &changelog->migrations);

    migration->folder = folder;
    migration->script = script;
    migration->path = migration->input = lk_path_join(mem, folder->path, script);
    migration->name = name;
    migration->reported = true;
    return migration;
}

/* is_baseline asks a script's content whether it is one. */
static bool
is_baseline(const struct lk_folder *folder, const char *script)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_error ignored = {0};
    struct lk_source *source =
        lk_source_read(scratch, lk_path_join(scratch, folder->path, script), &ignored);

    lk_error_clear(&ignored);
    return source != NULL && folder->naming->stands_for_all(source);
}

static struct lk_hook *
add_hook(TALLOC_CTX *mem, struct lk_changelog *changelog, const struct lk_folder *folder,
         const char *script)
{
    struct lk_hook *hook = lk_vec_add(mem, &changelog->hooks.items);

    hook->migration.folder = folder;
    hook->migration.script = script;
    hook->migration.path = hook->migration.input = lk_path_join(mem, folder->path, script);
    hook->migration.name = (struct lk_name){.kind = LK_KIND_REPEATABLE, .description = script};
    hook->migration.replayed = hook->migration.reported = true;
    return hook;
}

/* is_hook returns whether a script is called like a hook, with a description or without one. */
static bool
is_hook(const char *script, const char *name)
{
    const char *base = lk_path_base(script);
    size_t length = strlen(name);

    return strncmp(base, name, length) == 0 && lk_ends_with(base, ".sql") &&
           (strcmp(base + length, ".sql") == 0 || strncmp(base + length, "__", 2) == 0);
}

/* add_hooks adds those of a folder's other files that its convention has for every run. */
static void
add_hooks(TALLOC_CTX *mem, struct lk_changelog *changelog, const struct lk_folder *folder,
          const struct lk_scripts *others)
{
    const struct lk_hook_name *names = folder->naming != NULL ? folder->naming->hooks : NULL;

    for (; names != NULL && names->name != NULL; names++)
        lk_vec_foreach(script, &others->paths) {
            if (!is_hook(*script, names->name))
                continue;
            struct lk_hook *hook = add_hook(mem, changelog, folder, *script);
            hook->migration.beside =
                lk_naming_beside(folder->naming, folder->path, &folder->files, *script);
            hook->event = names->event;
            hook->always = names->always;
            hook->undo = names->undo;
        }
}

void
lk_changelog_add_hook(TALLOC_CTX *mem, struct lk_changelog *changelog, enum lk_hook_event event,
                      const char *path)
{
    struct lk_folder *folder = lk_new(mem, struct lk_folder);
    const struct lk_naming *naming =
        changelog->folders.count > 0 ? changelog->folders.items[0]->naming : NULL;

    folder->path = lk_path_dir(mem, path);
    folder->naming = naming != NULL && naming->replaces ? naming : NULL;
    struct lk_hook *hook = add_hook(mem, changelog, folder, lk_path_base(path));
    hook->event = event;
    hook->migration.path = hook->migration.input = path;
}

/*
 * add_script takes a file of a folder in, as a migration or as a stray, and returns whether it is
 * either.
 */
static bool
add_script(TALLOC_CTX *mem, struct lk_changelog *changelog, const struct lk_folder *folder,
           const char *script)
{
    struct lk_name name = {.kind = LK_KIND_VERSIONED, .description = script};
    const char *problem = NULL;
    unsigned beside;

    if (folder->naming == NULL) {
        if (!lk_script_is_own(NULL, script))
            return false;
        add_migration(mem, changelog, folder, script, name);
        return true;
    }
    if (!folder->naming->subfolders && !lk_script_is_own(folder->naming, script))
        return false;
    switch (folder->naming->read(mem, script, &name, &problem)) {
    case LK_NAME_VALID:
        beside = lk_naming_beside(folder->naming, folder->path, &folder->files, script);
        if (beside & LK_BESIDE_IDLE)
            return true;
        if (folder->naming->stands_for_all != NULL && is_baseline(folder, script))
            name.kind = LK_KIND_BASELINE;
        add_migration(mem, changelog, folder, script, name)->beside = beside;
        return true;
    case LK_NAME_INVALID:
        *lk_vec_add(mem, &changelog->strays) =
            (struct lk_stray){folder, lk_path_join(mem, folder->path, script), script, problem};
        return true;
    case LK_NAME_OTHER:
        break;
    }
    return false;
}

/* place_in returns the place of a version in a list, from 1; behind its end where it lacks. */
static uint32_t
place_in(const struct lk_version_list *list, const char *version)
{
    size_t place = 0;

    while (place < list->items.count && strcmp(list->items.items[place], version) != 0)
        place++;
    return (uint32_t)place + 1;
}

/* note_lacking notes what a list names and no migration is. */
static void
note_lacking(TALLOC_CTX *mem, struct lk_changelog *changelog, const struct lk_folder *folder,
             const struct lk_version_list *list)
{
    bool *there = talloc_zero_array(mem, bool, list->items.count + 2);

    lk_vec_foreach(migration, &changelog->migrations)
        if (migration->folder == folder && migration->name.kind == LK_KIND_VERSIONED)
            there[LK_MIN(migration->name.version.rank, list->items.count + 1)] = true;
    for (size_t i = 0; i < list->items.count; i++)
        if (!there[i + 1])
            *lk_vec_add(mem, &changelog->lacking) =
                (struct lk_lacking){folder, list->items.items[i]};
    talloc_free(there);
}

/*
 * rank gives the migrations of a folder the places that its convention's list lays down. Those the
 * list lacks are strays where the runner passes them over, and come last where it does not. What is
 * left out by the configuration nobody misses: `whole` is whether nothing is.
 */
static void
rank(TALLOC_CTX *mem, struct lk_changelog *changelog, const struct lk_folder *folder,
     const struct lk_scripts *scripts, bool whole)
{
    struct lk_version_list list = {0};
    size_t kept = 0;

    if (!folder->naming->order(mem, folder->naming, folder->path, scripts, &list))
        return;
    lk_vec_foreach(migration, &changelog->migrations) {
        if (migration->folder == folder && migration->name.version.text != NULL) {
            migration->name.version.rank = place_in(&list, migration->name.version.text);
            if (migration->name.version.rank > list.items.count &&
                folder->naming->unlisted != NULL) {
                *lk_vec_add(mem, &changelog->strays) = (struct lk_stray){
                    folder, migration->path, migration->script, folder->naming->unlisted};
                continue;
            }
        }
        changelog->migrations.items[kept++] = *migration;
    }
    changelog->migrations.count = kept;
    if (folder->naming->list != NULL && whole)
        note_lacking(mem, changelog, folder, &list);
}

/* is_called_undo returns whether a script's name ends in a word for taking back. */
static bool
is_called_undo(const char *script)
{
    static const char *const words[] = {"down", "revert", "rollback", "undo"};
    const char *end = script + strlen(script) - strlen(".sql");

    for (size_t i = 0; i < LK_ARRAY_SIZE(words) && lk_ends_with(script, ".sql"); i++) {
        size_t length = strlen(words[i]);
        if ((size_t)(end - script) > length && lk_word_is(end - length, length, words[i]) &&
            strchr("_-.", end[-1 - (long)length]) != NULL)
            return true;
    }
    return false;
}

/*
 * mark_undo makes undo files of those that are called so and stand beside another one of their
 * version. A name alone says little: 7_shut_down.sql can well be a step forwards.
 */
static void
mark_undo(struct lk_changelog *changelog, const struct lk_folder *folder)
{
    lk_vec_foreach(undo, &changelog->migrations) {
        if (undo->folder != folder || undo->name.kind != LK_KIND_VERSIONED ||
            !is_called_undo(undo->script))
            continue;
        lk_vec_foreach(other, &changelog->migrations)
            if (other->folder == folder && other->name.kind == LK_KIND_VERSIONED &&
                !is_called_undo(other->script) &&
                lk_version_compare(other->name.version, undo->name.version) == 0)
                undo->name.kind = LK_KIND_UNDO;
    }
}

void
lk_changelog_join(TALLOC_CTX *mem, struct lk_changelog *changelog,
                  const struct lk_found_folder *found, const struct lk_changelog_options *options)
{
    struct lk_folder *folder = lk_new(mem, struct lk_folder);
    struct lk_scripts others = {0};

    folder->priority = (uint32_t)changelog->folders.count;
    folder->path = found->path;
    folder->detected = options->naming == NULL;
    folder->naming = found->naming;
    folder->files = found->scripts;
    lk_vec_push(mem, &changelog->folders, folder);
    lk_vec_foreach(script, &found->scripts.paths)
        if (!add_script(mem, changelog, folder, *script))
            lk_vec_push(mem, &others.paths, *script);
    add_hooks(mem, changelog, folder, &others);
    if (folder->naming != NULL && folder->naming->informal)
        mark_undo(changelog, folder);
    if (folder->naming != NULL && folder->naming->order != NULL)
        rank(mem, changelog, folder, &found->scripts,
             options->exclude == NULL || options->exclude[0] == NULL);
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

void
lk_changelog_add_baseline(TALLOC_CTX *mem, struct lk_changelog *changelog, const char *path,
                          const char *version)
{
    struct lk_folder *folder = lk_new(mem, struct lk_folder); /* of no convention: it is a dump */
    struct lk_name name = {LK_KIND_BASELINE, lk_changelog_version(mem, changelog, version),
                           "baseline"};

    folder->path = lk_path_dir(mem, path);
    struct lk_migration *migration =
        add_migration(mem, changelog, folder, lk_strdup(mem, lk_path_base(path)), name);
    migration->path = migration->input = path;
    migration->start = true;
}

static int
by_path(const void *a, const void *b)
{
    return lk_path_compare(*(const char *const *)a, *(const char *const *)b);
}

bool
lk_changelog_add_given(TALLOC_CTX *mem, struct lk_changelog *changelog,
                       const struct lk_folder *folder, const char *script,
                       const struct lk_bytes *given)
{
    struct lk_name name;
    const char *problem = NULL;
    struct lk_scripts scripts = {0};

    if (folder->naming->read(mem, script, &name, &problem) != LK_NAME_VALID)
        return false;
    struct lk_migration *migration = add_migration(mem, changelog, folder, script, name);
    migration->given = given;
    migration->made = true;
    if (folder->naming->order == NULL)
        return true;
    lk_vec_foreach(other, &changelog->migrations)
        if (other->folder == folder)
            lk_vec_push(mem, &scripts.paths, other->script);
    qsort(scripts.paths.items, scripts.paths.count, sizeof(*scripts.paths.items), by_path);
    rank(mem, changelog, folder, &scripts, false);
    return true;
}

/* comes_last returns whether a migration comes behind those of all folders. */
static bool
comes_last(const struct lk_migration *migration)
{
    return migration->name.kind == LK_KIND_REPEATABLE || migration->name.kind == LK_KIND_DRAFT;
}

/* in_order compares as the migrations are applied: versioned by folder and version, then others. */
static int
in_order(const void *a, const void *b)
{
    const struct lk_migration *left = a, *right = b;
    bool left_last = comes_last(left);
    bool right_last = comes_last(right);
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
        migration->replayed = kind == LK_KIND_VERSIONED || comes_last(migration);
        if (kind == LK_KIND_BASELINE && migration->start)
            for (struct lk_migration *before = changelog->migrations.items; before < migration;
                 before++)
                before->replayed = false;
        else if (kind != LK_KIND_BASELINE || versioned)
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

struct lk_version
lk_changelog_version(TALLOC_CTX *mem, const struct lk_changelog *changelog, const char *text)
{
    size_t length = strlen(text);
    struct lk_version called = {0};

    lk_vec_foreach(migration, &changelog->migrations) {
        struct lk_version version = migration->name.version;
        if (version.text == NULL || strncmp(version.text, text, length) != 0)
            continue;
        if (version.text[length] == '\0')
            return version;
        if (version.by_text && version.text[length] == '_')
            called = version; /* the last one: all of that number are meant */
    }
    return called.text != NULL ? called : lk_version_new(mem, text, length);
}

/* values_of returns what is put into a migration: of Flyway's own its name is one, too. */
static struct lk_values
values_of(struct lk_source *source, const struct lk_migration *migration,
          const struct lk_values *given)
{
    const struct lk_naming *naming = migration->folder->naming;
    struct lk_values values = {0};

    if (migration->beside & LK_BESIDE_VERBATIM)
        return values;
    if (naming == NULL || !naming->replaces ||
        memchr(source->original, '{', source->size) == NULL ||
        memmem(source->original, source->size, "${", 2) == NULL)
        return *given;
    *lk_vec_add(source, &values.items) =
        (struct lk_value){"flyway:filename", lk_path_base(migration->path)};
    lk_vec_foreach(value, &given->items)
        lk_vec_push(source, &values.items, *value);
    return values;
}

struct lk_source *
lk_migration_read(TALLOC_CTX *mem, const struct lk_migration *migration,
                  const struct lk_values *values, int version, struct lk_error *err)
{
    const struct lk_naming *naming = migration->folder->naming;
    const struct lk_bytes *given = migration->given;
    struct lk_source *source = given != NULL
                                   ? lk_source_new(mem, migration->path, given->data, given->size)
                                   : lk_source_read(mem, migration->input, err);

    if (source == NULL)
        return NULL;
    source->path = migration->path;
    source->home = migration->folder->path;
    if (source->invalid < source->size)
        return source;
    struct lk_values all = values_of(source, migration, values);
    bool replaces = naming != NULL && naming->replaces;
    all.in_bodies = naming != NULL && naming->replaces_words;
    lk_source_mask(source, &all, replaces && !(migration->beside & LK_BESIDE_VERBATIM), version);
    return source;
}

char *
lk_migration_title(TALLOC_CTX *mem, const struct lk_migration *migration)
{
    const struct lk_name *name = &migration->name;

    if (name->version.text == NULL)
        return lk_strdup(mem, name->description);
    if (name->description[0] == '\0')
        return lk_strdup(mem, name->version.text);
    return lk_fmt(mem, "%s %s", name->version.text, name->description);
}

/* above returns where a title with one more folder in front starts; `path` itself at its start. */
static const char *
above(const char *path, const char *title)
{
    while (title > path && title[-1] == '/')
        title--;
    while (title > path && title[-1] != '/')
        title--;
    return title;
}

const char *
lk_folder_title(const struct lk_changelog *changelog, const struct lk_folder *folder)
{
    const char *title = lk_path_base(folder->path);

    lk_vec_foreach(other, &changelog->folders)
        while (*other != folder && title > folder->path &&
               (strcmp((*other)->path, title) == 0 ||
                lk_ends_with((*other)->path, title - 1))) /* with the slash in front */
            title = above(folder->path, title);
    return title;
}
