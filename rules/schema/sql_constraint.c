/*
 * rules/schema/sql_constraint.c
 *     Constraints as SQL.
 */
#include "parser/pgparse.h"
#include "rules/schema/sql_private.h"

void
lk_write_names(struct lk_writer *writer, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        lk_buf_addf(&writer->out, "%s%s", i > 0 ? ", " : "", lk_quote_ident(writer->mem, names[i]));
}

/* write_timing adds when a constraint is checked, and whether it is. */
static void
write_timing(struct lk_writer *writer, const struct lk_constraint *constraint)
{
    if (constraint->deferrable)
        lk_buf_add(&writer->out, " DEFERRABLE");
    if (constraint->deferred)
        lk_buf_add(&writer->out, " INITIALLY DEFERRED");
    if (constraint->not_enforced)
        lk_buf_add(&writer->out, " NOT ENFORCED");
    else if (!constraint->validated)
        lk_buf_add(&writer->out, " NOT VALID");
}

void
lk_write_check(struct lk_writer *writer, const struct lk_constraint *constraint)
{
    lk_buf_addf(&writer->out, " CONSTRAINT %s CHECK (%s)%s",
                lk_quote_ident(writer->mem, constraint->object.name),
                lk_text_sql(writer->mem, constraint->expression),
                constraint->no_inherit ? " NO INHERIT" : "");
    if (constraint->not_enforced)
        lk_buf_add(&writer->out, " NOT ENFORCED");
}

/* write_columns adds "(a, b)", the last one as a period if it is one. */
static void
write_columns(struct lk_writer *writer, const char *const *names, size_t count, const char *period)
{
    lk_buf_addc(&writer->out, '(');
    if (period == NULL) {
        lk_write_names(writer, names, count);
    } else {
        lk_write_names(writer, names, count - 1);
        lk_buf_addf(&writer->out, ", PERIOD %s", lk_quote_ident(writer->mem, names[count - 1]));
    }
    lk_buf_addc(&writer->out, ')');
}

static void
write_key(struct lk_writer *writer, const struct lk_constraint *constraint)
{
    const struct lk_relation *index = constraint->index;

    lk_buf_add(&writer->out, constraint->kind == LK_CONSTRAINT_PRIMARY ? "PRIMARY KEY" : "UNIQUE");
    if (index != NULL && index->nulls_not_distinct)
        lk_buf_add(&writer->out, " NULLS NOT DISTINCT");
    lk_buf_add(&writer->out, " (");
    lk_write_names(writer, constraint->columns.items, constraint->columns.count);
    lk_buf_add(&writer->out, constraint->period ? " WITHOUT OVERLAPS)" : ")");
    if (index == NULL)
        return;
    if (index->included > 0) {
        lk_buf_add(&writer->out, " INCLUDE (");
        lk_write_names(writer, index->keys.items + index->keys.count - index->included,
                       index->included);
        lk_buf_addc(&writer->out, ')');
    }
    if (index->options != NULL)
        lk_buf_addf(&writer->out, " WITH (%s)", lk_text_sql(writer->mem, index->options));
    if (index->tablespace != NULL)
        lk_buf_addf(&writer->out, " USING INDEX TABLESPACE %s",
                    lk_quote_ident(writer->mem, index->tablespace));
}

static const char *
action_sql(char action)
{
    switch (action) {
    case 'r':
        return "RESTRICT";
    case 'c':
        return "CASCADE";
    case 'n':
        return "SET NULL";
    case 'd':
        return "SET DEFAULT";
    default:
        return NULL;
    }
}

static void
write_foreign_key(struct lk_writer *writer, const struct lk_constraint *constraint)
{
    const char *update = action_sql(constraint->on_update);
    const char *delete = action_sql(constraint->on_delete);
    size_t count = constraint->columns.count;

    lk_buf_add(&writer->out, "FOREIGN KEY ");
    write_columns(writer, constraint->columns.items, count, constraint->period ? "" : NULL);
    lk_buf_addf(&writer->out, " REFERENCES %s", lk_relation_sql(writer->mem, constraint->target));
    if (constraint->referenced_columns.count > 0)
        write_columns(writer, constraint->referenced_columns.items,
                      constraint->referenced_columns.count, constraint->period ? "" : NULL);
    if (constraint->match == 'f')
        lk_buf_add(&writer->out, " MATCH FULL");
    if (update != NULL)
        lk_buf_addf(&writer->out, " ON UPDATE %s", update);
    if (delete != NULL)
        lk_buf_addf(&writer->out, " ON DELETE %s", delete);
    if (constraint->set_columns.count > 0) {
        lk_buf_add(&writer->out, " (");
        lk_write_names(writer, constraint->set_columns.items, constraint->set_columns.count);
        lk_buf_addc(&writer->out, ')');
    }
}

void
lk_write_constraint(struct lk_writer *writer, const struct lk_constraint *constraint)
{
    const struct lk_relation *table = constraint->relation;
    bool known = constraint->kind != LK_CONSTRAINT_FOREIGN || constraint->target != NULL;
    /* what children have, too, cannot be given to one table alone */
    bool only =
        constraint->kind != LK_CONSTRAINT_CHECK && constraint->kind != LK_CONSTRAINT_NOT_NULL &&
        (constraint->kind != LK_CONSTRAINT_FOREIGN || table->kind != LK_RELATION_PARTITIONED);

    if (!known || constraint->object.assumed) {
        lk_buf_addf(&writer->out, "-- unknown: %s constraint %s\n",
                    lk_relation_sql(writer->mem, table),
                    lk_quote_ident(writer->mem, constraint->object.name));
        return;
    }
    lk_buf_addf(&writer->out, "ALTER TABLE %s%s ADD CONSTRAINT %s ", only ? "ONLY " : "",
                lk_relation_sql(writer->mem, table),
                lk_quote_ident(writer->mem, constraint->object.name));
    switch (constraint->kind) {
    case LK_CONSTRAINT_PRIMARY:
    case LK_CONSTRAINT_UNIQUE:
        write_key(writer, constraint);
        break;
    case LK_CONSTRAINT_FOREIGN:
        write_foreign_key(writer, constraint);
        break;
    case LK_CONSTRAINT_EXCLUDE:
        lk_buf_addf(&writer->out, "EXCLUDE %s", lk_text_sql(writer->mem, constraint->expression));
        break;
    case LK_CONSTRAINT_CHECK:
        lk_buf_addf(&writer->out, "CHECK (%s)%s", lk_text_sql(writer->mem, constraint->expression),
                    constraint->no_inherit ? " NO INHERIT" : "");
        break;
    case LK_CONSTRAINT_NOT_NULL:
        lk_buf_addf(&writer->out, "NOT NULL %s%s",
                    lk_quote_ident(writer->mem, constraint->columns.items[0]),
                    constraint->no_inherit ? " NO INHERIT" : "");
        break;
    }
    write_timing(writer, constraint);
    lk_buf_add(&writer->out, ";\n");
}
