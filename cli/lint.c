/*
 * cli/lint.c
 *     Linting of whole inputs: see lint.h.
 */
#include "cli/lint.h"

#include <stdatomic.h>

#include "cli/lint_changelog.h"
#include "cli/places.h"
#include "parser/base/buf.h"
#include "parser/base/thread.h"
#include "rules/quote.h"

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

/* ---- several changelogs at once ---- */

struct crew {
    const struct lk_inputs *inputs;
    unsigned wants;
    struct lk_progress *progress;
    struct lk_linted **linted; /* by changelog */
    size_t *order;             /* the long ones first: nobody is left alone with one at the end */
    atomic_size_t next;        /* the place in the order that nobody has taken yet */
};

/* work lints changelogs until there are no more. */
static void *
work(void *data)
{
    struct crew *crew = data;
    size_t place;

    while ((place = crew->next++) < crew->inputs->changelogs.count) {
        size_t index = crew->order[place];
        crew->linted[index] = lk_lint_changelog(crew->inputs, index, crew->wants, crew->progress);
    }
    return NULL;
}

static int
by_length(const void *a, const void *b, void *data)
{
    const struct lk_inputs *inputs = ((const struct crew *)data)->inputs;
    size_t left = inputs->changelogs.items[*(const size_t *)a]->migrations.count;
    size_t right = inputs->changelogs.items[*(const size_t *)b]->migrations.count;

    return (left < right) - (left > right);
}

/* lint_all lints all changelogs, one on each processor. */
static void
lint_all(struct crew *crew)
{
    pthread_t threads[LK_THREADS_MOST];
    size_t most = LK_MIN(lk_threads_most(), crew->inputs->changelogs.count), count = 0;

    while (count + 1 < most && lk_thread_start(&threads[count], work, crew))
        count++;
    work(crew);
    while (count > 0)
        pthread_join(threads[--count], NULL);
}

/* gather adds what one changelog brought to the report. */
static void
gather(TALLOC_CTX *mem, const struct lk_linted *linted, struct lk_lint_report *report)
{
    lk_vec_foreach(finding, &linted->findings.items)
        lk_vec_push(mem, &report->findings.items, *finding);
    report->files += linted->files;
    report->statements += linted->statements;
    lk_vec_push(mem, &report->histories, linted->history);
}

/* gather_all fails with what the first changelog failed with that did. */
static bool
gather_all(TALLOC_CTX *mem, const struct crew *crew, struct lk_lint_report *report,
           struct lk_error *err)
{
    bool done = true;

    for (size_t i = 0; i < crew->inputs->changelogs.count; i++) {
        struct lk_linted *linted = talloc_steal(mem, crew->linted[i]);
        if (linted->done) {
            gather(mem, linted, report);
        } else if (done) {
            *err = linted->err;
            done = false;
        } else {
            lk_error_clear(&linted->err);
        }
    }
    return done;
}

bool
lk_lint(TALLOC_CTX *mem, const struct lk_inputs *inputs, unsigned wants, struct lk_lint_report *ret,
        struct lk_error *err)
{
    struct lk_buf names = lk_buf_init(mem);
    double start = lk_now_ms();
    size_t total = 0, count = inputs->changelogs.count;
    struct crew crew = {
        .inputs = inputs,
        .wants = wants,
        .linted = lk_new_array(mem, struct lk_linted *, count),
        .order = lk_new_array(mem, size_t, count),
    };

    *ret = (struct lk_lint_report){.findings = {.mem = mem}};
    if (wants & LK_WANTS_ROOT)
        ret->root = lk_root_find(mem);
    for (size_t i = 0; i < count; i++) {
        crew.order[i] = i;
        total += inputs->changelogs.items[i]->migrations.count;
        inputs->settings.items[i]->quotes = (wants & LK_WANTS_QUOTES) != 0;
        note_naming(&names, inputs->changelogs.items[i]);
    }
    crew.progress = lk_progress_start(mem, total);
    qsort_r(crew.order, count, sizeof(*crew.order), by_length, &crew);
    lint_all(&crew);
    lk_progress_end(crew.progress);
    if (!gather_all(mem, &crew, ret, err))
        return false;
    lk_findings_merge(&ret->findings);
    if (wants & LK_WANTS_QUOTES)
        lk_findings_identify(&ret->findings);
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
