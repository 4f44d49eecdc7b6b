/*
 * cli/report.c
 *     The table of reporters, and where reports go: see report.h.
 */
#include "cli/report.h"

#include <errno.h>
#include <unistd.h>

#include "cli/options.h"
#include "parser/base/file.h"
#include "parser/base/text.h"

#define OUTPUT_BUFFER ((size_t)64 << 10)

#define LK_REPORT(identifier) extern const struct lk_reporter lk_reporter_##identifier;
#include "cli/reports.def"
#undef LK_REPORT

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

const struct lk_reporter *
lk_reporter_choose(struct lk_error *err)
{
    const char *wanted = lk_options.format != NULL ? lk_options.format : "text";
    const char *names[LK_ARRAY_SIZE(reporters)];

    for (size_t i = 0; i < LK_ARRAY_SIZE(reporters); i++) {
        names[i] = reporters[i]->name;
        if (strcmp(names[i], wanted) == 0)
            return reporters[i];
    }
    const char *nearest = lk_nearest(wanted, names, LK_ARRAY_SIZE(names));
    lk_fail(err, LK_ERR_USAGE, "there is no format \"%s\"", wanted);
    lk_error_hint(err, nearest != NULL ? "Perhaps %s is meant." : "There are text and json.",
                  nearest);
    return NULL;
}

/* Apart from the outlet, because the stream writes to it and an outlet may be copied. */
struct lk_outlet_text {
    char *data;
    size_t size;
};

struct lk_outlet
lk_outlet_open(void)
{
    struct lk_outlet outlet = {.stream = stdout};

    if (lk_options.output == NULL) {
        if (!isatty(STDOUT_FILENO))
            setvbuf(stdout, NULL, _IOFBF, OUTPUT_BUFFER);
        return outlet;
    }
    outlet.text = lk_new(NULL, struct lk_outlet_text);
    outlet.stream = open_memstream(&outlet.text->data, &outlet.text->size);
    if (outlet.stream == NULL)
        LK_BUG("out of memory");
    return outlet;
}

bool
lk_outlet_close(struct lk_outlet *outlet, struct lk_error *err)
{
    bool written;

    if (lk_options.output == NULL) {
        if (fflush(outlet->stream) == 0 || errno == EPIPE)
            return true;
        return lk_fail(err, LK_ERR_INPUT, "cannot write to standard output: %s", strerror(errno));
    }
    if (fclose(outlet->stream) != 0)
        LK_BUG("out of memory");
    written = lk_file_write(lk_options.output, outlet->text->data, outlet->text->size, err);
    free(outlet->text->data);
    talloc_free(outlet->text);
    return written;
}
