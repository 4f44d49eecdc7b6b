/*
 * cli/report.c
 *     The table of reporters, and where reports go: see report.h.
 */
#include "cli/report.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/paint.h"
#include "parser/base/buf.h"
#include "parser/base/file.h"
#include "parser/base/text.h"

#define LK_REPORT(identifier) extern const struct lk_reporter lk_reporter_##identifier;
#include "cli/reports.def"
#undef LK_REPORT

static char output_buffer[64 << 10]; /* glibc takes no size without a place */

static const struct lk_reporter *const reporters[] = {
#define LK_REPORT(identifier) &lk_reporter_##identifier,
#include "cli/reports.def"
#undef LK_REPORT
};

const struct lk_reporter *const *
lk_reporters(size_t *count)
{
    *count = LK_ARRAY_SIZE(reporters);
    return reporters;
}

bool
lk_reporter_is_complete(const struct lk_reporter *reporter)
{
    return reporter->fix != NULL && reporter->plan != NULL && reporter->run != NULL &&
           reporter->status != NULL && reporter->operation != NULL && reporter->runs != NULL;
}

/* choose returns the reporter of a name: of `lint`, or one of all commands. */
static const struct lk_reporter *
choose(const char *wanted, bool lint, struct lk_error *err)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_buf list = lk_buf_init(scratch);
    const char *names[LK_ARRAY_SIZE(reporters)];
    size_t count = 0;

    for (size_t i = 0; i < LK_ARRAY_SIZE(reporters); i++) {
        if (!lint && !lk_reporter_is_complete(reporters[i])) {
            if (strcmp(reporters[i]->name, wanted) == 0)
                lk_buf_add(&list, "Findings can be: `lockkeeper lint -f "); /* and what follows */
            continue;
        }
        names[count++] = reporters[i]->name;
        if (strcmp(reporters[i]->name, wanted) == 0)
            return reporters[i];
    }
    if (list.len > 0) {
        lk_fail(err, LK_ERR_USAGE, "this cannot be reported as %s", wanted);
        lk_error_hint(err, "%s%s`.", list.data, wanted);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        lk_buf_addf(&list, "%s%s", i == 0 ? "" : i + 1 < count ? ", " : " and ", names[i]);
    const char *nearest = lk_nearest(wanted, names, count);
    lk_fail(err, LK_ERR_USAGE, "there is no format \"%s\"", wanted);
    if (nearest != NULL)
        lk_error_hint(err, "Perhaps %s is meant.", nearest);
    else
        lk_error_hint(err, "There are %s.", list.data);
    return NULL;
}

const struct lk_reporter *
lk_reporter_choose(struct lk_error *err)
{
    if (lk_options.formats.count > 1) {
        lk_fail(err, LK_ERR_USAGE, "only `lint` writes several reports at once");
        lk_error_hint(err, "Leave one --format.");
        return NULL;
    }
    return choose(lk_options.format != NULL ? lk_options.format : "text", false, err);
}

/* Apart from the outlet, because the stream writes to it and an outlet may be copied. */
struct lk_outlet_text {
    char *data;
    size_t size;
};

/* What is reported meanwhile: of one database after the other. */
static struct {
    bool keeps;
    char *text; /* NULL: nothing */
} kept;

void
lk_outlet_keep(bool keep)
{
    kept.keeps = keep;
}

char *
lk_outlet_take(TALLOC_CTX *mem)
{
    char *text = lk_strdup(mem, kept.text);

    talloc_free(kept.text);
    kept.text = NULL;
    return text;
}

static void
keep_text(const char *text, size_t size)
{
    char *before = kept.text;

    kept.text = lk_fmt(NULL, "%s%.*s", before != NULL ? before : "", (int)size, text);
    talloc_free(before);
}

/* open_outlet opens the way to a file, or with NULL to standard output. */
static struct lk_outlet
open_outlet(const char *path)
{
    struct lk_outlet outlet = {.stream = stdout};

    lk_paint_setup(lk_options.color, path == NULL ? STDOUT_FILENO : -1);
    if (path == NULL && !kept.keeps) {
        if (!isatty(STDOUT_FILENO))
            setvbuf(stdout, output_buffer, _IOFBF, sizeof(output_buffer));
        return outlet;
    }
    outlet.text = lk_new(NULL, struct lk_outlet_text);
    outlet.stream = open_memstream(&outlet.text->data, &outlet.text->size);
    if (outlet.stream == NULL)
        LK_BUG("out of memory");
    return outlet;
}

/* nobody_reads returns whether standard output is a pipe whose reader is gone: it has seen enough.
 */
static bool
nobody_reads(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

    return poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

/* close_outlet brings what was written to where it goes. */
static bool
close_outlet(struct lk_outlet *outlet, const char *path, struct lk_error *err)
{
    bool written = true;

    lk_paint_setup(lk_options.color, STDOUT_FILENO);
    if (outlet->text == NULL) {
        bool flushed = fflush(outlet->stream) == 0 && !ferror(outlet->stream);
        if (flushed || errno == EPIPE || nobody_reads())
            return true;
        return lk_fail(err, LK_ERR_INPUT, "cannot write to standard output: %s", strerror(errno));
    }
    if (fclose(outlet->stream) != 0)
        LK_BUG("out of memory");
    if (kept.keeps)
        keep_text(outlet->text->data, outlet->text->size);
    else
        written = lk_file_write(path, outlet->text->data, outlet->text->size, err);
    free(outlet->text->data);
    talloc_free(outlet->text);
    return written;
}

struct lk_outlet
lk_outlet_open(void)
{
    return open_outlet(lk_options.output);
}

bool
lk_outlet_close(struct lk_outlet *outlet, struct lk_error *err)
{
    return close_outlet(outlet, lk_options.output, err);
}

/* ---- several reports ---- */

/* place_of returns a path by which two that lead to the same file are the same. */
static char *
place_of(TALLOC_CTX *mem, const char *path)
{
    char *real = realpath(path, NULL);
    char *folder = real == NULL ? realpath(lk_path_dir(mem, path), NULL) : NULL;
    char *place = real != NULL     ? lk_strdup(mem, real)
                  : folder != NULL ? lk_path_join(mem, folder, lk_path_base(path))
                                   : lk_path_absolute(mem, path);

    free(real);
    free(folder);
    return place;
}

/* check_places fails where two reports would go to the same place. */
static bool
check_places(TALLOC_CTX *mem, const struct lk_report_requests *requests, struct lk_error *err)
{
    lk_vec_foreach(request, &requests->items)
        for (const struct lk_report_request *other = requests->items.items; other < request;
             other++) {
            if (request->path == NULL && other->path == NULL) {
                lk_fail(err, LK_ERR_USAGE, "two reports would go to standard output: %s and %s",
                        other->reporter->name, request->reporter->name);
                return lk_error_hint(err, "Give one of them a file: -f %s:FILE.",
                                     request->reporter->name);
            }
            if (request->path != NULL && other->path != NULL &&
                strcmp(place_of(mem, request->path), place_of(mem, other->path)) == 0)
                return lk_fail(err, LK_ERR_USAGE, "two reports would go to %s: %s and %s",
                               request->path, other->reporter->name, request->reporter->name);
        }
    return true;
}

/* add_request adds what one --format asks for: "sarif", or "sarif:out.sarif". */
static bool
add_request(TALLOC_CTX *mem, struct lk_report_requests *requests, const char *format,
            struct lk_error *err)
{
    size_t length = strcspn(format, ":");
    const char *path = format[length] == ':' ? format + length + 1 : NULL;
    const struct lk_reporter *reporter = choose(lk_strndup(mem, format, length), true, err);

    if (reporter == NULL)
        return false;
    if (path != NULL && path[0] == '\0')
        return lk_fail(err, LK_ERR_USAGE, "--format %s names no file", format);
    if (path != NULL && strcmp(path, "-") == 0)
        path = NULL;
    *lk_vec_add(mem, &requests->items) = (struct lk_report_request){reporter, path};
    requests->wants |= reporter->wants;
    return true;
}

bool
lk_report_requests_read(TALLOC_CTX *mem, struct lk_report_requests *ret, struct lk_error *err)
{
    *ret = (struct lk_report_requests){0};
    lk_vec_foreach(format, &lk_options.formats)
        if (!add_request(mem, ret, *format, err))
            return false;
    if (lk_options.formats.count == 0 && !add_request(mem, ret, "text", err))
        return false;
    if (lk_options.output != NULL && (ret->items.count > 1 || ret->items.items[0].path != NULL)) {
        lk_fail(err, LK_ERR_USAGE, "--output goes with a single --format that names no file");
        return lk_error_hint(err, "Name a file with each of them: -f sarif:FILE -f text.");
    }
    if (lk_options.output != NULL)
        ret->items.items[0].path = lk_options.output;
    lk_vec_foreach(request, &ret->items)
        if (request->reporter->prepare != NULL && !request->reporter->prepare(err))
            return false;
    return check_places(mem, ret, err);
}

bool
lk_report_requests_write(const struct lk_report_requests *requests,
                         const struct lk_lint_report *report, struct lk_error *err)
{
    for (int files = 1; files >= 0; files--)
        lk_vec_foreach(request, &requests->items) {
            if ((request->path != NULL) != (files == 1))
                continue;
            struct lk_outlet outlet = open_outlet(request->path);
            request->reporter->lint(outlet.stream, report);
            if (!close_outlet(&outlet, request->path, err))
                return false;
        }
    return true;
}
