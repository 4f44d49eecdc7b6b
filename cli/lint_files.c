/*
 * cli/lint_files.c
 *     Findings file by file: see lint_files.h.
 */
#include "cli/lint_files.h"

#include <uthash.h>

#include "cli/places.h"
#include "parser/base/buf.h"

/* Where a file is in the list. */
struct known {
    const char *path;
    size_t index;
    UT_hash_handle hh;
};

struct gathering {
    TALLOC_CTX *mem;
    const char *root;
    struct lk_lint_files files;
    struct known *known;
};

/* find_file returns the file of a path, which is added where it is met for the first time. */
static struct lk_lint_file *
find_file(struct gathering *gathering, const char *path)
{
    struct known *known;

    HASH_FIND_STR(gathering->known, path, known);
    if (known == NULL) {
        known = lk_new(gathering->mem, struct known);
        *known = (struct known){.path = path, .index = gathering->files.items.count};
        HASH_ADD_KEYPTR(hh, gathering->known, path, strlen(path), known);
        *lk_vec_add(gathering->mem, &gathering->files.items) = (struct lk_lint_file){
            .path = path,
            .shown = lk_root_path(gathering->mem, gathering->root, path),
        };
    }
    return &gathering->files.items.items[known->index];
}

struct lk_lint_files
lk_lint_files_of(TALLOC_CTX *mem, const struct lk_lint_report *report)
{
    struct gathering gathering = {.mem = mem, .root = report->root};

    lk_vec_foreach(history, &report->histories)
        lk_vec_foreach(migration, &history->changelog->migrations)
            if (migration->reported)
                find_file(&gathering, migration->path);
    lk_vec_foreach(finding, &report->findings.items) {
        struct lk_lint_file *file = find_file(&gathering, finding->path);
        lk_vec_push(mem, &file->findings, finding);
        if (finding->suppressed)
            continue;
        file->counts[finding->severity]++;
        file->open++;
    }
    HASH_CLEAR(hh, gathering.known);
    return gathering.files;
}

void
lk_count_words(struct lk_buf *buf, const size_t counts[LK_SEVERITY_COUNT])
{
    size_t before = buf->len;

    for (enum lk_severity severity = LK_SEVERITY_ERROR; severity > LK_SEVERITY_OFF; severity--)
        if (counts[severity] > 0)
            lk_buf_addf(buf, "%s%zu %s%s", buf->len > before ? ", " : "", counts[severity],
                        lk_severity_name(severity), counts[severity] == 1 ? "" : "s");
    if (buf->len == before)
        lk_buf_add(buf, "no findings");
}
