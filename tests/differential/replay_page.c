/*
 * tests/differential/replay_page.c
 *     The page on the comparisons: docs/replay-agreement.md.
 */
#include "parser/base/buf.h"
#include "tests/differential/replay.h"

struct sum {
    size_t equal, unknown, different;
};

static struct sum
sum_of(const struct lk_replayed *it)
{
    struct sum sum = {0};

    lk_vec_foreach(kind, &it->kinds) {
        sum.equal += kind->equal;
        sum.unknown += kind->unknown;
        sum.different += kind->different;
    }
    return sum;
}

static void
add_share(struct lk_buf *page, struct sum sum)
{
    size_t all = LK_MAX(sum.equal + sum.unknown + sum.different, (size_t)1);

    lk_buf_addf(page, " %zu | %zu | %zu | %.2f %% | %.2f %% |\n", sum.equal, sum.unknown,
                sum.different, 100.0 * (double)sum.equal / (double)all,
                100.0 * (double)sum.unknown / (double)all);
}

static void
add_folders(struct lk_buf *page, const struct lk_replayed *all, size_t count)
{
    lk_buf_add(
        page,
        "## Folders\n\n"
        "| server | folder | migrations | statements | refused by the server | equal | "
        "unknown | different | equal | unknown |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    for (size_t i = 0; i < count; i++) {
        lk_buf_addf(page, "| %s | %s | %zu | %zu | %zu |", all[i].version, all[i].name,
                    all[i].migrations, all[i].statements, all[i].refused);
        add_share(page, sum_of(&all[i]));
    }
}

static void
merge_kinds(TALLOC_CTX *mem, struct lk_replayed *total, const struct lk_replayed *it)
{
    lk_vec_foreach(kind, &it->kinds) {
        struct lk_kind_score *into = NULL;
        lk_vec_foreach(known, &total->kinds)
            if (strcmp(known->kind, kind->kind) == 0)
                into = known;
        if (into == NULL) {
            into = lk_vec_add(mem, &total->kinds);
            into->kind = kind->kind;
        }
        into->equal += kind->equal;
        into->unknown += kind->unknown;
        into->different += kind->different;
    }
    lk_vec_foreach(verdict, &it->verdicts) {
        struct lk_verdict_score *into = NULL;
        lk_vec_foreach(known, &total->verdicts)
            if (strcmp(known->sqlstate, verdict->sqlstate) == 0)
                into = known;
        if (into == NULL) {
            into = lk_vec_add(mem, &total->verdicts);
            into->sqlstate = verdict->sqlstate;
        }
        into->both += verdict->both;
        into->missed += verdict->missed;
        into->wrong += verdict->wrong;
    }
}

static int
by_kind(const void *a, const void *b)
{
    return strcmp(((const struct lk_kind_score *)a)->kind, ((const struct lk_kind_score *)b)->kind);
}

static int
by_sqlstate(const void *a, const void *b)
{
    return strcmp(((const struct lk_verdict_score *)a)->sqlstate,
                  ((const struct lk_verdict_score *)b)->sqlstate);
}

static void
add_kinds(TALLOC_CTX *mem, struct lk_buf *page, const struct lk_replayed *all, size_t count)
{
    struct lk_replayed total = {0};

    for (size_t i = 0; i < count; i++)
        merge_kinds(mem, &total, &all[i]);
    if (total.kinds.count > 0)
        qsort(total.kinds.items, total.kinds.count, sizeof(total.kinds.items[0]), by_kind);
    if (total.verdicts.count > 0)
        qsort(total.verdicts.items, total.verdicts.count, sizeof(total.verdicts.items[0]),
              by_sqlstate);
    lk_buf_add(page,
               "\n## Kinds of objects\n\n| kind | equal | unknown | different | equal | unknown "
               "|\n|---|--:|--:|--:|--:|--:|\n");
    lk_vec_foreach(kind, &total.kinds) {
        lk_buf_addf(page, "| %s |", kind->kind);
        add_share(page, (struct sum){kind->equal, kind->unknown, kind->different});
    }
    lk_buf_add(page, "\n## What the server refuses\n\n"
                     "Statements that a server refused for what is in the schema, and whether the "
                     "replay said so before.\n\n| SQLSTATE | foreseen | missed | wrongly "
                     "foreseen |\n|---|--:|--:|--:|\n");
    lk_vec_foreach(verdict, &total.verdicts)
        lk_buf_addf(page, "| %s | %zu | %zu | %zu |\n", verdict->sqlstate, verdict->both,
                    verdict->missed, verdict->wrong);
}

static void
add_row(struct lk_buf *page, const struct lk_row *row)
{
    if (row->kind == NULL)
        lk_buf_add(page, " nothing |");
    else
        lk_buf_addf(page, " `%s` |", row->value);
}

static void
add_differences(struct lk_buf *page, const struct lk_replayed *all, size_t count)
{
    lk_buf_add(page, "\n## Differences\n\nEach where it was seen first.\n\n"
                     "| folder | after | what | server | replay |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++)
        lk_vec_foreach(it, &all[i].differences) {
            const struct lk_row *row = it->server.kind != NULL ? &it->server : &it->replay;
            lk_buf_addf(page, "| %s %s | %s | %s `%s` %s |", all[i].name, all[i].version, it->place,
                        row->kind, row->identity, row->property);
            add_row(page, &it->server);
            add_row(page, &it->replay);
            lk_buf_addc(page, '\n');
        }
}

static void
add_printed(TALLOC_CTX *mem, struct lk_buf *page, const struct lk_replayed *all, size_t count)
{
    lk_buf_add(page, "\n## The schema as SQL\n\nWhat `lockkeeper schema -f sql` prints is loaded "
                     "into an empty database, which is compared with the one\nthat the migrations "
                     "were carried out in: the same listing, and what pg_dump writes.\n\n"
                     "| server | folder | statements | refused | equal | different | lines of "
                     "pg_dump that differ |\n|---|---|--:|--:|--:|--:|--:|\n");
    for (size_t i = 0; i < count; i++) {
        const struct lk_printed *it = &all[i].printed;
        lk_buf_addf(page, "| %s | %s | %zu | %zu | %zu | %zu | %s |\n", all[i].version, all[i].name,
                    it->statements, it->refused, it->equal, it->different,
                    it->lines == SIZE_MAX ? "not tried" : lk_fmt(mem, "%zu", it->lines));
    }
    for (size_t i = 0; i < count; i++)
        lk_vec_foreach(note, &all[i].printed.notes)
            lk_buf_addf(page, "\n%s on %s:\n\n```\n%s\n```\n", all[i].name, all[i].version, *note);
}

char *
lk_replay_page(TALLOC_CTX *mem, const struct lk_replayed *all, size_t count)
{
    struct lk_buf page = lk_buf_init(mem);

    lk_buf_add(
        &page,
        "# Does the replay know what the server knows?\n\n"
        "Every migration of a folder is carried out on a server, statement by statement, and "
        "what the server took\nis replayed. After each migration both catalogs are listed "
        "and compared, row by row: an object's kind,\nits columns' types, its "
        "constraints' columns and so on (`tests/differential/catalog.sql`).\n\n");
    add_folders(&page, all, count);
    add_kinds(mem, &page, all, count);
    add_differences(&page, all, count);
    add_printed(mem, &page, all, count);
    return page.data;
}
