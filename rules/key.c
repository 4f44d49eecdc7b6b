/*
 * rules/key.c
 *     UNIQUE and PRIMARY KEY as CREATE INDEX and USING INDEX: see key.h.
 */
#include "rules/key.h"

#include "parser/base/buf.h"
#include "parser/pgparse.h"

const char *
lk_key_properties(const Constraint *constraint, const ColumnDef *definition)
{
    if (definition != NULL)
        return lk_column_attributes(definition, constraint);
    if (!constraint->deferrable)
        return "";
    return constraint->initdeferred ? " DEFERRABLE INITIALLY DEFERRED" : " DEFERRABLE";
}

/* add_option adds a storage parameter as CREATE INDEX takes it. */
static void
add_option(struct lk_buf *buf, const DefElem *option)
{
    lk_buf_add(buf, option->defname);
    if (option->arg == NULL)
        return;
    if (IsA(option->arg, Integer))
        lk_buf_addf(buf, " = %d", intVal(option->arg));
    else if (IsA(option->arg, Float))
        lk_buf_addf(buf, " = %s", ((const Float *)option->arg)->fval);
    else if (IsA(option->arg, String))
        lk_buf_addf(buf, " = %s", strVal(option->arg));
    else if (IsA(option->arg, TypeName))
        lk_buf_addf(buf, " = %s", strVal(llast(((const TypeName *)option->arg)->names)));
}

char *
lk_key_clauses(const struct lk_check *check, const Constraint *constraint, const char *columns)
{
    struct lk_buf buf = lk_buf_init(check->mem);
    ListCell *cell;

    lk_buf_addf(&buf, "(%s)", columns);
    if (constraint->including != NIL)
        lk_buf_addf(&buf, " INCLUDE (%s)", lk_columns_sql(check->mem, constraint->including));
    if (constraint->nulls_not_distinct)
        lk_buf_add(&buf, " NULLS NOT DISTINCT");
    if (constraint->options != NIL) {
        lk_buf_add(&buf, " WITH (");
        foreach(cell, constraint->options) {
            lk_buf_add(&buf, cell == list_head(constraint->options) ? "" : ", ");
            add_option(&buf, lfirst_node(DefElem, cell));
        }
        lk_buf_addc(&buf, ')');
    }
    if (constraint->indexspace != NULL)
        lk_buf_addf(&buf, " TABLESPACE %s", lk_quote_ident(check->mem, constraint->indexspace));
    return buf.data;
}

bool
lk_key_is_temporal(const Constraint *constraint)
{
#if LK_GRAMMAR >= 18
    return constraint->without_overlaps;
#else
    return constraint == NULL;
#endif
}
