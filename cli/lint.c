/*
 * cli/lint.c
 *     Linting of whole inputs: see lint.h.
 */
#include "cli/lint.h"

#include "parser/base/buf.h"

double
lk_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* note_naming adds the conventions that were found to the text that names them. */
static void
note_naming(struct lk_buf *names, const struct lk_changelog *changelog)
{
    lk_vec_foreach(folder, &changelog->folders) {
        const struct lk_naming *naming = (*folder)->naming;
        if (naming == NULL || strstr(names->data, naming->name) != NULL)
            continue;
        lk_buf_sep(names, ", ");
        lk_buf_add(names, naming->name);
    }
}

bool
lk_lint(TALLOC_CTX *mem, const struct lk_inputs *inputs, const struct lk_settings *settings,
        struct lk_lint_report *ret, struct lk_error *err)
{
    struct lk_walk walk = {.settings = settings, .pending_from = UINT32_MAX};
    struct lk_buf names = lk_buf_init(mem);
    double start = lk_now_ms();

    *ret = (struct lk_lint_report){.findings = {.mem = mem}};
    lk_vec_foreach(changelog, &inputs->changelogs) {
        struct lk_walked walked;
        if (!lk_engine_walk(mem, *changelog, &walk, &walked, err))
            return false;
        lk_vec_foreach(finding, &walked.findings.items)
            lk_vec_push(mem, &ret->findings.items, *finding);
        talloc_free(walked.catalog);
        ret->files += walked.files;
        ret->statements += walked.statements;
        note_naming(&names, *changelog);
    }
    ret->naming = names.data;
    ret->duration_ms = lk_now_ms() - start;
    lk_lint_count(ret);
    return true;
}

void
lk_lint_count(struct lk_lint_report *report)
{
    memset(report->counts, 0, sizeof(report->counts));
    report->suppressed = 0;
    lk_vec_foreach(finding, &report->findings.items) {
        if (finding->suppressed)
            report->suppressed++;
        else
            report->counts[finding->severity]++;
    }
}

void
lk_lint_cut(struct lk_lint_report *report, int most)
{
    size_t shown = 0, kept = 0;

    if (most <= 0)
        return;
    lk_vec_foreach(finding, &report->findings.items) {
        if (!finding->suppressed && shown++ >= (size_t)most)
            report->left_out++;
        else
            report->findings.items.items[kept++] = *finding;
    }
    report->findings.items.count = kept;
}
