/*
 * cli/databases.c
 *     Several databases of one configuration: see databases.h.
 */
#include "cli/databases.h"

#include <jansson.h>

#include "applier/interrupt.h"
#include "cli/complain.h"
#include "cli/inputs.h"
#include "cli/paint.h"
#include "cli/report.h"
#include "parser/base/buf.h"
#include "parser/base/text.h"

/* ---- which ---- */

static bool
is_pattern(const char *name)
{
    return strcmp(name, "all") == 0 || strpbrk(name, "*?") != NULL;
}

static bool
is_meant(const char *asked, const char *name)
{
    return strcmp(asked, "all") == 0 || lk_glob_match(asked, name);
}

/* check_asked refuses what --database says of none. */
static bool
check_asked(struct lk_run *run, const char *asked, struct lk_error *err)
{
    struct lk_config_target target;

    if (!is_pattern(asked))
        return lk_config_settle(run->mem, run->config, asked, NULL, &target, err);
    lk_vec_foreach(database, &run->config->databases.items)
        if (is_meant(asked, database->name))
            return true;
    return lk_fail(err, LK_ERR_USAGE, "--database %s: %s has no such database", asked,
                   run->config->path != NULL ? run->config->path : "the configuration");
}

/* choose_asked chooses those of --database. */
static bool
choose_asked(struct lk_run *run, struct lk_databases *ret, struct lk_error *err)
{
    ret->several = lk_options.databases.count > 1;
    lk_vec_foreach(asked, &lk_options.databases) {
        ret->several |= is_pattern(*asked);
        if (!check_asked(run, *asked, err))
            return false;
    }
    lk_vec_foreach(database, &run->config->databases.items) {
        bool meant = false;
        lk_vec_foreach(asked, &lk_options.databases)
            meant |= is_meant(*asked, database->name);
        if (meant)
            lk_vec_push(run->mem, &ret->names, database->name);
    }
    return true;
}

/* is_within returns whether a path is `folder`, or below it; both from the root. */
static bool
is_within(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    return strncmp(path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

bool
lk_databases_has(TALLOC_CTX *mem, const struct lk_config *config, const char *database,
                 const char *path)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(mem);
    struct lk_error ignored = {0};
    struct lk_config_target target;

    if (!lk_config_settle(scratch, config, database, lk_options.env, &target, &ignored)) {
        lk_error_clear(&ignored);
        return false;
    }
    char *wanted = lk_path_absolute(scratch, path);
    lk_vec_foreach(folder, &target.migrations.items)
        if (is_within(wanted,
                      lk_path_absolute(scratch, lk_path_join(scratch, config->folder, *folder))))
            return true;
    return false;
}

/* has_paths returns whether all that the command line names lies in a database's migrations. */
static bool
has_paths(struct lk_run *run, const char *database, bool *ret_any)
{
    bool all = true;

    *ret_any = false;
    lk_vec_foreach(path, &lk_options.paths) {
        if (!lk_file_exists(*path))
            continue; /* a version, say */
        *ret_any = true;
        all &= lk_databases_has(run->mem, run->config, database, *path);
    }
    return all;
}

bool
lk_databases_choose(struct lk_run *run, struct lk_databases *ret, struct lk_error *err)
{
    *ret = (struct lk_databases){0};
    if (lk_options.databases.count > 0)
        return choose_asked(run, ret, err);
    lk_vec_foreach(database, &run->config->databases.items) {
        bool any;
        bool has = has_paths(run, database->name, &any);
        if (has || !any)
            lk_vec_push(run->mem, &ret->names, database->name);
    }
    ret->several = ret->names.count > 1;
    return true;
}

/* ---- one place each ---- */

/* A database that was connected to. */
struct meeting {
    char *system;
    char *database;
    const char *name;
};

struct lk_met {
    LK_VEC(struct meeting) items;
};

bool
lk_databases_meet(struct lk_run *run, const struct lk_target *target, struct lk_error *err)
{
    if (run->database == NULL || run->met == NULL)
        return true;
    /* where the role may not ask for the system, how it was connected to has to do */
    bool known = target->system_identifier != NULL;
    const char *system = known ? target->system_identifier : target->name;
    lk_vec_foreach(met, &run->met->items) {
        if (strcmp(met->system, system) != 0 || strcmp(met->database, target->database) != 0)
            continue;
        lk_fail(err, LK_ERR_USAGE, "%s is the same database as %s: %s", run->database, met->name,
                target->name);
        return lk_error_hint(err, "Each database has one history: give each of them a url of its "
                                  "own, or one of them both folders.");
    }
    *lk_vec_add(run->met, &run->met->items) = (struct meeting){
        lk_strdup(run->met, system), lk_strdup(run->met, target->database), run->database};
    return true;
}

/* check_urls finds out before anything happens whether all databases are said to be somewhere, each
 * in a place of its own. */
static bool
check_urls(struct lk_run *run, const struct lk_databases *databases, struct lk_error *err)
{
    LK_VEC(const char *) urls = {0};

    lk_vec_foreach(name, &databases->names) {
        struct lk_config_target target;
        if (!lk_config_settle(run->mem, run->config, *name, lk_options.env, &target, err))
            return false;
        char *url = target.url.text != NULL
                        ? lk_config_expand(run->mem, run->config, &target.url, err)
                        : lk_strdup(run->mem, "");
        if (url == NULL)
            return false;
        lk_vec_foreach(other, &urls) {
            if (strcmp(*other, url) != 0)
                continue;
            lk_fail(err, LK_ERR_USAGE, "%s and %s have the same url%s",
                    databases->names.items[other - urls.items], *name,
                    url[0] == '\0' ? ": none" : "");
            return lk_error_hint(err, "Each database has one history: give each of them a url of "
                                      "its own.");
        }
        lk_vec_push(run->mem, &urls, url);
    }
    return true;
}

static bool
check_several(struct lk_run *run, const struct lk_command *command,
              const struct lk_databases *databases, struct lk_error *err)
{
    const char *format = lk_options.format;

    if (format != NULL && strcmp(format, "text") != 0 && strcmp(format, "json") != 0) {
        lk_fail(err, LK_ERR_USAGE, "a report in the format %s is about one database", format);
        return lk_error_hint(err, "Say which one: --database NAME.");
    }
    if (lk_options.url != NULL && databases->names.count > 1) {
        lk_fail(err, LK_ERR_USAGE, "--url is one database, and %zu are meant",
                databases->names.count);
        return lk_error_hint(err, "Say which one it is: --database NAME.");
    }
    return !command->connects || lk_options.url != NULL || check_urls(run, databases, err);
}

/* ---- one after the other ---- */

/* What became of all. */
struct tour {
    struct lk_run *run;
    const struct lk_command *command;
    bool json;
    json_t *list;
    enum lk_error_code worst;
    struct lk_buf failed; /* in words */
    size_t failures;
};

static json_t *
text(const char *value)
{
    json_t *string = value != NULL ? json_string(value) : NULL;

    return string != NULL ? string : json_null();
}

/* error_of returns what is to be said of a database's end, or null. */
static json_t *
error_of(const struct lk_error *err)
{
    if (err->message == NULL)
        return json_null();
    return json_pack("{s:o,s:o,s:o}", "message", text(err->message), "detail", text(err->detail),
                     "hint", text(err->hint));
}

/* list_one adds a database to the list: its own document, its name, and how it went. */
static void
list_one(struct tour *tour, const char *name, enum lk_error_code code, const struct lk_error *err)
{
    char *document = lk_outlet_take(tour->run->mem);
    json_t *entry = json_pack("{s:o,s:i,s:o}", "name", text(name), "exit_code",
                              lk_error_exit_code(code), "error", error_of(err));
    json_t *own = document != NULL ? json_loads(document, 0, NULL) : NULL;

    if (entry == NULL || (own != NULL && json_object_update_missing(entry, own) != 0))
        LK_BUG("out of memory");
    json_decref(own);
    json_array_append_new(tour->list, entry);
}

/* carry_out carries the command out for one database. */
static enum lk_error_code
carry_out(struct tour *tour, const char *name)
{
    struct lk_error err = {0};
    struct lk_run run = *tour->run;
    const struct lk_options said = lk_options;
    TALLOC_CTX *mem = lk_mem_new(tour->run->mem);

    run.mem = mem;
    run.database = name;
    lk_options.paths.items = lk_new_array(mem, const char *, said.paths.count + 1);
    lk_options.paths.capacity = said.paths.count;
    for (size_t i = 0; i < said.paths.count; i++)
        lk_options.paths.items[i] = said.paths.items[i];
    enum lk_error_code code = tour->command->run(&run, &err);
    lk_options = said;
    if (code != LK_ERR_OK && err.message != NULL) {
        lk_error_prefix(&err, "%s: ", name);
        lk_complain(&err);
        lk_buf_sep(&tour->failed, ", ");
        lk_buf_addf(&tour->failed, "%s (exit code %d)", name, lk_error_exit_code(code));
        tour->failures++;
    }
    if (tour->json)
        list_one(tour, name, code, &err);
    lk_error_clear(&err);
    talloc_free(mem);
    if (lk_error_exit_code(code) > lk_error_exit_code(tour->worst))
        tour->worst = code;
    return code;
}

/* announce says in a report for people whose part comes. */
static void
announce(const char *name, bool first)
{
    if (lk_options.quiet)
        return;
    struct lk_outlet outlet = lk_outlet_open();
    struct lk_error ignored = {0};
    fprintf(outlet.stream, "%s%s%s:%s\n", first ? "" : "\n", lk_paint(LK_PAINT_BOLD), name,
            lk_paint_end());
    if (!lk_outlet_close(&outlet, &ignored))
        lk_error_clear(&ignored);
}

/* report_list writes the one document. */
static bool
report_list(struct tour *tour, struct lk_error *err)
{
    json_t *document = json_pack("{s:b,s:i,s:O}", "success", tour->worst == LK_ERR_OK, "exit_code",
                                 lk_error_exit_code(tour->worst), "databases", tour->list);
    struct lk_outlet outlet = lk_outlet_open();

    if (document == NULL)
        LK_BUG("out of memory");
    json_dumpf(document, outlet.stream, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    fputc('\n', outlet.stream);
    json_decref(document);
    return lk_outlet_close(&outlet, err);
}

static bool
report_text(TALLOC_CTX *mem, struct lk_error *err)
{
    const char *text = lk_outlet_take(mem);
    struct lk_outlet outlet = lk_outlet_open();

    if (text != NULL)
        fputs(text, outlet.stream);
    return lk_outlet_close(&outlet, err);
}

/* finish reports what was kept, and says which databases failed. */
static enum lk_error_code
finish(struct tour *tour, size_t begun, size_t count, bool kept, struct lk_error *err)
{
    lk_outlet_keep(false);
    bool written =
        !kept || (tour->json ? report_list(tour, err) : report_text(tour->run->mem, err));

    json_decref(tour->list);
    if (!written)
        return err->code;
    if (tour->failures > 0) {
        lk_fail(err, tour->worst, "%zu of %zu databases failed: %s", tour->failures, count,
                tour->failed.data);
        if (begun < count)
            lk_error_hint(err, "%zu more had no turn.", count - begun);
    }
    return tour->worst;
}

/* go_round carries the command out for one database after the other. */
static enum lk_error_code
go_round(struct lk_run *run, const struct lk_command *command, const struct lk_databases *databases,
         struct lk_error *err)
{
    struct tour tour = {
        .run = run,
        .command = command,
        .json = lk_options.format != NULL && strcmp(lk_options.format, "json") == 0,
        .list = json_array(),
        .failed = lk_buf_init(run->mem),
    };
    bool kept = tour.json || lk_options.output != NULL;
    size_t begun = 0;

    run->met = lk_new(run->mem, struct lk_met);
    lk_outlet_keep(kept);
    lk_vec_foreach(name, &databases->names) {
        if (!tour.json)
            announce(*name, begun == 0);
        begun++;
        enum lk_error_code code = carry_out(&tour, *name);
        if (lk_interrupted() || (lk_options.fail_fast && code != LK_ERR_OK))
            break;
    }
    return finish(&tour, begun, databases->names.count, kept, err);
}

static enum lk_error_code
ask_for_one(struct lk_run *run, const struct lk_databases *databases, const char *how,
            struct lk_error *err)
{
    struct lk_buf names = lk_buf_init(run->mem);

    lk_vec_foreach(name, &databases->names) {
        lk_buf_sep(&names, ", ");
        lk_buf_add(&names, *name);
    }
    lk_fail(err, LK_ERR_USAGE, "%s has several databases: %s", run->config->path, names.data);
    lk_error_hint(err, "Say %s.", how);
    return err->code;
}

enum lk_error_code
lk_databases_run(struct lk_run *run, const struct lk_command *command, struct lk_error *err)
{
    struct lk_databases databases;

    if (command->several == LK_SEVERAL_OWN)
        return command->run(run, err);
    if (!lk_databases_choose(run, &databases, err))
        return err->code;
    if (databases.several && command->several == LK_SEVERAL_ONE)
        return ask_for_one(run, &databases, "which one: --database NAME", err);
    if (databases.several && command->several == LK_SEVERAL_NAMED &&
        lk_options.databases.count == 0)
        return ask_for_one(run, &databases, "which one: --database NAME, or --database all", err);
    if (!databases.several) {
        run->database = databases.names.count > 0 ? databases.names.items[0] : NULL;
        return command->run(run, err);
    }
    return check_several(run, command, &databases, err) ? go_round(run, command, &databases, err)
                                                        : err->code;
}
