/*
 * cli/diff.c
 *     Unified diffs: see diff.h.
 *
 * Which lines stay is known from the edits: nothing has to be searched for. Source: GNU diffutils
 * manual, Unified Format; git documentation, "Generating patch text with -p", for names, new files
 * and renamed ones.
 */
#include "cli/diff.h"

#include <unistd.h>

#include "cli/hunks.h"
#include "parser/base/buf.h"
#include "parser/base/text.h"

/* line_at returns the first line that starts at an offset or behind it. */
static size_t
line_at(const struct lk_lines *lines, size_t offset)
{
    size_t low = 0, high = lines->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (lines->starts.items[middle] < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/*
 * keep notes that the lines from `old` on are those from `new` on; what is between them and the
 * ones kept before has changed.
 */
static void
keep(TALLOC_CTX *mem, struct lk_line_changes *changes, struct lk_line_change *done, size_t old,
     size_t new, size_t count)
{
    struct lk_line_change change = {done->old, old - done->old, done->new, new - done->new};

    if (change.olds > 0 || change.news > 0)
        lk_vec_push(mem, &changes->items, change);
    done->old = old + count;
    done->new = new + count;
}

/* changes_of returns the lines that differ. */
static struct lk_line_changes
changes_of(TALLOC_CTX *mem, const struct lk_patched *file, const struct lk_lines *old,
           const struct lk_lines *new)
{
    struct lk_line_changes changes = {0};
    struct lk_line_change done = {0};
    size_t at = 0;

    lk_vec_foreach(part, &file->parts) {
        size_t first = line_at(new, at), start = at;
        at += part->size;
        if (!part->kept)
            continue;
        for (; first < new->count; first++) { /* lines that are in the part as a whole */
            size_t begin = new->starts.items[first], end = new->starts.items[first + 1];
            size_t line = line_at(old, part->from + (begin - start));
            bool same = end <= at && line < old->count && line >= done.old &&
                        old->starts.items[line] == part->from + (begin - start) &&
                        old->starts.items[line + 1] == part->from + (end - start);
            if (end > at)
                break;
            if (same)
                keep(mem, &changes, &done, line, first, 1);
        }
    }
    keep(mem, &changes, &done, old->count, new->count, 0);
    return changes;
}

/* ---- printing ---- */

/* shown returns a path as it stands behind "a/": relative, and quoted like git quotes it. */
static char *
shown(TALLOC_CTX *mem, const char *side, const char *path)
{
    struct lk_buf name = lk_buf_init(mem);
    char *folder = getcwd(NULL, 0);
    size_t length = folder != NULL ? strlen(folder) : 0;

    if (length > 0 && strncmp(path, folder, length) == 0 && path[length] == '/')
        path += length;
    free(folder);
    while (path[0] == '/' || (path[0] == '.' && path[1] == '/'))
        path++;
    lk_buf_addf(&name, "%s/%s", side, path);
    if (strpbrk(name.data, "\"\\\n\t") == NULL)
        return name.data;
    struct lk_buf quoted = lk_buf_init(mem);
    lk_buf_addc(&quoted, '"');
    for (const char *at = name.data; *at != '\0'; at++) {
        const char *escape = strchr("\"\"\\\\\nn\tt", *at);
        if (escape != NULL)
            lk_buf_addf(&quoted, "\\%c", escape[1]);
        else
            lk_buf_addc(&quoted, *at);
    }
    lk_buf_addc(&quoted, '"');
    return quoted.data;
}

/* print_name prints a line of a header; a tab ends a name with blanks in it, as in git's. */
static void
print_name(FILE *stream, const char *sign, const char *name)
{
    fprintf(stream, "%s %s%s\n", sign, name, strchr(name, ' ') != NULL ? "\t" : "");
}

static void
print_header(FILE *stream, TALLOC_CTX *mem, const struct lk_patched *file, bool changed)
{
    const char *former = file->former != NULL ? file->former : file->path;
    char *from = shown(mem, "a", former), *to = shown(mem, "b", file->path);

    if (file->former == NULL || strcmp(file->former, file->path) != 0)
        fprintf(stream, "diff --git %s %s\n", from, to);
    if (file->former == NULL)
        fputs("new file mode 100644\n", stream);
    else if (strcmp(file->former, file->path) != 0)
        fprintf(stream, "%srename from %s\nrename to %s\n",
                changed ? "" : "similarity index 100%\n", from + 2, to + 2);
    if (!changed)
        return;
    print_name(stream, "---", file->former != NULL ? from : "/dev/null");
    print_name(stream, "+++", to);
}

void
lk_diff_print(FILE *stream, const struct lk_patched *file)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_lines old = lk_lines_of(scratch, file->before),
                    new = lk_lines_of(scratch, file->after);
    struct lk_line_changes changes = changes_of(scratch, file, &old, &new);
    size_t count = changes.items.count;

    print_header(stream, scratch, file, count > 0);
    lk_hunks_print(stream, &old, &new, &changes);
}
