/*
 * rules/schema/builtin_tables.c
 *     The tables behind builtin.h. None has pointers, most are one text, so that nothing has to be
 *     relocated or built at start; rows are found by bisecting.
 */
#include "rules/schema/builtin_private.h"

/* clang-format off: a table is the strings of all its lines */
#define LK_FUNCTION(name, arguments, result, flags, columns, versions)                             \
    name "\t" arguments "\t" result "\t" flags "\t" columns "\t" versions "\n"
static const char function_text[] =
#include "rules/schema/builtin_functions.def"
    ;

#define LK_RELATION(name, schema, kind, columns, versions)                                         \
    name "\t" schema "\t" kind "\t" columns "\t" versions "\n"
static const char relation_text[] =
#include "rules/schema/builtin_relations.def"
    ;
/* clang-format on */

static const struct lk_rows functions = {function_text, sizeof(function_text) - 1};
static const struct lk_rows relations = {relation_text, sizeof(relation_text) - 1};

/* The arrays that operators take. */
enum { LK_BT__aclitem = LK_BT_ARRAY | LK_BT_aclitem, LK_BT__text = LK_BT_ARRAY | LK_BT_text };

static const struct operator
{
    char name[5];
    char volatility;
    uint16_t left, right, result;
    char versions[6];
}
operators[] = {
#define LK_OPERATOR(name, left, right, result, volatility, versions)                               \
    {name, volatility, LK_BT_##left, LK_BT_##right, LK_BT_##result, versions},
#include "rules/schema/builtin_operators.def"
#undef LK_OPERATOR
};

bool
lk_builtin_same(struct lk_builtin_name name, const char *text)
{
    return strncmp(name.text, text, name.length) == 0 && text[name.length] == '\0';
}

/* compare_name compares the first field of the row at `row` with a name, by bytes. */
static int
compare_name(const char *row, const char *name)
{
    while (*row != '\t' && *row == *name)
        row++, name++;
    return (*row == '\t' ? 0 : (unsigned char)*row) - (unsigned char)*name;
}

bool
lk_row_read(const struct lk_rows *rows, const char *at, struct lk_row *ret)
{
    const char *end = rows->text + rows->size;

    if (at >= end)
        return false;
    *ret = (struct lk_row){0};
    for (size_t i = 0;; i++, at++) {
        const char *start = at;
        while (*at != '\t' && *at != '\n')
            at++;
        ret->field[i] = (struct lk_builtin_name){start, (size_t)(at - start)};
        if (*at == '\n' || i + 1 == LK_ROW_FIELDS)
            break;
    }
    ret->next = at + 1;
    return true;
}

bool
lk_row_next(const struct lk_rows *rows, const char *name, const char *at, struct lk_row *ret)
{
    const char *low = rows->text, *high = rows->text + rows->size;

    if (at != NULL)
        low = at;
    while (at == NULL && low < high) {
        const char *middle = low + (high - low) / 2;
        const char *before = memrchr(low, '\n', (size_t)(middle - low));
        middle = before != NULL ? before + 1 : low;
        if (compare_name(middle, name) < 0)
            low = strchr(middle, '\n') + 1;
        else
            high = middle;
    }
    return low < rows->text + rows->size && compare_name(low, name) == 0 &&
           lk_row_read(rows, low, ret);
}

/* read_versions reads "", "16-", "-17" or "16-17". */
static void
read_versions(struct lk_builtin_name text, uint8_t *ret_since, uint8_t *ret_until)
{
    const char *dash = memchr(text.text, '-', text.length);

    *ret_since = LK_BUILTIN_FIRST;
    *ret_until = LK_BUILTIN_LAST;
    if (dash == NULL)
        return;
    if (dash > text.text)
        *ret_since = (uint8_t)strtoul(text.text, NULL, 10);
    if (dash + 1 < text.text + text.length)
        *ret_until = (uint8_t)strtoul(dash + 1, NULL, 10);
}

bool
lk_builtin_has(uint8_t since, uint8_t until, unsigned version)
{
    if (version == 0)
        return true;
    if (version < LK_BUILTIN_FIRST)
        version = LK_BUILTIN_FIRST;
    if (version > LK_BUILTIN_LAST)
        version = LK_BUILTIN_LAST;
    return since <= version && version <= until;
}

bool
lk_row_has(struct lk_builtin_name range, unsigned version)
{
    uint8_t since, until;

    read_versions(range, &since, &until);
    return lk_builtin_has(since, until, version);
}

bool
lk_builtin_column_next(struct lk_builtin_name *list, struct lk_builtin_column *ret)
{
    const char *end = list->text + list->length;

    if (list->length == 0)
        return false;
    const char *comma = memchr(list->text, ',', list->length);
    const char *stop = comma == NULL ? end : comma;
    const char *blank = memchr(list->text, ' ', (size_t)(stop - list->text));
    const char *type = blank == NULL ? list->text : blank + 1;
    ret->name =
        (struct lk_builtin_name){list->text, blank == NULL ? 0 : (size_t)(blank - list->text)};
    ret->type = lk_builtin_type_text((struct lk_builtin_name){type, (size_t)(stop - type)});
    list->text = comma == NULL ? end : comma + 1;
    list->length = (size_t)(end - list->text);
    return true;
}

static void
read_flags(struct lk_builtin_name flags, struct lk_builtin_function *ret)
{
    ret->kind = flags.text[0];
    ret->volatility = flags.text[1];
    for (size_t i = 2; i < flags.length; i++) {
        char flag = flags.text[i];
        ret->strict |= flag == 's';
        ret->set_returning |= flag == 'r';
        ret->variadic |= flag == 'v';
        if (flag >= '0' && flag <= '9')
            ret->defaults = (uint8_t)(ret->defaults * 10 + (flag - '0'));
    }
}

bool
lk_builtin_function_next(const char *name, struct lk_builtin_function *it)
{
    struct lk_row row;
    struct lk_builtin_column arg;

    if (!lk_row_next(&functions, name, it->next, &row))
        return false;
    *it = (struct lk_builtin_function){.name = row.field[0],
                                       .arguments = row.field[1],
                                       .result = lk_builtin_type_text(row.field[2]),
                                       .columns = row.field[4],
                                       .next = row.next};
    read_flags(row.field[3], it);
    read_versions(row.field[5], &it->since, &it->until);
    for (struct lk_builtin_name list = it->arguments; lk_builtin_column_next(&list, &arg);)
        it->args[it->count++] = arg.type;
    return true;
}

char
lk_builtin_function_kind(const char *name)
{
    struct lk_row row;

    if (!lk_row_next(&functions, name, NULL, &row))
        return 0;
    char kind = row.field[3].text[0];
    return kind == 'f' && memchr(row.field[3].text, 'r', row.field[3].length) != NULL ? 's' : kind;
}

/* first_operator returns the number of the first operator by a name, or of one behind it. */
static size_t
first_operator(const char *name)
{
    size_t low = 0, high = LK_ARRAY_SIZE(operators);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(operators[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool
lk_builtin_operator_next(const char *name, struct lk_builtin_operator *it)
{
    size_t at = it->next > 0 ? it->next : first_operator(name);

    if (at >= LK_ARRAY_SIZE(operators) || strcmp(operators[at].name, name) != 0)
        return false;
    const struct operator* row = & operators[at];
    *it = (struct lk_builtin_operator){.name = row->name,
                                       .left = row->left,
                                       .right = row->right,
                                       .result = row->result,
                                       .volatility = row->volatility,
                                       .next = at + 1};
    read_versions((struct lk_builtin_name){row->versions, strlen(row->versions)}, &it->since,
                  &it->until);
    return true;
}

bool
lk_builtin_relation(const char *schema, const char *name, unsigned version,
                    struct lk_builtin_relation *ret)
{
    struct lk_row row;

    if (schema == NULL)
        schema = "pg_catalog";
    for (const char *at = NULL; lk_row_next(&relations, name, at, &row); at = row.next) {
        *ret = (struct lk_builtin_relation){.kind = row.field[2].text[0], .columns = row.field[3]};
        read_versions(row.field[4], &ret->since, &ret->until);
        if (lk_builtin_same(row.field[1], schema) &&
            lk_builtin_has(ret->since, ret->until, version))
            return true;
    }
    return false;
}
