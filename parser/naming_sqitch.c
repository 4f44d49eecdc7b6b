/*
 * parser/naming_sqitch.c
 *     Sqitch: deploy/users.sql and revert/users.sql, in the order of sqitch.plan.
 *
 * Source: Sqitch, App::Sqitch::Plan: a line is a change or a "@tag"; a change that is planned again
 * later was reworked, and its first script is called after the tag that followed it:
 * deploy/users@v1.sql. Scripts are run by psql as they are.
 */
#include "parser/base/file.h"
#include "parser/base/text.h"
#include "parser/naming.h"

#define PLAN "sqitch.plan"

static const char *const homes[] = {"deploy", "revert", "verify", NULL};

/* A change of the plan. */
struct change {
    const char *name;
    const char *tag; /* the first one behind it; NULL: none so far */
};

struct plan {
    LK_VEC(struct change) changes;
    size_t untagged; /* the first change without a tag */
};

/* read_line adds the change or the tag of a plan's line; pragmas and comments are neither. */
static void
read_line(TALLOC_CTX *mem, const char *line, struct plan *plan)
{
    line += strspn(line, " \t");
    if (*line == '+') /* the sign of an old syntax: deploy */
        line += 1 + strspn(line + 1, " \t");
    size_t length = strcspn(line, " \t\r\n");
    if (length == 0 || *line == '%' || *line == '#' || *line == '-')
        return;
    char *word = lk_strndup(mem, line, length);
    if (*word != '@') {
        lk_vec_add(mem, &plan->changes)->name = word;
        return;
    }
    for (; plan->untagged < plan->changes.count; plan->untagged++)
        plan->changes.items[plan->untagged].tag = word;
}

static bool
is_reworked(const struct plan *plan, const struct change *change)
{
    for (const struct change *later = change + 1; later < plan->changes.items + plan->changes.count;
         later++)
        if (strcmp(later->name, change->name) == 0)
            return true;
    return false;
}

static bool
read_plan(TALLOC_CTX *mem, const struct lk_naming *naming, const char *folder,
          const struct lk_scripts *scripts, struct lk_version_list *ret)
{
    struct lk_error ignored = {0};
    struct plan plan = {0};
    struct lk_bytes bytes;

    (void)naming;
    (void)scripts;
    if (!lk_file_read(mem, lk_path_join(mem, folder, PLAN), &bytes, &ignored)) {
        lk_error_clear(&ignored);
        return false;
    }
    for (const char *line = bytes.data; *line != '\0';) {
        read_line(mem, line, &plan);
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    lk_vec_foreach(change, &plan.changes) {
        bool old = change->tag != NULL && is_reworked(&plan, change);
        lk_vec_push(mem, &ret->items,
                    old ? lk_fmt(mem, "%s%s", change->name, change->tag) : change->name);
    }
    return true;
}

static enum lk_name_verdict
read_name(TALLOC_CTX *mem, const char *path, struct lk_name *ret, const char **problem)
{
    bool revert = lk_starts_with(path, "revert/");

    (void)problem;
    if ((!revert && !lk_starts_with(path, "deploy/")) || !lk_ends_with(path, ".sql"))
        return LK_NAME_OTHER;
    const char *name = path + strlen("deploy/");
    ret->kind = revert ? LK_KIND_UNDO : LK_KIND_VERSIONED;
    ret->version = (struct lk_version){
        .text = lk_strndup(mem, name, strlen(name) - strlen(".sql")),
        .by_text = true,
    };
    ret->description = "";
    return LK_NAME_VALID;
}

const struct lk_naming lk_naming_sqitch = {
    .name = "sqitch",
    .summary = "deploy/<change>.sql and revert/<change>.sql, in the order of " PLAN,
    .example = "deploy/%s.sql",
    .maker = "`sqitch add NAME -n NOTE`",
    .preference = 90,
    .tolerance = 100,
    .subfolders = true,
    .runner = LK_RUNNER_STATEMENTS,
    .landmark = PLAN,
    .homes = homes,
    .read = read_name,
    .order = read_plan,
    .unlisted = PLAN " does not list it",
    .list = PLAN,
};
