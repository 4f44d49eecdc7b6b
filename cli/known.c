/*
 * cli/known.c
 *     Files of known findings: see known.h.
 */
#include "cli/known.h"

#include <uthash.h>

#include "cli/json_text.h"
#include "cli/lint.h"
#include "cli/places.h"
#include "parser/base/file.h"
#include "rules/rule.h"

#define VERSION 1 /* of the format, and of what fingerprints are made of */

/* A line of the file. */
struct entry {
    char *fingerprint;
    const json_t *line;
    bool met;
    UT_hash_handle hh;
};

static struct entry *
find(struct entry *entries, const char *fingerprint)
{
    struct entry *entry;

    HASH_FIND_STR(entries, fingerprint, entry);
    return entry;
}

/* ---- reading ---- */

static bool
not_one(struct lk_error *err, const char *path, const char *why)
{
    lk_fail(err, LK_ERR_USAGE, "%s is no file of known findings: %s", path, why);
    return lk_error_hint(err, "`lockkeeper lint --write-baseline %s` writes one.", path);
}

static bool
read_entries(TALLOC_CTX *mem, const char *path, const json_t *document, struct entry **ret,
             struct lk_error *err)
{
    const json_t *findings = json_object_get(document, "findings"), *line;
    const json_t *version = json_object_get(document, "version");
    size_t index;

    if (!json_is_array(findings) || !json_is_integer(version))
        return not_one(err, path, "it has no \"version\" and \"findings\"");
    if (json_integer_value(version) != VERSION)
        return not_one(err, path, "another version of lockkeeper has written it");
    json_array_foreach(findings, index, line)
    {
        const char *fingerprint = json_string_value(json_object_get(line, "fingerprint"));
        if (fingerprint == NULL)
            return not_one(err, path, lk_fmt(mem, "finding %zu has no \"fingerprint\"", index + 1));
        if (find(*ret, fingerprint) != NULL) /* both sides of a merge have it */
            continue;
        struct entry *entry = lk_new(mem, struct entry);
        entry->fingerprint = lk_strdup(mem, fingerprint);
        entry->line = line;
        HASH_ADD_KEYPTR(hh, *ret, entry->fingerprint, strlen(fingerprint), entry);
    }
    return true;
}

/* mark marks a finding as known. */
static void
mark(const struct lk_lint_report *report, const char *path, struct lk_finding *finding)
{
    finding->known = true;
    finding->suppressed = true;
    finding->reason = lk_fmt(report->findings.mem, "known: %s", path);
}

static const char *
string_at(const json_t *line, const char *key)
{
    const char *value = json_string_value(json_object_get(line, key));

    return value != NULL ? value : "?";
}

/* tell_stale tells of the lines that no finding answers to. */
static void
tell_stale(const char *path, const struct entry *entries)
{
    size_t stale = 0;

    for (const struct entry *entry = entries; entry != NULL; entry = entry->hh.next) {
        if (entry->met)
            continue;
        fprintf(stderr, "lockkeeper: %s: not found any more: %s: %s [%s]\n", path,
                string_at(entry->line, "file"), string_at(entry->line, "message"),
                string_at(entry->line, "rule"));
        stale++;
    }
    if (stale > 0)
        fprintf(stderr, "lockkeeper: %s: --write-baseline takes %zu line%s out\n", path, stale,
                stale == 1 ? "" : "s");
}

bool
lk_known_apply(const char *path, struct lk_lint_report *report, bool tell, struct lk_error *err)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_bytes bytes;
    struct entry *entries = NULL;
    json_error_t problem;

    if (!lk_file_read(scratch, path, &bytes, err))
        return false;
    json_t *document = json_loadb(bytes.data, bytes.size, JSON_REJECT_DUPLICATES, &problem);
    if (document == NULL)
        return not_one(
            err, path,
            lk_fmt(scratch, "line %d, column %d: %s", problem.line, problem.column, problem.text));
    bool readable = read_entries(scratch, path, document, &entries, err);
    lk_vec_foreach(finding, &report->findings.items) {
        struct entry *entry = readable ? find(entries, finding->fingerprint) : NULL;
        if (entry == NULL)
            continue;
        entry->met = true;
        if (!finding->suppressed)
            mark(report, path, finding);
    }
    if (readable && tell)
        tell_stale(path, entries);
    HASH_CLEAR(hh, entries);
    json_decref(document);
    lk_lint_count(report);
    return readable;
}

/* ---- writing ---- */

struct line {
    const char *file;
    const struct lk_finding *finding;
};

static int
compare_lines(const void *a, const void *b)
{
    const struct line *left = a, *right = b;
    int order = strcmp(left->file, right->file);

    if (order == 0)
        order = strcmp(left->finding->rule->name, right->finding->rule->name);
    return order != 0 ? order : strcmp(left->finding->fingerprint, right->finding->fingerprint);
}

static void
write_line(FILE *stream, const struct line *first, const struct line *line)
{
    json_t *objects = json_array();

    lk_vec_foreach(object, &line->finding->objects)
        json_array_append_new(objects, lk_json_text(*object));
    lk_json_put(stream, line > first ? ",\n" : "\n",
                json_pack("{s:o,s:s,s:s,s:o,s:o}", "file", lk_json_text(line->file), "rule",
                          line->finding->rule->name, "fingerprint", line->finding->fingerprint,
                          "objects", objects, "message", lk_json_text(line->finding->message)));
}

bool
lk_known_write(const char *path, struct lk_lint_report *report, struct lk_error *err)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    LK_VEC(struct line) lines = {0};
    char *text = NULL;
    size_t size = 0;

    lk_vec_foreach(finding, &report->findings.items) {
        if (finding->suppressed)
            continue;
        *lk_vec_add(scratch, &lines) =
            (struct line){lk_root_path(scratch, report->root, finding->path), finding};
        mark(report, path, finding);
    }
    if (lines.count > 0)
        qsort(lines.items, lines.count, sizeof(lines.items[0]), compare_lines);
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        LK_BUG("out of memory");
    fprintf(stream, "{\"version\": %d,\n \"findings\": [", VERSION);
    lk_vec_foreach(line, &lines)
        write_line(stream, lines.items, line);
    fputs("\n]}\n", stream);
    if (fclose(stream) != 0)
        LK_BUG("out of memory");
    bool written = lk_file_write(path, text, size, err);
    free(text);
    lk_lint_count(report);
    return written;
}
