/*
 * parser/inset_include.c
 *     The files that psql's \i and \ir read: their text becomes part of the migration's.
 *
 * A file is read only from below the repository (the folder with .git that the changelog lies in),
 * or the changelog's folder where there is none, links resolved. As in psql a file is a script of
 * its own: it ends statements, and has conditions of its own; variables are shared.
 * Source: PostgreSQL documentation, psql, \i and \ir; src/bin/psql/mainloop.c, MainLoop.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "parser/base/file.h"
#include "parser/base/text.h"
#include "parser/inset_private.h"

#define DEEPEST 32u         /* files in files */
#define MOST 1000u          /* files in a migration */
#define LARGEST LK_FILE_MAX /* bytes of all of it */

/* ---- where ---- */

/* find_root finds out below which folder files may be included. */
static void
find_root(struct lk_inset_search *search)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const char *home = search->source->home;
    char folder[PATH_MAX];

    search->root = "";
    if (realpath(home[0] != '\0' ? home : ".", folder) == NULL)
        return;
    search->root = lk_strdup(search->source, folder);
    for (char *end = folder + strlen(folder); end != NULL; end = strrchr(folder, '/')) {
        *end = '\0';
        if (lk_file_exists(lk_fmt(scratch, "%s/.git", folder))) {
            search->root = lk_strdup(search->source, folder);
            search->repository = true;
            return;
        }
    }
}

static bool
is_below(const char *real, const char *root)
{
    return lk_starts_with(real, root) && real[strlen(root)] == '/';
}

/*
 * plain returns a path without "." and "..", where it leads to the same file; people know that
 * better.
 */
static char *
plain(TALLOC_CTX *mem, const char *path, const char *real)
{
    char *result = lk_strdup(mem, path[0] == '/' ? "/" : "."), there[PATH_MAX];

    for (const char *at = path + strspn(path, "/"); *at != '\0';) {
        size_t length = strcspn(at, "/");
        char *part = lk_strndup(mem, at, length);
        at += length + strspn(at + length, "/");
        if (strcmp(part, ".") == 0)
            continue;
        bool up = strcmp(part, "..") == 0 && strcmp(lk_path_base(result), "..") != 0 &&
                  strcmp(result, ".") != 0;
        result = up                         ? lk_path_dir(mem, result)
                 : strcmp(result, "/") == 0 ? lk_fmt(mem, "/%s", part)
                                            : lk_path_join(mem, result, part);
    }
    return realpath(result, there) != NULL && strcmp(there, real) == 0 ? result
                                                                       : lk_strdup(mem, path);
}

/* A file that was looked for. */
struct found {
    const char *path; /* as people know it; NULL: not found */
    const char *real; /* without links */
    const char *why;  /* not found: why */
};

/* look_at looks whether a file that may be included is at `path`; an earlier one is kept. */
static void
look_at(struct lk_inset_search *search, const char *path, struct found *found)
{
    char real[PATH_MAX];
    struct stat info;

    if (found->path != NULL)
        return;
    if (realpath(path, real) == NULL || stat(real, &info) != 0) {
        if (found->why == NULL && errno != ENOENT && errno != ENOTDIR)
            found->why = lk_fmt(search->source, "%s cannot be read: %s", path, strerror(errno));
    } else if (!is_below(real, search->root)) {
        found->why =
            lk_fmt(search->source, "%s lies outside of %s", plain(search->source, path, real),
                   search->repository ? "the repository" : "the folder of the changelog");
    } else if (!S_ISREG(info.st_mode)) {
        found->why = lk_fmt(search->source, "%s is no file", path);
    } else {
        found->path = plain(search->source, path, real);
        found->real = lk_strdup(search->source, real);
    }
}

/* below_here returns a path of the root's as seen from the working directory, if it is below. */
static const char *
below_here(const char *path)
{
    char here[PATH_MAX];

    return realpath(".", here) != NULL && is_below(path, here) ? path + strlen(here) + 1 : path;
}

/*
 * find looks for the file that a command names: \ir beside the file that it stands in, \i in the
 * working directory, as psql does, and then in the root.
 */
static struct found
find(struct lk_inset_search *search, const char *name, bool relative)
{
    struct found found = {0};
    char *folder = lk_path_dir(search->source, search->file->source->path);

    if (search->root == NULL)
        find_root(search);
    if (name[0] == '~')
        found.why = lk_fmt(search->source, "%s lies in somebody's home", name);
    else if (name[0] == '/' || !relative)
        look_at(search, name, &found);
    else
        look_at(search, lk_path_join(search->source, folder, name), &found);
    if (name[0] != '/' && name[0] != '~' && !relative)
        look_at(search, below_here(lk_fmt(search->source, "%s/%s", search->root, name)), &found);
    if (found.path != NULL || found.why != NULL)
        return found;
    found.why = lk_fmt(search->source, "there is no file %s", name);
    if (!relative && lk_file_exists(lk_path_join(search->source, folder, name)))
        found.why = lk_fmt(search->source,
                           "%s where psql looks: \\ir would find it beside the script", found.why);
    return found;
}

/* ---- what ---- */

/* is_open returns whether a file is being included already, this one being in it. */
static bool
is_open(struct lk_inset_search *search, const char *real)
{
    char path[PATH_MAX];

    for (struct lk_inset_file *file = search->file; file != NULL; file = file->outer) {
        if (file->real == NULL) /* the migration itself; standard input is no file */
            file->real =
                realpath(file->source->path, path) != NULL ? lk_strdup(search->source, path) : "";
        if (strcmp(file->real, real) == 0)
            return true;
    }
    return false;
}

/* read_file reads a file that may be included; NULL: it may not, for the reason in `why`. */
static struct lk_source *
read_file(struct lk_inset_search *search, const struct found *found, const char **why)
{
    struct lk_error err = {0};
    unsigned depth = 0;

    for (const struct lk_inset_file *file = search->file; file != NULL; file = file->outer)
        depth++;
    *why = is_open(search, found->real) ? lk_fmt(search->source, "%s includes itself", found->path)
           : depth > DEEPEST            ? "files are included too deep in each other"
           : search->includes >= MOST   ? "too many files are included"
                                        : NULL;
    if (*why != NULL)
        return NULL;
    struct lk_source *file = lk_source_read(search->source, found->real, &err);
    if (file == NULL) {
        *why = lk_strdup(search->source, err.message);
        lk_error_clear(&err);
        return NULL;
    }
    if (file->invalid < file->size)
        *why = lk_fmt(search->source, "%s is not text in UTF-8", found->path);
    else if ((size_t)search->source->size + file->size + 16 > LARGEST)
        *why = "the migration and the files in it are too large";
    file->path = found->path;
    return *why == NULL ? file : NULL;
}

/* ---- how ---- */

/* cut_off masks the statement that a file ends in the middle of. */
static void
cut_off(struct lk_inset_search *search)
{
    struct lk_insets *insets = &search->source->insets;
    struct lk_span rest = {LK_MAX(search->start, search->file->start), search->lexer.end};

    while (insets->items.count > 0 && lk_vec_last(&insets->items)->span.start >= rest.start &&
           lk_vec_last(&insets->items)->kind != LK_INSET_COMMAND)
        insets->items.count--;
    if (insets->items.count > 0)
        rest.start = LK_MAX(rest.start, lk_vec_last(&insets->items)->span.end);
    if (rest.end <= rest.start)
        return;
    lk_inset_add(search, LK_INSET_SKIPPED, rest);
    lk_inset_blank(search, rest, "");
}

/* insert puts a file's text behind the command, in what is masked as well. */
static struct lk_span
insert(struct lk_inset_search *search, uint32_t command, struct lk_source *file)
{
    struct lk_source *source = search->source;
    struct lk_inset_file *outermost = search->file;
    uint32_t at = search->lexer.pos, before = source->size;
    struct lk_place place = lk_source_place(source, (struct lk_span){command, command});
    struct lk_span span =
        lk_source_include(source, at, search->file->source, place.span.start, file);
    uint32_t added = source->size - before;

    search->masked = lk_make_room(source, search->masked, before, at, added);
    memcpy(search->masked + at, source->original + at, added);
    while (outermost->outer != NULL)
        outermost = outermost->outer;
    outermost->source = lk_source_own(source);
    return span;
}

/* search_file searches the text of an included file, and goes on behind it. */
static void
search_file(struct lk_inset_search *search, size_t index, struct lk_source *source,
            const char *real)
{
    uint32_t end = search->lexer.end, size = search->source->size;
    struct lk_inset command = search->source->insets.items.items[index];
    struct lk_span span = insert(search, command.span.start, source);
    struct lk_inset_file file = {
        .outer = search->file,
        .source = source,
        .real = real,
        .start = span.start,
        .skipped = span.start,
    };
    bool no_close = search->no_close, no_mark = search->no_mark;

    search->includes++;
    search->file = &file;
    search->lexer = lk_lexer_at(search->source->original, span);
    search->no_close = search->no_mark = false;
    lk_inset_text(search);
    if (file.unterminated || search->parens > 0) {
        cut_off(search);
        search->source->insets.items.items[index].why =
            lk_fmt(search->source, "%s ends inside %s", source->path,
                   file.unterminated ? "a literal or comment" : "parentheses");
    }
    uint32_t behind = search->lexer.end;
    end += search->source->size - size;
    lk_inset_reset(search);
    search->copies.count = 0;
    search->joined = false;
    search->no_close = no_close;
    search->no_mark = no_mark;
    search->file = file.outer;
    search->lexer = lk_lexer_at(search->source->original, (struct lk_span){behind, end});
}

void
lk_inset_include(struct lk_inset_search *search, size_t index, const struct lk_inset_argument *name)
{
    struct lk_inset *command = &search->source->insets.items.items[index];
    bool relative = command->command->effect == LK_PSQL_INCLUDE_RELATIVE;
    struct lk_source *file = NULL;
    struct found found = {0};
    const char *why = NULL;

    if (name->text == NULL || name->text[0] == '\0')
        why = "it names no file";
    else if (name->missing != NULL)
        why = lk_fmt(search->source, "its file depends on the variable %s, which has no value here",
                     name->missing);
    else if (name->unknown)
        why = "its file is known only when it is run";
    else if (strcmp(name->text, "-") == 0)
        why = "it reads standard input";
    else if (search->words > 0 || search->joined)
        why = "it stands inside a statement, and psql would run the file before that";
    else if (search->source->home == NULL)
        why = "it runs another file";
    if (why == NULL) {
        found = find(search, name->text, relative);
        why = found.why;
    }
    if (why == NULL || found.path != NULL)
        file = read_file(search, &found, &why);
    if (file == NULL) {
        command->why = why;
        search->surprise = true; /* it could have set variables */
        return;
    }
    search_file(search, index, file, found.real);
}
