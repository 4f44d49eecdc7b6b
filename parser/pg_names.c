/*
 * parser/pg_names.c
 *     Names in parse trees: see pg_names.h.
 */
#include "parser/pg_names.h"

#include "parser/base/buf.h"
#include "parser/pgparse.h"

struct lk_qname
lk_qname_of_first(const List *words, int count)
{
    struct lk_qname name = {NULL, count > 0 ? strVal(list_nth(words, count - 1)) : ""};

    if (count > 1)
        name.schema = strVal(list_nth(words, count - 2));
    return name;
}

struct lk_qname
lk_qname_of_list(const List *words)
{
    return lk_qname_of_first(words, list_length(words));
}

struct lk_qname
lk_qname_of_range(const RangeVar *range)
{
    return (struct lk_qname){range->schemaname, range->relname};
}

char *
lk_qname_sql(TALLOC_CTX *mem, struct lk_qname name)
{
    return lk_quote_qualified(mem, name.schema, name.name);
}

char *
lk_range_sql(TALLOC_CTX *mem, const RangeVar *range)
{
    return lk_qname_sql(mem, lk_qname_of_range(range));
}

char *
lk_columns_sql(TALLOC_CTX *mem, const List *names)
{
    struct lk_buf columns = lk_buf_init(mem);
    ListCell *cell;

    foreach(cell, names) {
        lk_buf_sep(&columns, ", ");
        lk_buf_add(&columns, lk_quote_ident(mem, strVal(lfirst(cell))));
    }
    return columns.data;
}

size_t
lk_name_cut(const char *name, size_t wanted)
{
    while (wanted > 0 && ((unsigned char)name[wanted] & 0xC0) == 0x80)
        wanted--;
    return wanted;
}

char *
lk_object_name(char ret[LK_NAME_SIZE], const char *name1, const char *name2, const char *label,
               unsigned pass)
{
    char number[12] = "", *end = ret;
    size_t first = strlen(name1);
    size_t second = name2 != NULL ? strlen(name2) : 0;
    size_t room = LK_NAME_SIZE - 1;

    if (pass > 0)
        snprintf(number, sizeof(number), "%u", pass);
    if (name2 != NULL)
        room--;
    if (label != NULL)
        room -= 1 + strlen(label) + strlen(number);
    while (first + second > room) {
        if (first > second)
            first--;
        else
            second--;
    }
    end = mempcpy(end, name1, lk_name_cut(name1, first));
    if (name2 != NULL) {
        *end++ = '_';
        end = mempcpy(end, name2, lk_name_cut(name2, second));
    }
    if (label != NULL) {
        *end++ = '_';
        end = stpcpy(stpcpy(end, label), number);
    }
    *end = '\0';
    return ret;
}
