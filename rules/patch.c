/*
 * rules/patch.c
 *     Fixes carried out in memory: see patch.h.
 */
#include "parser/base/text.h"
#include "parser/reading.h"
#include "rules/patch_private.h"

#define MAX_ROUNDS 400 /* each statement that is moved takes one */
#define MAX_TIMES 3    /* a rule on one place: another one's fix can bring it up again */

/* What one round does to one file. */
struct bundle {
    struct lk_migration *migration; /* NULL: the file is none */
    const struct lk_stray *stray;   /* NULL: it is one */
    LK_VEC(const struct lk_finding *) fixes;
    struct lk_edits edits;
    bool whole; /* one of the fixes changes more than its statement */
    bool waits; /* one has to: those of lesser findings do, too */
};

struct bundles {
    LK_VEC(struct bundle) items;
};

struct patcher {
    TALLOC_CTX *mem; /* of the result */
    struct lk_changelog *changelog;
    const struct lk_settings *settings;
    struct lk_patch *patch;
    LK_VEC(const char *) blocked; /* files that their fixes would break */
};

/* ---- places ---- */

static struct lk_patched *
find_patched(const struct lk_patch *patch, const char *path)
{
    lk_vec_foreach(file, &patch->files)
        if (strcmp((*file)->path, path) == 0)
            return *file;
    return NULL;
}

/* note_at returns the index of the first note at a place, or behind it. */
static size_t
note_at(const struct lk_patched *file, size_t place)
{
    size_t low = 0, high = file->notes.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (file->notes.items[middle].place < place)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* is_done returns whether a rule has had its way in this place so often that it will not be
 * content.
 */
static bool
is_done(const struct lk_patched *file, const struct lk_finding *finding)
{
    size_t place = file == NULL ? 0 : lk_patched_place(file, finding->span.start);
    int times = 0;

    for (size_t i = file == NULL ? 0 : note_at(file, place);
         file != NULL && i < file->notes.count && file->notes.items[i].place == place; i++)
        times += file->notes.items[i].rule == finding->rule;
    return times >= MAX_TIMES;
}

/* ---- choosing ---- */

static const char *
path_of(const struct bundle *bundle)
{
    return bundle->migration != NULL ? bundle->migration->path : bundle->stray->path;
}

static bool
is_blocked(const struct patcher *patcher, const char *path)
{
    lk_vec_foreach(blocked, &patcher->blocked)
        if (strcmp(*blocked, path) == 0)
            return true;
    return false;
}

static const struct lk_stray *
find_stray(const struct lk_changelog *changelog, const char *path)
{
    lk_vec_foreach(stray, &changelog->strays)
        if (strcmp(stray->path, path) == 0)
            return stray;
    return NULL;
}

/* bundle_of returns the bundle of the file that a finding is in. */
static struct bundle *
bundle_of(TALLOC_CTX *mem, const struct patcher *patcher, struct bundles *bundles,
          const struct lk_finding *finding)
{
    struct bundle fresh = {0};

    if (finding->ordinal > 0)
        fresh.migration = &patcher->changelog->migrations.items[finding->ordinal - 1];
    else
        fresh.stray = find_stray(patcher->changelog, finding->path);
    if (fresh.migration == NULL && fresh.stray == NULL)
        return NULL;
    lk_vec_foreach(bundle, &bundles->items)
        if (bundle->migration == fresh.migration && bundle->stray == fresh.stray)
            return bundle;
    lk_vec_push(mem, &bundles->items, fresh);
    return lk_vec_last(&bundles->items);
}

/* edit_at returns the index of the first edit that starts behind an offset. */
static size_t
edit_at(const struct lk_edits *edits, uint32_t offset)
{
    size_t low = 0, high = edits->items.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (edits->items.items[middle].span.start <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* touches returns whether an edit comes close to one of others. */
static bool
touches(const struct lk_edits *edits, const struct lk_edit *edit)
{
    size_t next = edit_at(edits, edit->span.start);

    return (next > 0 && edits->items.items[next - 1].span.end >= edit->span.start) ||
           (next < edits->items.count && edits->items.items[next].span.start <= edit->span.end);
}

/* collides returns whether a fix does not go together with those that a bundle has. */
static bool
collides(const struct bundle *bundle, const struct lk_finding *finding)
{
    const struct lk_fix *fix = finding->fix;

    if (bundle->fixes.count == 0)
        return false;
    /* findings are in the order of places: those on one statement stand together */
    if (bundle->whole || fix->whole ||
        (finding->statement > 0 && (*lk_vec_last(&bundle->fixes))->statement == finding->statement))
        return true;
    lk_vec_foreach(edit, &fix->edits)
        if (touches(&bundle->edits, edit))
            return true;
    return false;
}

/* claims_same returns whether two fixes want the same file, or one may take a name from the other.
 */
static bool
claims_same(const struct lk_fix *fix, const struct lk_fix *other)
{
    bool renames = fix->rename != NULL || other->rename != NULL;

    if (renames && (fix->rename != NULL || fix->files.count > 0) &&
        (other->rename != NULL || other->files.count > 0))
        return true;
    lk_vec_foreach(file, &fix->files)
        lk_vec_foreach(taken, &other->files)
            if (file->folder == taken->folder && strcmp(file->script, taken->script) == 0)
                return true;
    return false;
}

/* is_claimed returns whether another file's fix is in the way of one. */
static bool
is_claimed(const struct bundles *bundles, const struct lk_fix *fix)
{
    if (fix->files.count == 0 && fix->rename == NULL)
        return false;
    lk_vec_foreach(bundle, &bundles->items)
        lk_vec_foreach(other, &bundle->fixes)
            if (claims_same(fix, (*other)->fix))
                return true;
    return false;
}

/* take adds a fix to a bundle. Edits at one place, which are of one fix, keep their order. */
static void
take(TALLOC_CTX *mem, struct bundle *bundle, const struct lk_finding *finding)
{
    lk_vec_push(mem, &bundle->fixes, finding);
    lk_vec_foreach(edit, &finding->fix->edits) {
        size_t at = edit_at(&bundle->edits, edit->span.start);
        lk_vec_push(mem, &bundle->edits.items, *edit);
        struct lk_edit *edits = bundle->edits.items.items;
        memmove(edits + at + 1, edits + at,
                (bundle->edits.items.count - 1 - at) * sizeof(struct lk_edit));
        edits[at] = *edit;
    }
    bundle->whole |= finding->fix->whole;
}

/* choose returns what can be done in one go; what collides with that has to wait. */
static struct bundles
choose(TALLOC_CTX *mem, struct patcher *patcher, const struct lk_findings *findings)
{
    struct bundles bundles = {0};

    patcher->patch->left_out = 0;
    lk_vec_foreach(finding, &findings->items) {
        const struct lk_fix *fix = lk_finding_fix(finding);
        if (fix == NULL || finding->suppressed || is_blocked(patcher, finding->path) ||
            is_done(find_patched(patcher->patch, finding->path), finding))
            continue;
        if ((!fix->safe && !patcher->patch->unsafe) ||
            (patcher->patch->stay && (fix->files.count > 0 || fix->rename != NULL))) {
            patcher->patch->left_out++;
            continue;
        }
        struct bundle *bundle = bundle_of(mem, patcher, &bundles, finding);
        if (bundle == NULL)
            continue;
        if (bundle->waits || collides(bundle, finding) || is_claimed(&bundles, fix))
            bundle->waits = true;
        else
            take(mem, bundle, finding);
    }
    return bundles;
}

/* ---- texts ---- */

/* file_at returns the file at a path, of a migration or of none. */
static struct lk_patched *
file_at(struct patcher *patcher, const char *path, const struct lk_migration *migration,
        struct lk_error *err)
{
    struct lk_patched *file = find_patched(patcher->patch, path);
    struct lk_bytes bytes;

    if (file != NULL)
        return file;
    if (migration != NULL && migration->given != NULL)
        bytes = *migration->given;
    else if (!lk_file_read(patcher->mem, path, &bytes, err))
        return NULL;
    return lk_patched_new(patcher->mem, path, bytes);
}

/* broken_in returns how many statements of a script the grammar refuses; NULL: there is none. */
static size_t
broken_in(struct lk_script *script)
{
    size_t broken = 0;

    for (size_t i = 0; script != NULL && i < script->statements.count; i++)
        broken += lk_script_tree(script, i) == NULL;
    return broken;
}

/* count_broken returns how many statements of a migration the grammar refuses. */
static size_t
count_broken(const struct patcher *patcher, const struct lk_migration *migration,
             const struct lk_bytes *bytes)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const struct lk_settings *settings = patcher->settings;
    struct lk_migration copy = *migration;

    copy.given = bytes;
    const struct lk_reading *reading =
        lk_reading_of(scratch, &copy, &settings->values, settings->postgres_version);
    return reading->up == NULL ? SIZE_MAX : broken_in(reading->up) + broken_in(reading->down);
}

/* ---- carrying out ---- */

/* note adds the fixes of a bundle to those of its file. */
static void
note(struct patcher *patcher, struct lk_patched *file, const struct bundle *bundle)
{
    lk_vec_foreach(finding, &bundle->fixes) {
        struct lk_patch_note added = {
            .rule = (*finding)->rule,
            .place = lk_patched_place(file, (*finding)->span.start),
            .message = lk_strdup(patcher->mem, (*finding)->message),
        };
        size_t at = note_at(file, added.place + 1);
        lk_vec_push(patcher->mem, &file->notes, added);
        memmove(file->notes.items + at + 1, file->notes.items + at,
                (file->notes.count - 1 - at) * sizeof(added));
        file->notes.items[at] = added;
    }
    if (find_patched(patcher->patch, file->path) == NULL)
        lk_vec_push(patcher->mem, &patcher->patch->files, file);
}

/* edit makes the edits of a bundle, unless they break the file. */
static bool
edit(struct patcher *patcher, struct bundle *bundle, struct lk_patched *file)
{
    struct lk_patch_parts parts = lk_patched_edit(patcher->mem, file, &bundle->edits);
    struct lk_bytes *after = lk_new(patcher->mem, struct lk_bytes);
    struct lk_migration *migration = bundle->migration;

    *after = lk_patch_join(patcher->mem, &parts);
    if (migration != NULL &&
        count_broken(patcher, migration, after) > count_broken(patcher, migration, &file->after)) {
        lk_vec_push(patcher->mem, &patcher->blocked, path_of(bundle));
        return false;
    }
    note(patcher, file, bundle);
    file->after = *after;
    file->parts.items = parts.items.items;
    file->parts.count = parts.items.count;
    file->parts.capacity = parts.items.capacity;
    if (migration != NULL)
        migration->given = after;
    return true;
}

/* A migration that the changelog gets, once no pointer into it is in use. */
struct addition {
    const struct lk_folder *folder;
    const char *script;
    const struct lk_bytes *given;
    unsigned beside;
};

struct additions {
    LK_VEC(struct addition) items;
};

/* same_start returns how many bytes two texts have in common in front. */
static size_t
same_start(struct lk_bytes a, struct lk_bytes b)
{
    size_t at = 0;

    while (at < a.size && at < b.size && a.data[at] == b.data[at])
        at++;
    return at;
}

/* make_file notes a file that a fix makes, or writes anew. */
static void
make_file(struct patcher *patcher, const struct lk_fix_file *made, bool carriage_returns,
          struct additions *additions)
{
    TALLOC_CTX *mem = patcher->mem;
    char *text = lk_with_ends(mem, made->text, carriage_returns);
    struct lk_bytes *after = lk_new(mem, struct lk_bytes);
    struct lk_bytes before = {lk_strdup(mem, ""), 0};
    struct lk_error ignored = {0};

    *after = (struct lk_bytes){text, strlen(text)};
    bool exists = lk_file_exists(made->path) && lk_file_read(mem, made->path, &before, &ignored);
    lk_error_clear(&ignored);
    struct lk_patched *file = lk_patched_new(mem, made->path, before);
    size_t kept = same_start(before, *after);
    if (!exists)
        file->former = NULL;
    file->parts.items[0].size = kept;
    lk_vec_push(mem, &file->parts,
                ((struct lk_patch_part){
                    .text = after->data + kept, .at = kept, .size = after->size - kept}));
    file->after = *after;
    lk_vec_push(mem, &patcher->patch->files, file);
    if (made->migration)
        lk_vec_push(
            mem, &additions->items,
            ((struct addition){made->folder, lk_strdup(mem, made->script), after, made->beside}));
}

/* rename_migration gives the file of a migration another name. */
static void
rename_migration(struct patcher *patcher, struct lk_migration *migration, struct lk_patched *file,
                 const char *script)
{
    TALLOC_CTX *mem = patcher->mem;
    const struct lk_folder *folder = migration->folder;
    const char *problem;

    migration->script = lk_strdup(mem, script);
    file->path = lk_path_join(mem, folder->path, migration->script);
    migration->path = migration->input = file->path;
    migration->given = lk_memdup(mem, &file->after, sizeof(file->after));
    if (folder->naming->read(mem, migration->script, &migration->name, &problem) != LK_NAME_VALID)
        LK_BUG("%s is no name of %s", script, folder->naming->name);
}

/* rename_stray gives a file that was no migration another name, by which it is one. */
static void
rename_stray(struct patcher *patcher, const struct lk_stray *stray, struct lk_patched *file,
             const char *script, struct additions *additions)
{
    TALLOC_CTX *mem = patcher->mem;
    const struct lk_folder *folder = stray->folder;
    struct lk_bytes *given = lk_memdup(mem, &file->after, sizeof(file->after));
    size_t index = (size_t)(stray - patcher->changelog->strays.items);

    script = lk_strdup(mem, script);
    file->path = lk_path_join(mem, folder->path, script);
    lk_vec_push(mem, &additions->items, ((struct addition){folder, script, given, 0}));
    patcher->changelog->strays.count--;
    memmove(patcher->changelog->strays.items + index, patcher->changelog->strays.items + index + 1,
            (patcher->changelog->strays.count - index) * sizeof(struct lk_stray));
}

/* rename_undo gives the migration that takes another one back its name along with that one's. */
static bool
rename_undo(struct patcher *patcher, const struct lk_fix *fix, struct lk_error *err)
{
    size_t index = (size_t)(fix->undo - patcher->changelog->migrations.items);
    struct lk_migration *undo = &patcher->changelog->migrations.items[index];
    struct lk_patched *file = file_at(patcher, undo->path, undo, err);

    if (file == NULL)
        return false;
    if (find_patched(patcher->patch, file->path) == NULL)
        lk_vec_push(patcher->mem, &patcher->patch->files, file);
    rename_migration(patcher, undo, file, fix->undo_rename);
    return true;
}

/* carry_out does what a bundle says. */
static bool
carry_out(struct patcher *patcher, struct bundle *bundle, struct additions *additions,
          bool *changed, struct lk_error *err)
{
    struct lk_patched *file = file_at(patcher, path_of(bundle), bundle->migration, err);

    if (file == NULL)
        return false;
    if (!edit(patcher, bundle, file))
        return true;
    *changed = true;
    lk_vec_foreach(finding, &bundle->fixes) {
        const struct lk_fix *fix = (*finding)->fix;
        bool carriage_returns = lk_has_carriage_returns(file->before);
        lk_vec_foreach(made, &fix->files)
            make_file(patcher, made, carriage_returns, additions);
        if (bundle->migration != NULL)
            bundle->migration->beside |= fix->beside;
        if (fix->rename != NULL && bundle->migration != NULL)
            rename_migration(patcher, bundle->migration, file, fix->rename);
        else if (fix->rename != NULL)
            rename_stray(patcher, bundle->stray, file, fix->rename, additions);
        if (fix->undo != NULL && !rename_undo(patcher, fix, err))
            return false;
    }
    return true;
}

/* grow adds the migrations that fixes have made. */
static void
grow(struct patcher *patcher, const struct additions *additions)
{
    lk_vec_foreach(addition, &additions->items) {
        size_t count = patcher->changelog->migrations.count;
        if (!lk_changelog_add_given(patcher->mem, patcher->changelog, addition->folder,
                                    addition->script, addition->given))
            LK_BUG("%s is no name of %s", addition->script, addition->folder->naming->name);
        for (; count < patcher->changelog->migrations.count; count++)
            patcher->changelog->migrations.items[count].beside = addition->beside;
    }
    lk_changelog_sort(patcher->changelog);
}

/* run_round carries out what can be done in one go. */
static bool
run_round(struct patcher *patcher, const struct lk_walk *walk, bool *changed, struct lk_error *err)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_walked walked;
    struct additions additions = {0};

    *changed = false;
    if (!lk_engine_walk(scratch, patcher->changelog, walk, &walked, err))
        return false;
    struct bundles bundles = choose(scratch, patcher, &walked.findings);
    lk_vec_foreach(bundle, &bundles.items)
        if (bundle->fixes.count > 0 && !carry_out(patcher, bundle, &additions, changed, err))
            return false;
    grow(patcher, &additions);
    return true;
}

/* take_input reads what can be read only once. */
static bool
take_input(TALLOC_CTX *mem, struct lk_changelog *changelog, struct lk_error *err)
{
    lk_vec_foreach(migration, &changelog->migrations) {
        if (strcmp(migration->input, "-") != 0 || migration->given != NULL)
            continue;
        struct lk_bytes *bytes = lk_new(mem, struct lk_bytes);
        if (!lk_file_read(mem, "-", bytes, err))
            return false;
        migration->given = bytes;
    }
    return true;
}

bool
lk_patch_run(TALLOC_CTX *mem, struct lk_changelog *changelog, const struct lk_walk *walk,
             struct lk_patch *patch, struct lk_error *err)
{
    struct patcher patcher = {
        .mem = mem, .changelog = changelog, .settings = walk->settings, .patch = patch};
    bool changed = true;

    if (!take_input(mem, changelog, err))
        return false;
    for (int round = 0; changed && round < MAX_ROUNDS; round++)
        if (!run_round(&patcher, walk, &changed, err))
            return false;
    patch->unfinished = changed;
    lk_vec_foreach(file, &patch->files)
        lk_patched_number(*file);
    return true;
}
