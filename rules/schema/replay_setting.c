/*
 * rules/schema/replay_setting.c
 *     Settings that there are none of, and values that they do not take.
 *
 * Source: find_option(), set_config_with_handle() and parse_int(), src/backend/utils/misc/guc.c.
 */
#include <ctype.h>
#include <stdlib.h>

#include "rules/schema/builtin.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_setting.h"

/* is_unit returns whether a number of a setting with a unit may have another one behind it. */
static bool
is_unit(const char *text, struct lk_builtin_name own)
{
    static const char *const sizes[] = {"B", "kB", "MB", "GB", "TB"};
    static const char *const times[] = {"us", "ms", "s", "min", "h", "d"};
    bool size = own.length > 0 && own.text[own.length - 1] == 'B';
    const char *const *units = size ? sizes : times;
    size_t count = size ? LK_ARRAY_SIZE(sizes) : LK_ARRAY_SIZE(times);

    for (size_t i = 0; own.length > 0 && i < count; i++)
        if (strcmp(units[i], text) == 0)
            return true;
    return false;
}

static bool
is_number(const char *text, struct lk_builtin_name unit)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    char *end;

    strtod(text, &end);
    if (end == text)
        return false;
    end += strspn(end, " \t\n\r\f\v");
    char *rest = lk_strdup(scratch, end);
    for (size_t length = strlen(rest); length > 0 && isspace((unsigned char)rest[length - 1]);)
        rest[--length] = '\0';
    return rest[0] == '\0' || is_unit(rest, unit);
}

/* is_truth returns whether a word is one for true or false, which the beginning of some is, too. */
static bool
is_truth(const char *text)
{
    static const struct {
        const char *word;
        size_t least;
    } words[] = {{"true", 1}, {"false", 1}, {"yes", 1}, {"no", 1},
                 {"on", 2},   {"off", 2},   {"1", 1},   {"0", 1}};
    size_t length = strlen(text);

    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++)
        if (length >= words[i].least && length <= strlen(words[i].word) &&
            strncasecmp(text, words[i].word, length) == 0)
            return true;
    return false;
}

/* value_of returns the text of a value, or NULL where it is none that is checked. */
static const char *
value_of(TALLOC_CTX *mem, const Node *node)
{
    const A_Const *constant = (const A_Const *)node;

    if (!IsA(node, A_Const) || constant->isnull)
        return NULL;
    switch (nodeTag(&constant->val)) {
    case T_String:
        return strVal(&constant->val);
    case T_Integer:
        return lk_fmt(mem, "%d", intVal(&constant->val));
    case T_Float:
        return constant->val.fval.fval;
    default:
        return NULL;
    }
}

static bool
refuse_value(struct lk_catalog *catalog, const struct lk_builtin_setting *setting,
             const VariableSetStmt *stmt)
{
    const char *value = list_length(stmt->args) == 1
                            ? value_of(catalog->statement_mem, linitial(stmt->args))
                            : NULL;

    if (stmt->kind != VAR_SET_VALUE || value == NULL)
        return false;
    if (setting->kind == 'b' && !is_truth(value)) {
        lk_refuse(catalog, "22023", -1, "parameter \"%s\" requires a Boolean value", stmt->name);
        return true;
    }
    if ((setting->kind != 'i' && setting->kind != 'r') || is_number(value, setting->unit))
        return false;
    lk_refuse(catalog, "22023", -1, "invalid value for parameter \"%s\": \"%s\"", stmt->name,
              value);
    return true;
}

bool
lk_refuse_setting_name(struct lk_catalog *catalog, const char *name)
{
    struct lk_builtin_setting setting;

    if (name == NULL || strchr(name, '.') != NULL || strcasecmp(name, "all") == 0 ||
        !catalog->complete || lk_builtin_setting(name, lk_catalog_version(catalog), &setting))
        return false;
    lk_refuse(catalog, "42704", -1, "unrecognized configuration parameter \"%s\"", name)->name =
        lk_catalog_keep(catalog, name);
    return true;
}

bool
lk_refuse_setting(struct lk_catalog *catalog, const VariableSetStmt *stmt, bool now)
{
    struct lk_builtin_setting setting = {0};

    if (stmt->name == NULL || stmt->kind == VAR_SET_MULTI || stmt->kind == VAR_RESET_ALL ||
        (!now && stmt->kind == VAR_RESET))
        return false;
    if (lk_refuse_setting_name(catalog, stmt->name))
        return true;
    if (!lk_builtin_setting(stmt->name, lk_catalog_version(catalog), &setting))
        return false;
    const char *why = !now                  ? NULL
                      : setting.kind == 'P' ? " without restarting the server"
                      : setting.kind == 'H' ? " now"
                      : setting.kind == 'I' ? ""
                                            : NULL;
    if (why == NULL)
        return refuse_value(catalog, &setting, stmt);
    lk_refuse(catalog, "55P02", -1, "parameter \"%s\" cannot be changed%s", stmt->name, why);
    return true;
}

void
lk_replay_alter_system(struct lk_catalog *catalog, const AlterSystemStmt *stmt)
{
    lk_refuse_setting(catalog, stmt->setstmt, false);
}

void
lk_replay_alter_database_set(struct lk_catalog *catalog, const AlterDatabaseSetStmt *stmt)
{
    lk_refuse_setting(catalog, stmt->setstmt, false);
}

void
lk_replay_show(struct lk_catalog *catalog, const VariableShowStmt *stmt)
{
    lk_refuse_setting_name(catalog, stmt->name);
}
