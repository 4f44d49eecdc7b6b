/*
 * tests/differential/replay_page.c
 *     The page on the comparisons: docs/replay-agreement.md.
 */
#include "parser/base/buf.h"
#include "tests/differential/replay.h"

#define MAX_DIFFERENCES 60
#define MAX_NOTES 20

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
        "| server | folder | files | statements | refused by the server | equal | "
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
}

static void
merge_verdicts(TALLOC_CTX *mem, struct lk_replayed *total, const struct lk_replayed *it)
{
    total->judged += it->judged;
    lk_vec_foreach(verdict, &it->verdicts) {
        struct lk_verdict_score *into = NULL;
        lk_vec_foreach(known, &total->verdicts)
            if (strcmp(known->sqlstate, verdict->sqlstate) == 0)
                into = known;
        if (into == NULL) {
            into = lk_vec_add(mem, &total->verdicts);
            into->sqlstate = verdict->sqlstate;
        }
        into->refused += verdict->refused;
        into->foreseen += verdict->foreseen;
        into->other += verdict->other;
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
    lk_buf_add(page, "\n| kind | equal | unknown | different | equal | unknown "
                     "|\n|---|--:|--:|--:|--:|--:|\n");
    lk_vec_foreach(kind, &total.kinds) {
        lk_buf_addf(page, "| %s |", kind->kind);
        add_share(page, (struct sum){kind->equal, kind->unknown, kind->different});
    }
}

static void
add_ratio(struct lk_buf *page, size_t part, size_t whole)
{
    if (whole == 0)
        lk_buf_add(page, " |");
    else
        lk_buf_addf(page, " %.2f %% |", 100.0 * (double)part / (double)whole);
}

static void
add_verdict(struct lk_buf *page, const struct lk_verdict_score *it)
{
    lk_buf_addf(page, "| %s | %zu | %zu | %zu | %zu |", it->sqlstate, it->refused, it->foreseen,
                it->other, it->wrong);
    add_ratio(page, it->foreseen, it->foreseen + it->wrong);
    add_ratio(page, it->foreseen, it->refused);
    lk_buf_add(page, "\n");
}

/* add_version says what was foreseen of one server, from the folder `all` on. */
static void
add_version(TALLOC_CTX *mem, struct lk_buf *page, const struct lk_replayed *all, size_t count)
{
    struct lk_replayed total = {0};
    struct lk_verdict_score by_schema = {.sqlstate = "**of the schema**"};
    struct lk_verdict_score others = {.sqlstate = "**others**"};

    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i].version, all->version) == 0)
            merge_verdicts(mem, &total, &all[i]);
    lk_buf_addf(page,
                "\n%s: %zu statements.\n\n| SQLSTATE | refused | foreseen | as another | wrongly "
                "| precision | recall |\n|---|--:|--:|--:|--:|--:|--:|\n",
                all->version, total.judged);
    if (total.verdicts.count > 0)
        qsort(total.verdicts.items, total.verdicts.count, sizeof(total.verdicts.items[0]),
              by_sqlstate);
    lk_vec_foreach(verdict, &total.verdicts) {
        struct lk_verdict_score *into = lk_is_by_schema(verdict->sqlstate) ? &by_schema : &others;
        add_verdict(page, verdict);
        into->refused += verdict->refused;
        into->foreseen += verdict->foreseen;
        into->other += verdict->other;
        into->wrong += verdict->wrong;
    }
    add_verdict(page, &by_schema);
    add_verdict(page, &others);
}

static void
add_verdicts(TALLOC_CTX *mem, struct lk_buf *page, const struct lk_replayed *all, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(all[i].version, all[i - 1].version) != 0)
            add_version(mem, page, &all[i], count - i);
}

static void
add_row(struct lk_buf *page, const struct lk_row *row)
{
    if (row->kind == NULL)
        lk_buf_add(page, " nothing |");
    else
        lk_buf_addf(page, " `%s` |", row->value);
}

/* reason_for returns why a row differs. */
static const char *
reason_for(const char *folder, const struct lk_difference *it)
{
    const struct lk_row *row = it->server.kind != NULL ? &it->server : &it->replay;
    static const struct {
        const char *folder, *place, *property, *identity, *reason;
    } reasons[] = {
#define LK_REPLAY_REASON(folder, place, property, identity, reason)                                \
    {folder, place, property, identity, reason},
#include "tests/differential/replay_reasons.def"
#undef LK_REPLAY_REASON
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(reasons); i++)
        if (strcmp(reasons[i].folder, folder) == 0 && strstr(it->place, reasons[i].place) != NULL &&
            strstr(row->property, reasons[i].property) != NULL &&
            strstr(row->identity, reasons[i].identity) != NULL)
            return reasons[i].reason;
    return "**not explained**";
}

static void
add_difference(struct lk_buf *page, const struct lk_replayed *of, const struct lk_difference *it)
{
    const struct lk_row *row = it->server.kind != NULL ? &it->server : &it->replay;

    lk_buf_addf(page, " %s %s | %s | %s `%s` %s |", of->name, of->version, it->place, row->kind,
                row->identity, row->property);
    add_row(page, &it->server);
    add_row(page, &it->replay);
}

static void
add_differences(struct lk_buf *page, const struct lk_replayed *all, size_t count)
{
    lk_buf_add(page, "\n| folder | after | what | server | replay | why "
                     "|\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++)
        lk_vec_foreach(it, &all[i].differences.items) {
            if (it - all[i].differences.items.items >= MAX_DIFFERENCES)
                break;
            lk_buf_addc(page, '|');
            add_difference(page, &all[i], it);
            lk_buf_addf(page, " %s |\n", reason_for(all[i].name, it));
        }
}

/* add_reasons counts what differs, or is unknown, by its reason, and shows the first of each. */
static void
add_reasons(TALLOC_CTX *mem, struct lk_buf *page, const struct lk_replayed *all, size_t count,
            bool unknown)
{
    struct group {
        const char *reason;
        const struct lk_replayed *of;
        const struct lk_difference *first;
        size_t count;
    };
    LK_VEC(struct group) groups = {0};

    for (size_t i = 0; i < count; i++) {
        const struct lk_differences *list = unknown ? &all[i].unknowns : &all[i].differences;
        lk_vec_foreach(it, &list->items) {
            const char *reason = reason_for(all[i].name, it);
            struct group *into = NULL;
            lk_vec_foreach(known, &groups)
                if (strcmp(known->reason, reason) == 0)
                    into = known;
            if (into == NULL) {
                into = lk_vec_add(mem, &groups);
                *into = (struct group){.reason = reason, .of = &all[i], .first = it};
            }
            into->count++;
        }
    }
    lk_buf_add(page, "\n| rows | why | folder | after | what | server | replay "
                     "|\n|--:|---|---|---|---|---|---|\n");
    lk_vec_foreach(group, &groups) {
        lk_buf_addf(page, "| %zu | %s |", group->count, group->reason);
        add_difference(page, group->of, group->first);
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
    for (size_t i = 0; i < count; i++) {
        if (all[i].printed.notes.count == 0)
            continue;
        lk_buf_addf(page, "\n%s on %s:\n\n```\n", all[i].name, all[i].version);
        for (size_t k = 0; k < LK_MIN(all[i].printed.notes.count, (size_t)MAX_NOTES); k++)
            lk_buf_addf(page, "%s\n", all[i].printed.notes.items[k]);
        lk_buf_add(page, "```\n");
    }
}

static void
add_notes(struct lk_buf *page, const struct lk_again *again)
{
    for (size_t i = 0; i < LK_MIN(again->notes.count, (size_t)MAX_NOTES); i++)
        lk_buf_addf(page, "- %s\n", again->notes.items[i]);
}

static void
add_again(struct lk_buf *page, const struct lk_replayed *all, size_t count)
{
    lk_buf_add(page, "\n## The schema as SQL, replayed\n\nThe same SQL replayed into an empty "
                     "catalog makes the same one; and so does replaying the second half of the\n"
                     "migrations on top of what the SQL of the first half makes.\n\n"
                     "| server | folder | equal | different | halves equal | halves different |\n"
                     "|---|---|--:|--:|--:|--:|\n");
    for (size_t i = 0; i < count; i++)
        lk_buf_addf(page, "| %s | %s | %zu | %zu | %zu | %zu |\n", all[i].version, all[i].name,
                    all[i].again.equal, all[i].again.different, all[i].halves.equal,
                    all[i].halves.different);
    lk_buf_addc(page, '\n');
    for (size_t i = 0; i < count; i++) {
        add_notes(page, &all[i].again);
        add_notes(page, &all[i].halves);
    }
}

static void
add_scope(struct lk_buf *page)
{
    lk_buf_add(
        page,
        "\n## What is compared, and what is not\n\n"
        "Compared after each migration, one row each: schemas, relations of all kinds with their "
        "columns, constraints,\nindexes, sequences, views' sources, triggers, policies and rules, "
        "types, functions, and by name alone operators,\noperator classes, collations, "
        "conversions, statistics objects, text search configurations and dictionaries,\n"
        "extensions, publications, event triggers, roles, servers, foreign-data wrappers, "
        "languages and access methods.\n\n"
        "Compared only in the end, by what pg_dump writes of the schema as SQL: the texts of "
        "defaults (`pg_attrdef`), index\nexpressions and predicates, CHECK and EXCLUDE, partition "
        "bounds and keys, policies' commands, roles and\nexpressions, rules (`pg_rewrite`), view "
        "queries, function bodies, storage parameters, publications' members\n"
        "(`pg_publication_rel`, `pg_publication_namespace`), statistics objects' definitions, "
        "grants on functions,\nschemas, types and columns, default privileges "
        "(`pg_default_acl`), casts, operator families (`pg_opfamily`,\n`pg_amop`, `pg_amproc`), "
        "text search parsers and templates, transforms, user mappings.\n\n"
        "Not compared: what belongs to the whole cluster and not to a database "
        "(`pg_authid` attributes, `pg_auth_members`,\n`pg_db_role_setting`, `pg_tablespace`, "
        "`pg_parameter_acl`, `pg_database`, `pg_subscription`), security labels\n"
        "(`pg_seclabel`), large objects, statistics that are gathered, and versions of "
        "extensions.\n");
}

struct selected {
    LK_VEC(struct lk_replayed) items;
};

/* select_those returns the folders whose files are a history, or those whose files are scripts. */
static struct selected
select_those(TALLOC_CTX *mem, const struct lk_replayed *all, size_t count, bool scripts)
{
    struct selected ret = {0};

    for (size_t i = 0; i < count; i++)
        if (all[i].scripts == scripts)
            lk_vec_push(mem, &ret.items, all[i]);
    return ret;
}

static void
add_histories(TALLOC_CTX *mem, struct lk_buf *page, const struct lk_replayed *all, size_t count)
{
    lk_buf_add(page, "## Folders\n\n");
    add_folders(page, all, count);
    lk_buf_add(page, "\n## Kinds of objects\n");
    add_kinds(mem, page, all, count);
    lk_buf_add(
        page, "\n## What the server refuses\n\n"
              "Whether the replay said before that the server would refuse a statement, and with "
              "the same SQLSTATE. Tried is every\nstatement that both parsers take, but for those "
              "behind an error of the same transaction. \"As another\": it said so\nwith another "
              "SQLSTATE, which counts as wrong there. \"Of the schema\" are the lines of class 42 "
              "but 42501, 0A000, 2BP01\nand 3F000; the others depend on rows, settings, privileges "
              "or time, and few of them can be foreseen.\n");
    add_verdicts(mem, page, all, count);
    lk_buf_addf(page,
                "\n## Differences\n\nEach where it was seen first; of a folder the first %d.\n",
                MAX_DIFFERENCES);
    add_differences(page, all, count);
    lk_buf_add(page,
               "\n## What is not known\n\nHow many rows that the replay does not know have one "
               "reason, and the first of them.\n");
    add_reasons(mem, page, all, count, true);
    add_printed(mem, page, all, count);
    add_again(page, all, count);
}

static void
add_scripts(TALLOC_CTX *mem, struct lk_buf *page, const struct lk_replayed *all, size_t count)
{
    if (count == 0)
        return;
    lk_buf_add(
        page, "\n## PostgreSQL's regression scripts\n\n"
              "No migrations: they try every corner, what is refused first of all. Each is carried "
              "out in a database of its own\nbehind `test_setup`, and compared once, at its "
              "end.\n\n");
    add_folders(page, all, count);
    add_kinds(mem, page, all, count);
    lk_buf_add(page, "\n### What the server refuses of them\n");
    add_verdicts(mem, page, all, count);
    lk_buf_add(page, "\n### What differs\n\nHow many differences have one reason, and the first of "
                     "them.\n");
    add_reasons(mem, page, all, count, false);
    lk_buf_add(page, "\n### What is not known\n");
    add_reasons(mem, page, all, count, true);
}

char *
lk_replay_page(TALLOC_CTX *mem, const struct lk_replayed *all, size_t count)
{
    struct lk_buf page = lk_buf_init(mem);
    struct selected histories = select_those(mem, all, count, false);
    struct selected scripts = select_those(mem, all, count, true);

    lk_buf_add(
        &page,
        "# Does the replay know what the server knows?\n\n"
        "Every migration of a folder is carried out on a server, statement by statement, and "
        "what the server took\nis replayed. After each migration both catalogs are listed "
        "and compared, row by row: an object's kind,\nits columns' types, its "
        "constraints' columns and so on (`applier/sql/listing.sql`).\n\n");
    if (histories.items.count > 0)
        add_histories(mem, &page, histories.items.items, histories.items.count);
    add_scripts(mem, &page, scripts.items.items, scripts.items.count);
    add_scope(&page);
    return page.data;
}
