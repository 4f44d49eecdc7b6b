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
    char *last = lk_quote_ident(mem, name.name);

    return name.schema == NULL ? last
                               : lk_fmt(mem, "%s.%s", lk_quote_ident(mem, name.schema), last);
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
