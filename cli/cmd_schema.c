/*
 * cli/cmd_schema.c
 *     lockkeeper schema: what the database looks like after a migration.
 */
#include "cli/inputs.h"
#include "cli/report.h"
#include "cli/schema.h"
#include "parser/base/text.h"
#include "rules/registry.h"

static const struct lk_schema_format *const formats[] = {
#define LK_SCHEMA(identifier) &lk_schema_format_##identifier,
#include "cli/schemas.def"
#undef LK_SCHEMA
};

const struct lk_schema_format *const *
lk_schema_formats(size_t *count)
{
    *count = LK_ARRAY_SIZE(formats);
    return formats;
}

static struct poptOption options[] = {
    {"at", '\0', POPT_ARG_STRING, &lk_options.at, 0,
     "as it is after this version (default: the last one)", "VERSION"},
    LK_READING_TABLE,
    LK_GLOBAL_TABLE,
    POPT_TABLEEND,
};

static const struct lk_schema_format *
choose_format(struct lk_error *err)
{
    const char *wanted = lk_options.format != NULL ? lk_options.format : "sql";
    const char *names[LK_ARRAY_SIZE(formats)];

    for (size_t i = 0; i < LK_ARRAY_SIZE(formats); i++) {
        names[i] = formats[i]->name;
        if (strcmp(names[i], wanted) == 0)
            return formats[i];
    }
    const char *nearest = lk_nearest(wanted, names, LK_ARRAY_SIZE(names));
    lk_fail(err, LK_ERR_USAGE, "a schema cannot be written as \"%s\"", wanted);
    lk_error_hint(
        err, nearest != NULL ? "Perhaps %s is meant." : "There are sql, json, mermaid and dot.",
        nearest);
    return NULL;
}

/* last_of returns the ordinal of the last migration of the version of --at; 0: all are meant. */
static bool
last_of(TALLOC_CTX *mem, const struct lk_changelog *changelog, uint32_t *ret, struct lk_error *err)
{
    *ret = 0;
    if (lk_options.at == NULL)
        return true;
    struct lk_version at = lk_changelog_version(mem, changelog, lk_options.at);
    lk_vec_foreach(migration, &changelog->migrations)
        if (migration->replayed && lk_version_compare(migration->name.version, at) == 0)
            *ret = migration->ordinal;
    if (*ret != 0)
        return true;
    lk_fail(err, LK_ERR_USAGE, "no migration has the version %s", lk_options.at);
    return lk_error_hint(err, "`lockkeeper plan` lists the versions there are.");
}

static enum lk_error_code
run_schema(struct lk_run *run, struct lk_error *err)
{
    const struct lk_schema_format *format = choose_format(err);
    struct lk_settings *settings = format != NULL ? lk_inputs_settings(run, err) : NULL;
    struct lk_changelog *changelog = settings != NULL ? lk_inputs_changelog(run, err) : NULL;
    struct lk_walk walk = {.settings = settings, .pending_from = UINT32_MAX};
    struct lk_walked walked;
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);

    if (changelog == NULL || !last_of(run->mem, changelog, &walk.last, err))
        return err->code;
    for (size_t i = 0; i < count; i++)
        lk_settings_switch_off(settings, rules[i]);
    if (!lk_engine_walk(run->mem, changelog, &walk, &walked, err))
        return err->code;
    struct lk_outlet outlet = lk_outlet_open();
    format->write(outlet.stream, walked.catalog);
    return lk_outlet_close(&outlet, err) ? LK_ERR_OK : err->code;
}

const struct lk_command lk_command_schema = {
    .name = "schema",
    .summary = "the replayed schema at any version, as SQL, JSON or a diagram; no database needed",
    .usage = "[PATH...]",
    .options = options,
    .several = LK_SEVERAL_ONE,
    .run = run_schema,
};
