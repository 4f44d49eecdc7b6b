/*
 * cli/config_settle.c
 *     What holds for a database in an environment: see config.h.
 */
#include <ctype.h>

#include "cli/config.h"
#include "parser/base/buf.h"
#include "parser/base/text.h"

const struct lk_config_target *
lk_config_find(const struct lk_config_targets *targets, const char *name)
{
    lk_vec_foreach(target, &targets->items)
        if (strcmp(target->name, name) == 0)
            return target;
    return NULL;
}

/* find_target is lk_config_find of a name that has to be there; NULL is none. */
static bool
find_target(const struct lk_config *config, const struct lk_config_targets *targets,
            const char *kind, const char *name, const struct lk_config_target **ret,
            struct lk_error *err)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_buf list = lk_buf_init(scratch);
    LK_VEC(const char *) names = {0};

    *ret = name != NULL ? lk_config_find(targets, name) : NULL;
    if (name == NULL || *ret != NULL)
        return true;
    lk_vec_foreach(target, &targets->items) {
        lk_vec_push(scratch, &names, target->name);
        lk_buf_sep(&list, ", ");
        lk_buf_add(&list, target->name);
    }
    lk_fail(err, LK_ERR_USAGE, "%s has no %s \"%s\"",
            config->path != NULL ? config->path : "the configuration", kind, name);
    const char *nearest = lk_nearest(name, names.items, names.count);
    if (nearest != NULL)
        return lk_error_hint(err, "Perhaps %s is meant.", nearest);
    if (names.count > 0)
        return lk_error_hint(err, "It has %s.", list.data);
    return lk_error_hint(err, "There is none at all.");
}

static void
lay_placeholders(TALLOC_CTX *mem, struct lk_config_pairs *ret, const struct lk_config_pairs *over)
{
    struct lk_config_pairs both = {0};

    if (over->items.count == 0)
        return;
    lk_vec_foreach(pair, &ret->items)
        lk_vec_push(mem, &both.items, *pair);
    lk_vec_foreach(pair, &over->items) {
        struct lk_config_pair *place = NULL;
        lk_vec_foreach(known, &both.items)
            if (strcmp(known->name, pair->name) == 0)
                place = known;
        if (place == NULL)
            place = lk_vec_add(mem, &both.items);
        *place = *pair;
    }
    *ret = both;
}

/* lay_time puts a time in the place of another, if there is one. */
static void
lay_time(int64_t *ret, int64_t over)
{
    if (over >= 0)
        *ret = over;
}

static void
lay_times(struct lk_config_apply *ret, const struct lk_config_apply *over)
{
    lay_time(&ret->lock_timeout, over->lock_timeout);
    lay_time(&ret->statement_timeout, over->statement_timeout);
    lay_time(&ret->transaction_timeout, over->transaction_timeout);
    lay_time(&ret->idle_in_transaction_session_timeout, over->idle_in_transaction_session_timeout);
    lay_time(&ret->idle_session_timeout, over->idle_session_timeout);
    lay_time(&ret->snapshot_age, over->snapshot_age);
    lay_time(&ret->take_over, over->take_over);
    lay_time(&ret->max_blocking, over->max_blocking);
    lay_time(&ret->max_elapsed, over->max_elapsed);
    lay_time(&ret->base, over->base);
    lay_time(&ret->cap, over->cap);
    for (size_t i = 0; i < LK_STMT_COUNT; i++) {
        lay_time(&ret->timeouts[i].lock, over->timeouts[i].lock);
        lay_time(&ret->timeouts[i].statement, over->timeouts[i].statement);
    }
}

static void
lay_apply(TALLOC_CTX *mem, struct lk_config_apply *ret, const struct lk_config_apply *over)
{
    if (over->history != NULL)
        ret->history = over->history;
    if (over->flyway_table != NULL)
        ret->flyway_table = over->flyway_table;
    if (over->flyway_schema != NULL)
        ret->flyway_schema = over->flyway_schema;
    if (over->out_of_order != NULL)
        ret->out_of_order = over->out_of_order;
    if (over->other_history != NULL)
        ret->other_history = over->other_history;
    if (over->ends.items.count > 0)
        ret->ends = over->ends;
    if (over->ignore.items.count > 0)
        ret->ignore = over->ignore;
    lay_times(ret, over);
    lay_placeholders(mem, &ret->placeholders, &over->placeholders);
    for (size_t i = 0; i < LK_HOOK_COUNT; i++)
        if (over->hooks[i].items.count > 0)
            ret->hooks[i] = over->hooks[i];
}

/* lay_over puts what `over` (or NULL) says in the place of what `ret` has. */
static void
lay_over(TALLOC_CTX *mem, struct lk_config_target *ret, const struct lk_config_target *over)
{
    if (over == NULL)
        return;
    ret->name = over->name;
    if (over->url.text != NULL)
        ret->url = over->url;
    if (over->migrations.items.count > 0)
        ret->migrations = over->migrations;
    if (over->naming != NULL)
        ret->naming = over->naming;
    if (over->schema != NULL)
        ret->schema = over->schema;
    if (over->baseline != NULL)
        ret->baseline = over->baseline;
    if (over->baseline_file.text != NULL)
        ret->baseline_file = over->baseline_file;
    lay_apply(mem, &ret->apply, &over->apply);
}

bool
lk_config_settle(TALLOC_CTX *mem, const struct lk_config *config, const char *database,
                 const char *environment, struct lk_config_target *ret, struct lk_error *err)
{
    const struct lk_config_target *own, *there;

    if (!find_target(config, &config->databases, "database", database, &own, err) ||
        !find_target(config, &config->environments, "environment", environment, &there, err))
        return false;
    *ret = (struct lk_config_target){.url = config->url,
                                     .migrations = config->migrations,
                                     .naming = config->naming,
                                     .schema = config->schema,
                                     .baseline = config->baseline,
                                     .baseline_file = config->baseline_file,
                                     .apply = config->apply};
    lay_over(mem, ret, own);
    lay_over(mem, ret, there);
    if (own != NULL && there != NULL)
        lay_over(mem, ret, lk_config_find(&there->databases, own->name));
    return true;
}

/* ---- values ---- */

/* A ${NAME} or ${NAME:-word}. */
struct reference {
    char *name;
    char *otherwise; /* NULL: none */
    const char *end; /* behind it */
};

/* read_reference reads the one at `at`; false where it is none. */
static bool
read_reference(TALLOC_CTX *mem, const char *at, struct reference *ret)
{
    const char *end = strchr(at, '}');
    const char *name = at + 2;
    size_t length = 0;

    while (isalnum((unsigned char)name[length]) || name[length] == '_')
        length++;
    if (end == NULL || length == 0 || isdigit((unsigned char)name[0]))
        return false;
    *ret = (struct reference){lk_strndup(mem, name, length), NULL, end + 1};
    if (name + length == end)
        return true;
    if (strncmp(name + length, ":-", 2) != 0)
        return false;
    const char *word = name + length + 2;
    ret->otherwise = lk_strndup(mem, word, (size_t)(end - word));
    return true;
}

/* fail_at fails at the place of a value. */
static char *
fail_at(const struct lk_config *config, const struct lk_config_value *value, struct lk_error *err,
        const char *what)
{
    lk_fail(err, LK_ERR_USAGE, "%s:%u:%u: %s",
            config->path != NULL ? config->path : "the configuration", value->at.line,
            value->at.column, what);
    return NULL;
}

char *
lk_config_expand(TALLOC_CTX *mem, const struct lk_config *config,
                 const struct lk_config_value *value, struct lk_error *err)
{
    struct lk_buf expanded = lk_buf_init(mem);
    struct reference reference;

    for (const char *at = value->text; *at != '\0';) {
        if (at[0] == '$' && at[1] == '$') {
            lk_buf_addc(&expanded, '$');
            at += 2;
            continue;
        }
        if (at[0] != '$' || at[1] != '{') {
            lk_buf_addc(&expanded, *at++);
            continue;
        }
        if (!read_reference(mem, at, &reference)) {
            fail_at(config, value, err, "what starts with ${ here is no environment variable");
            lk_error_hint(err, "It is written ${NAME} or ${NAME:-default}; a dollar sign is $$.");
            return NULL;
        }
        const char *said = getenv(reference.name);
        if (reference.otherwise != NULL && (said == NULL || said[0] == '\0'))
            said = reference.otherwise;
        if (said == NULL) {
            fail_at(config, value, err,
                    lk_fmt(mem, "the environment variable %s is not set", reference.name));
            lk_error_hint(err, "Set it, or give it a default: ${%s:-...}.", reference.name);
            return NULL;
        }
        lk_buf_add(&expanded, said);
        at = reference.end;
    }
    return expanded.data;
}
