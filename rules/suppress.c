/*
 * rules/suppress.c
 *     Suppressions: see suppress.h.
 *
 * Generated files hold hundreds of thousands of both, so findings are grouped by statement and
 * rule, and directives by statement: a directive means all of a group, or none.
 */
#include "rules/suppress.h"

#include "rules/registry.h"

/* A finding at a statement that a directive can be attached to: its own, or the one around that. */
struct place {
    uint32_t target;
    struct lk_finding *finding;
};

struct places {
    LK_VEC(struct place) items;
};

struct directives {
    LK_VEC(struct lk_directive *) items; /* in the order of the file */
};

static int
compare_addresses(const void *a, const void *b)
{
    return (a > b) - (a < b);
}

static int
compare_places(const void *a, const void *b)
{
    const struct place *left = a, *right = b;
    const struct lk_rule *rule = left->finding->rule, *other = right->finding->rule;

    if (left->target != right->target)
        return left->target < right->target ? -1 : 1;
    return rule != other ? compare_addresses(rule, other)
                         : compare_addresses(left->finding, right->finding);
}

static int
compare_directives(const void *a, const void *b)
{
    const struct lk_directive *left = *(struct lk_directive *const *)a;
    const struct lk_directive *right = *(struct lk_directive *const *)b;

    if (left->target != right->target)
        return left->target < right->target ? -1 : 1;
    return compare_addresses(left, right);
}

#define sort(vec, compare)                                                                         \
    do {                                                                                           \
        if ((vec)->count > 0)                                                                      \
            qsort((vec)->items, (vec)->count, sizeof((vec)->items[0]), (compare));                 \
    } while (0)

/* names returns whether a directive means a rule, and marks it as used if it does. */
static bool
names(struct lk_directive *directive, const struct lk_rule *rule)
{
    bool all = directive->names.count == 0;

    lk_vec_foreach(name, &directive->names) {
        if (lk_rule_alias(rule, directive->tool, name->text)) {
            name->used = true;
            all = true;
        }
    }
    directive->used |= all;
    return all;
}

/* means returns whether a directive means a rule. */
static bool
means(const struct lk_directive *directive, const struct lk_rule *rule)
{
    lk_vec_foreach(name, &directive->names)
        if (lk_rule_alias(rule, directive->tool, name->text))
            return true;
    return directive->names.count == 0;
}

bool
lk_will_suppress(const struct lk_directives *directives, const struct lk_finding *finding)
{
    lk_vec_foreach(directive, &directives->items) {
        bool here =
            directive->kind == LK_DIRECTIVE_IGNORE
                ? directive->target == finding->target || directive->target == finding->outer
                : directive->kind == LK_DIRECTIVE_IGNORE_FILE;
        if (here && strcmp(directive->path, finding->path) == 0 && means(directive, finding->rule))
            return true;
    }
    return false;
}

/* first_naming marks the directives that mean a rule and returns the first of them, or NULL. */
static const struct lk_directive *
first_naming(struct lk_directive **directives, size_t count, const struct lk_rule *rule)
{
    const struct lk_directive *first = NULL;

    for (size_t i = 0; i < count; i++)
        if (names(directives[i], rule) && first == NULL)
            first = directives[i];
    return first;
}

/* The directives on one of the files that a migration is made of, asked once for each rule. */
struct of_file {
    const char *path;
    struct directives directives;
    struct answer {
        bool asked;
        const struct lk_directive *first;
    } * by_rule;
};

struct of_files {
    LK_VEC(struct of_file) items;
};

static struct of_file *
find_file(const struct of_files *files, const char *path)
{
    lk_vec_foreach(file, &files->items)
        if (strcmp(file->path, path) == 0)
            return file;
    return NULL;
}

static void
add_to_file(TALLOC_CTX *mem, struct of_files *files, struct lk_directive *directive)
{
    struct of_file *file = find_file(files, directive->path);
    size_t rules;

    if (file == NULL) {
        lk_rules(&rules);
        file = lk_vec_add(mem, &files->items);
        file->path = directive->path;
        file->by_rule = lk_new_array(mem, struct answer, rules);
    }
    lk_vec_push(mem, &file->directives.items, directive);
}

/* ask_files returns the first directive on the file of a finding that means its rule, or NULL. */
static const struct lk_directive *
ask_files(const struct of_files *files, const struct lk_finding *finding)
{
    const struct lk_rule *rule = finding->rule;
    struct of_file *file = find_file(files, finding->path);

    if (file == NULL)
        return NULL;
    struct answer *answer = &file->by_rule[lk_rule_index(rule)];

    if (!answer->asked)
        *answer = (struct answer){
            true,
            first_naming(file->directives.items.items, file->directives.items.count, rule),
        };
    return answer->first;
}

static void
suppress(TALLOC_CTX *mem, const struct lk_directive *directive, struct lk_finding *finding)
{
    if (directive == NULL || finding->suppressed)
        return;
    finding->suppressed = true;
    finding->reason = lk_strdup(mem, directive->reason);
}

/* earlier returns the one that stands first in the file; each may be NULL. */
static const struct lk_directive *
earlier(const struct lk_directive *a, const struct lk_directive *b)
{
    return a == NULL || (b != NULL && b < a) ? b : a;
}

/* apply walks through places and directives on statements side by side; both are sorted. */
static void
apply(TALLOC_CTX *mem, struct places *places, struct directives *on, const struct of_files *files)
{
    size_t low = 0, high = 0;
    const struct lk_directive *directive = NULL;

    for (size_t i = 0; i < places->items.count; i++) {
        const struct place *place = &places->items.items[i];
        const struct place *previous = i > 0 ? place - 1 : NULL;
        bool moved = previous == NULL || previous->target != place->target;

        while (moved && low < on->items.count && on->items.items[low]->target < place->target)
            low++;
        for (high = moved ? low : high;
             high < on->items.count && on->items.items[high]->target == place->target;)
            high++;
        if (moved || previous->finding->rule != place->finding->rule ||
            strcmp(previous->finding->path, place->finding->path) != 0) {
            const struct lk_directive *near =
                high > low ? first_naming(&on->items.items[low], high - low, place->finding->rule)
                           : NULL;
            directive = earlier(near, ask_files(files, place->finding));
        }
        suppress(mem, directive, place->finding);
    }
}

/* add_places adds where a finding is: at its statement, and at the one that is in the body of. */
static void
add_places(TALLOC_CTX *mem, struct places *places, struct lk_finding *finding)
{
    *lk_vec_add(mem, &places->items) = (struct place){finding->target, finding};
    if (finding->outer != UINT32_MAX && finding->outer != finding->target)
        *lk_vec_add(mem, &places->items) = (struct place){finding->outer, finding};
}

void
lk_suppress(struct lk_findings *findings, size_t first, uint32_t ordinal,
            struct lk_directives *directives)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct places own = {0};
    struct directives on_statements = {0};
    struct of_files files = {0};

    lk_vec_foreach(directive, &directives->items) {
        if (directive->kind == LK_DIRECTIVE_IGNORE_FILE)
            add_to_file(scratch, &files, directive);
        else if (directive->kind == LK_DIRECTIVE_IGNORE && directive->target != UINT32_MAX)
            lk_vec_push(scratch, &on_statements.items, directive);
    }
    for (size_t i = first; i < findings->items.count; i++)
        if (findings->items.items[i].ordinal == ordinal)
            add_places(scratch, &own, &findings->items.items[i]);
    sort(&own.items, compare_places);
    sort(&on_statements.items, compare_directives);
    apply(findings->mem, &own, &on_statements, &files);
}

static int
compare_origins(const void *a, const void *b)
{
    const struct lk_directive *left = *(struct lk_directive *const *)a;
    const struct lk_directive *right = *(struct lk_directive *const *)b;
    int order = strcmp(left->path, right->path);

    return order != 0 ? order : (left->at > right->at) - (left->at < right->at);
}

/* share_use lets two readings of a directive both be used where one is. */
static void
share_use(struct lk_directive *a, struct lk_directive *b)
{
    a->used = b->used = a->used || b->used;
    for (size_t i = 0; i < LK_MIN(a->names.count, b->names.count); i++)
        a->names.items[i].used = b->names.items[i].used =
            a->names.items[i].used || b->names.items[i].used;
}

void
lk_suppress_share(struct lk_directive_refs *directives)
{
    struct lk_directive **items = directives->items.items;
    size_t count = directives->items.count;

    sort(&directives->items, compare_origins);
    for (size_t i = 1; i < count; i++)
        if (compare_origins(&items[i - 1], &items[i]) == 0)
            share_use(items[i - 1], items[i]);
    for (size_t i = count; i-- > 1;)
        if (compare_origins(&items[i - 1], &items[i]) == 0)
            share_use(items[i - 1], items[i]);
}
