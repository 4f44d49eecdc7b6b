/*
 * cli/plan_file.c
 *     Plans on disk: see plan_file.h.
 */
#include "cli/plan_file.h"

#include "parser/base/file.h"

static json_t *
text(const char *value)
{
    return value == NULL ? json_null() : json_string(value);
}

static json_t *
locks_of(const struct lk_lock *items, size_t count)
{
    json_t *locks = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(locks, json_pack("{s:s,s:s}", "relation", items[i].relation, "mode",
                                               lk_lock_name(items[i].mode)));
    return locks;
}

/* blocks_of returns what other sessions cannot do meanwhile. */
static json_t *
blocks_of(const struct lk_effects *effects)
{
    json_t *blocks = json_array();

    lk_vec_foreach(blocked, &effects->blocked)
        json_array_append_new(blocks, json_pack("{s:s,s:b,s:b,s:b,s:o}", "relation",
                                                blocked->relation, "reads", blocked->reads,
                                                "writes", blocked->writes, "changes",
                                                blocked->changes, "through", text(blocked->index)));
    return blocks;
}

/* works_of returns rewrites, scans and index builds with their reasons. */
static json_t *
works_of(const struct lk_effects *effects)
{
    json_t *works = json_array();

    lk_vec_foreach(work, &effects->rewrites)
        json_array_append_new(works, json_pack("{s:s,s:s,s:o}", "work", "rewrite", "relation",
                                               work->relation, "why", text(work->why)));
    lk_vec_foreach(work, &effects->scans)
        json_array_append_new(works, json_pack("{s:s,s:s,s:o}", "work", "scan", "relation",
                                               work->relation, "why", text(work->why)));
    lk_vec_foreach(build, &effects->builds)
        json_array_append_new(works, json_pack("{s:s,s:s,s:o,s:o}", "work", "build", "relation",
                                               build->relation, "index", text(build->index), "why",
                                               text(build->why)));
    return works;
}

/* relations_of returns the names of what work is done on. */
static json_t *
relations_of(const struct lk_pass *works, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(works[i].relation));
    return list;
}

static json_t *
statement_of(const struct lk_plan_statement *statement)
{
    char *lock = lk_timeout_text(NULL, statement->timeouts.lock);
    char *whole = lk_timeout_text(NULL, statement->timeouts.statement);
    const struct lk_effects *effects = &statement->effects;
    json_t *result = json_pack(
        "{s:i,s:i,s:s,s:o,s:o,s:o,s:o,s:o,s:s,s:s,s:s,s:b}", "index", (int)statement->index, "line",
        (int)statement->line, "kind", statement->kind, "locks",
        locks_of(effects->locks.items, effects->locks.count), "rewrites",
        relations_of(effects->rewrites.items, effects->rewrites.count), "scans",
        relations_of(effects->scans.items, effects->scans.count), "blocks", blocks_of(effects),
        "works", works_of(effects), "class", lk_stmt_word(statement->class), "lock_timeout", lock,
        "statement_timeout", whole, "in_transaction", statement->in_transaction);

    if (effects->may_lock.count > 0)
        json_object_set_new(result, "may_lock",
                            locks_of(effects->may_lock.items, effects->may_lock.count));
    if (statement->file != NULL)
        json_object_set_new(result, "file", json_string(statement->file));
    talloc_free(lock);
    talloc_free(whole);
    return result;
}

static json_t *
migration_of(const struct lk_plan_migration *migration)
{
    const struct lk_name *name = &migration->migration->name;
    json_t *statements = json_array();

    lk_vec_foreach(statement, &migration->statements)
        json_array_append_new(statements, statement_of(statement));
    return json_pack("{s:o,s:s,s:s,s:s,s:s,s:o}", "version", text(name->version.text),
                     "description", name->description, "script", migration->script, "sha256",
                     migration->sha256, "mode", lk_mode_name(migration->mode), "statements",
                     statements);
}

static json_t *
hook_of(const struct lk_plan_hook *hook)
{
    json_t *statements = json_array();

    lk_vec_foreach(statement, &hook->script.statements)
        json_array_append_new(statements, statement_of(statement));
    return json_pack("{s:s,s:s,s:s,s:s,s:o}", "event", lk_hook_word(hook->event), "script",
                     hook->script.source->path, "sha256", hook->script.sha256, "mode",
                     lk_mode_name(hook->script.mode), "statements", statements);
}

json_t *
lk_plan_json(const struct lk_plan *plan)
{
    json_t *migrations = json_array(), *hooks = json_array();

    lk_vec_foreach(migration, &plan->migrations)
        json_array_append_new(migrations, migration_of(migration));
    lk_vec_foreach(hook, &plan->hooks)
        json_array_append_new(hooks, hook_of(hook));
    json_t *document = json_pack(
        "{s:{s:s,s:o,s:o,s:o},s:o}", "plan", "sha256", plan->sha256, "database",
        text(plan->database), "system_identifier", text(plan->system_identifier), "history_sha256",
        text(plan->history_sha256[0] != '\0' ? plan->history_sha256 : NULL), "migrations",
        migrations);
    if (json_array_size(hooks) > 0)
        json_object_set(document, "hooks", hooks);
    json_decref(hooks);
    return document;
}

/* ---- checking ---- */

static bool
stale(struct lk_error *err, const char *path, const char *what)
{
    lk_fail(err, LK_ERR_DISAGREE, "%s is out of date: %s", path, what);
    return lk_error_hint(err, "Make the plan again with `lockkeeper plan -o %s`, and look at it.",
                         path);
}

static const char *
string_at(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));

    return value != NULL ? value : "";
}

/* find_planned returns the planned migration of that script, or NULL. */
static const struct lk_plan_migration *
find_planned(const struct lk_plan *plan, const char *script)
{
    lk_vec_foreach(migration, &plan->migrations)
        if (strcmp(migration->script, script) == 0)
            return migration;
    return NULL;
}

static bool
check_migrations(const char *path, const json_t *written, const struct lk_plan *plan,
                 struct lk_error *err)
{
    char what[512];
    size_t index;
    const json_t *entry;

    json_array_foreach(written, index, entry)
    {
        const char *script = string_at(entry, "script");
        const struct lk_plan_migration *now = find_planned(plan, script);
        if (now == NULL)
            snprintf(what, sizeof(what), "%s is no longer pending", script);
        else if (strcmp(now->sha256, string_at(entry, "sha256")) != 0)
            snprintf(what, sizeof(what), "the file %s has changed since", script);
        else if (strcmp(lk_mode_name(now->mode), string_at(entry, "mode")) != 0)
            snprintf(what, sizeof(what), "%s is carried out in another way since", script);
        else
            continue;
        return stale(err, path, what);
    }
    lk_vec_foreach(migration, &plan->migrations) {
        bool found = false;
        json_array_foreach(written, index, entry) found |=
            strcmp(string_at(entry, "script"), migration->script) == 0;
        if (found)
            continue;
        snprintf(what, sizeof(what), "%s is pending as well", migration->script);
        return stale(err, path, what);
    }
    return true;
}

/* check_hooks refuses other hooks than those that were planned. */
static bool
check_hooks(const char *path, const json_t *written, const struct lk_plan *plan,
            struct lk_error *err)
{
    char what[512];
    bool same = json_array_size(written) == plan->hooks.count;

    for (size_t i = 0; same && i < plan->hooks.count; i++) {
        const struct lk_plan_hook *hook = &plan->hooks.items[i];
        const json_t *entry = json_array_get(written, i);
        same = strcmp(string_at(entry, "event"), lk_hook_word(hook->event)) == 0 &&
               strcmp(string_at(entry, "script"), hook->script.source->path) == 0;
        if (!same || strcmp(string_at(entry, "sha256"), hook->script.sha256) == 0)
            continue;
        snprintf(what, sizeof(what), "the hook %s has changed since", hook->script.source->path);
        return stale(err, path, what);
    }
    return same || stale(err, path, "other hooks go with the run since");
}

static bool
check_plan(const char *path, const json_t *document, const struct lk_plan *plan,
           struct lk_error *err)
{
    const json_t *header = json_object_get(document, "plan");
    const json_t *migrations = json_object_get(document, "migrations");
    const char *system = string_at(header, "system_identifier");
    const char *database = string_at(header, "database");
    const char *history = string_at(header, "history_sha256");

    if (!json_is_array(migrations) || string_at(header, "sha256")[0] == '\0')
        return lk_fail(err, LK_ERR_USAGE, "%s is not a plan", path);
    if ((system[0] != '\0' && plan->system_identifier != NULL &&
         strcmp(system, plan->system_identifier) != 0) ||
        (database[0] != '\0' && strcmp(database, plan->database) != 0))
        return stale(err, path, "it was made for another database");
    if (!check_hooks(path, json_object_get(document, "hooks"), plan, err) ||
        !check_migrations(path, migrations, plan, err))
        return false;
    if (history[0] != '\0' && strcmp(history, plan->history_sha256) != 0)
        return stale(err, path, "the history of the database has changed since");
    /* made with a database, the checksum covers all the rest: modes, order, timeouts */
    if (history[0] != '\0' && strcmp(string_at(header, "sha256"), plan->sha256) != 0)
        return stale(err, path, "it was made with other settings");
    return true;
}

/*
 * check_document looks for the plan of the database of that name where there are those of several.
 */
static bool
check_document(const char *path, const json_t *document, const char *name,
               const struct lk_plan *plan, struct lk_error *err)
{
    const json_t *list = json_object_get(document, "databases");
    char what[512];
    size_t index;
    const json_t *entry;

    if (!json_is_array(list))
        return check_plan(path, document, plan, err);
    if (name == NULL) {
        lk_fail(err, LK_ERR_USAGE, "%s holds the plans of several databases", path);
        return lk_error_hint(err, "Say which one: --database NAME.");
    }
    json_array_foreach(list, index, entry)
    {
        if (strcmp(string_at(entry, "name"), name) == 0)
            return check_plan(path, entry, plan, err);
    }
    snprintf(what, sizeof(what), "it has no plan for %s", name);
    return stale(err, path, what);
}

bool
lk_plan_file_check(const char *path, const char *name, const struct lk_plan *plan,
                   struct lk_error *err)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_bytes bytes;
    json_error_t problem;

    if (!lk_file_read(scratch, path, &bytes, err))
        return false;
    json_t *document = json_loadb(bytes.data, bytes.size, JSON_REJECT_DUPLICATES, &problem);
    if (document == NULL) {
        lk_fail(err, LK_ERR_USAGE, "%s:%d:%d: not a plan: %s", path, problem.line, problem.column,
                problem.text);
        return lk_error_hint(err, "`lockkeeper plan -o FILE` writes one.");
    }
    bool current = check_document(path, document, name, plan, err);
    json_decref(document);
    return current;
}
