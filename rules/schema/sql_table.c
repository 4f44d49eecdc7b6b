/*
 * rules/schema/sql_table.c
 *     Tables, views, indexes and sequences as SQL.
 */
#include <inttypes.h>

#include "parser/pgparse.h"
#include "rules/schema/sql_private.h"

static const char *
quoted(struct lk_writer *writer, const char *name)
{
    return lk_quote_ident(writer->mem, name);
}

char *
lk_written_type(struct lk_writer *writer, const struct lk_type *type)
{
    struct lk_type qualified = *type;

    if (type->schema == NULL && !lk_type_is_builtin(type))
        qualified.schema = lk_catalog_extension_schema(writer->mem, writer->catalog, type->name);
    if (qualified.schema != NULL && type->schema == NULL && strcmp(qualified.schema, "public") == 0)
        qualified.schema = NULL;
    return lk_type_sql(writer->mem, &qualified);
}

static void
write_numbers(struct lk_writer *writer, const struct lk_sequence *sequence)
{
    const struct {
        const char *words;
        int64_t value;
    } numbers[] = {
        {"START WITH", sequence->start}, {"INCREMENT BY", sequence->increment},
        {"MINVALUE", sequence->min},     {"MAXVALUE", sequence->max},
        {"CACHE", sequence->cache},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(numbers); i++)
        lk_buf_addf(&writer->out, " %s %" PRId64, numbers[i].words, numbers[i].value);
    if (sequence->cycle)
        lk_buf_add(&writer->out, " CYCLE");
}

void
lk_write_sequence(struct lk_writer *writer, const struct lk_relation *sequence)
{
    lk_buf_addf(&writer->out, "CREATE %sSEQUENCE %s", sequence->unlogged ? "UNLOGGED " : "",
                lk_relation_sql(writer->mem, sequence));
    if (sequence->sequence != NULL) {
        if (sequence->sequence->type != NULL)
            lk_buf_addf(&writer->out, " AS %s", sequence->sequence->type);
        write_numbers(writer, sequence->sequence);
    }
    lk_buf_add(&writer->out, ";\n");
}

/* write_value adds what a column gets by itself: identity, generated, default. */
static void
write_value(struct lk_writer *writer, const struct lk_relation *table,
            const struct lk_column *column)
{
    const struct lk_relation *sequence =
        lk_catalog_sequence(writer->catalog, table, column->object.name);

    if (column->identity) {
        lk_buf_addf(&writer->out, " GENERATED %s AS IDENTITY",
                    column->always ? "ALWAYS" : "BY DEFAULT");
        if (sequence != NULL && table->parent == NULL) {
            lk_buf_addf(&writer->out, " (SEQUENCE NAME %s", lk_relation_sql(writer->mem, sequence));
            if (sequence->sequence != NULL)
                write_numbers(writer, sequence->sequence);
            lk_buf_addc(&writer->out, ')');
        }
    } else if (column->generated) {
        lk_buf_addf(&writer->out, " GENERATED ALWAYS AS (%s) %s",
                    lk_text_sql(writer->mem, column->default_value),
                    column->is_virtual ? "VIRTUAL" : "STORED");
    } else if (column->default_value != NULL) {
        lk_buf_addf(&writer->out, " DEFAULT %s", lk_text_sql(writer->mem, column->default_value));
    }
}

/* not_null_of returns the constraint that a column's NOT NULL is, from PostgreSQL 18 on. */
static const struct lk_constraint *
not_null_of(const struct lk_relation *table, const char *column)
{
    lk_vec_foreach(constraint, &table->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_NOT_NULL &&
            strcmp((*constraint)->columns.items[0], column) == 0)
            return *constraint;
    return NULL;
}

static void
write_column(struct lk_writer *writer, const struct lk_relation *table,
             const struct lk_column *column)
{
    const struct lk_constraint *not_null = not_null_of(table, column->object.name);

    lk_buf_addf(&writer->out, "%s %s", quoted(writer, column->object.name),
                lk_written_type(writer, &column->type));
    if (column->collation != NULL)
        lk_buf_addf(&writer->out, " COLLATE %s", column->collation);
    write_value(writer, table, column);
    if (column->not_null && not_null != NULL && not_null->validated)
        lk_buf_addf(&writer->out, " CONSTRAINT %s", quoted(writer, not_null->object.name));
    if (column->not_null)
        lk_buf_add(&writer->out, " NOT NULL");
}

/* Whether CREATE TABLE says a column: those that come from a parent alone it does not. */
static bool
is_said(const struct lk_relation *table, const struct lk_column *column)
{
    return !column->inherited || table->parent != NULL;
}

/* is_of_late returns whether a CHECK names a column that CREATE TABLE leaves out. */
static bool
is_of_late(const struct lk_relation *table, const struct lk_constraint *constraint, size_t late)
{
    for (size_t i = late; i < table->columns.count; i++)
        lk_vec_foreach(name, &constraint->columns)
            if (strcmp(*name, table->columns.items[i]->object.name) == 0)
                return true;
    return false;
}

static bool
is_inline(const struct lk_relation *table, const struct lk_constraint *constraint, size_t late)
{
    return constraint->kind == LK_CONSTRAINT_CHECK && constraint->validated &&
           (!constraint->inherited || table->parent != NULL) && constraint->expression != NULL &&
           !is_of_late(table, constraint, late);
}

/* write_unknown says which columns are left out, as their types are not known. */
static void
write_unknown(struct lk_writer *writer, const struct lk_relation *table)
{
    lk_vec_foreach(column, &table->columns)
        if (!(*column)->type_known && is_said(table, *column))
            lk_buf_addf(&writer->out, "-- unknown: %s.%s\n", lk_relation_sql(writer->mem, table),
                        quoted(writer, (*column)->object.name));
}

static void
write_elements(struct lk_writer *writer, const struct lk_relation *table)
{
    const char *separator = "\n";
    size_t late = lk_late_columns(writer->mem, writer->catalog, table, NULL);

    lk_buf_add(&writer->out, " (");
    for (size_t i = 0; i < late; i++) {
        const struct lk_column *column = table->columns.items[i];
        if (!is_said(table, column) || !column->type_known)
            continue;
        lk_buf_addf(&writer->out, "%s    ", separator);
        write_column(writer, table, column);
        separator = ",\n";
    }
    lk_vec_foreach(constraint, &table->constraints) {
        if (!is_inline(table, *constraint, late))
            continue;
        lk_buf_addf(&writer->out, "%s   ", separator);
        lk_write_check(writer, *constraint);
        separator = ",\n";
    }
    lk_buf_add(&writer->out, "\n)");
}

/* write_options adds what a typed table says of the columns that its type gives it. */
static void
write_options(struct lk_writer *writer, const struct lk_relation *table)
{
    const char *separator = " (";

    lk_buf_addf(&writer->out, " OF %s", lk_text_sql(writer->mem, table->of_type));
    lk_vec_foreach(column, &table->columns) {
        if (!(*column)->not_null && (*column)->default_value == NULL)
            continue;
        lk_buf_addf(&writer->out, "%s%s WITH OPTIONS", separator,
                    quoted(writer, (*column)->object.name));
        write_value(writer, table, *column);
        if ((*column)->not_null)
            lk_buf_add(&writer->out, " NOT NULL");
        separator = ", ";
    }
    if (separator[0] == ',')
        lk_buf_addc(&writer->out, ')');
}

static void
write_storage(struct lk_writer *writer, const struct lk_relation *relation)
{
    if (relation->method != NULL)
        lk_buf_addf(&writer->out, " USING %s", quoted(writer, relation->method));
    if (relation->options != NULL)
        lk_buf_addf(&writer->out, " WITH (%s)", lk_text_sql(writer->mem, relation->options));
    if (relation->tablespace != NULL)
        lk_buf_addf(&writer->out, " TABLESPACE %s", quoted(writer, relation->tablespace));
}

static void
write_table(struct lk_writer *writer, const struct lk_relation *table)
{
    const char *name = lk_relation_sql(writer->mem, table);
    bool foreign = table->kind == LK_RELATION_FOREIGN;

    if (table->partial)
        lk_buf_addf(&writer->out, "-- unknown: %s\n", name);
    write_unknown(writer, table);
    lk_buf_addf(&writer->out, "CREATE %sTABLE %s",
                foreign ? "FOREIGN " : (table->unlogged ? "UNLOGGED " : ""), name);
    if (table->of_type != NULL)
        write_options(writer, table);
    else
        write_elements(writer, table);
    if (table->parent == NULL && table->parents.count > 0) {
        lk_buf_add(&writer->out, " INHERITS (");
        for (size_t i = 0; i < table->parents.count; i++)
            lk_buf_addf(&writer->out, "%s%s", i > 0 ? ", " : "",
                        lk_relation_sql(writer->mem, table->parents.items[i]));
        lk_buf_addc(&writer->out, ')');
    }
    if (table->partition_key != NULL)
        lk_buf_addf(&writer->out, " PARTITION BY %s",
                    lk_text_sql(writer->mem, table->partition_key));
    if (!foreign) {
        write_storage(writer, table);
    } else {
        lk_buf_addf(&writer->out, " SERVER %s", quoted(writer, table->server));
        if (table->options != NULL)
            lk_buf_addf(&writer->out, " OPTIONS (%s)", lk_text_sql(writer->mem, table->options));
    }
    lk_buf_add(&writer->out, ";\n");
    if (table->parent != NULL)
        lk_buf_addf(&writer->out, "ALTER TABLE ONLY %s ATTACH PARTITION %s %s;\n",
                    lk_relation_sql(writer->mem, table->parent), name,
                    table->bound != NULL ? lk_text_sql(writer->mem, table->bound) : "DEFAULT");
}

void
lk_write_late(struct lk_writer *writer, const struct lk_relation *table)
{
    size_t late = lk_late_columns(writer->mem, writer->catalog, table, NULL);

    for (size_t i = late; i < table->columns.count; i++) {
        const struct lk_column *column = table->columns.items[i];
        if (!is_said(table, column) || !column->type_known)
            continue;
        lk_buf_addf(&writer->out, "ALTER TABLE %s ADD COLUMN ",
                    lk_relation_sql(writer->mem, table));
        write_column(writer, table, column);
        lk_buf_add(&writer->out, ";\n");
    }
    lk_vec_foreach(constraint, &table->constraints)
        if (!is_inline(table, *constraint, late) &&
            is_inline(table, *constraint, table->columns.count))
            lk_write_constraint(writer, *constraint);
}

static void
write_view(struct lk_writer *writer, const struct lk_relation *view)
{
    const char *name = lk_relation_sql(writer->mem, view);
    bool stored = view->kind == LK_RELATION_MATVIEW;

    if (view->query == NULL) {
        lk_buf_addf(&writer->out, "-- unknown: %s\n", name);
        return;
    }
    lk_buf_addf(&writer->out, "CREATE %sVIEW %s", stored ? "MATERIALIZED " : "", name);
    if (!view->partial && view->columns.count > 0) {
        lk_buf_add(&writer->out, " (");
        for (size_t i = 0; i < view->columns.count; i++)
            lk_buf_addf(&writer->out, "%s%s", i > 0 ? ", " : "",
                        quoted(writer, view->columns.items[i]->object.name));
        lk_buf_addc(&writer->out, ')');
    }
    write_storage(writer, view);
    lk_buf_addf(&writer->out, " AS\n%s", lk_text_sql(writer->mem, view->query));
    if (view->check_option != 0)
        lk_buf_addf(&writer->out, "\nWITH %s CHECK OPTION",
                    view->check_option == 'l' ? "LOCAL" : "CASCADED");
    if (view->not_populated)
        lk_buf_add(&writer->out, "\nWITH NO DATA");
    lk_buf_add(&writer->out, ";\n");
    lk_vec_foreach(column, &view->columns)
        if ((*column)->default_value != NULL)
            lk_buf_addf(&writer->out, "ALTER VIEW %s ALTER COLUMN %s SET DEFAULT %s;\n", name,
                        quoted(writer, (*column)->object.name),
                        lk_text_sql(writer->mem, (*column)->default_value));
}

static void
write_composite(struct lk_writer *writer, const struct lk_relation *type)
{
    write_unknown(writer, type);
    lk_buf_addf(&writer->out, "CREATE TYPE %s AS", lk_relation_sql(writer->mem, type));
    write_elements(writer, type);
    lk_buf_add(&writer->out, ";\n");
}

void
lk_write_relation(struct lk_writer *writer, const struct lk_relation *relation)
{
    switch (relation->kind) {
    case LK_RELATION_TABLE:
    case LK_RELATION_PARTITIONED:
    case LK_RELATION_FOREIGN:
        write_table(writer, relation);
        break;
    case LK_RELATION_VIEW:
    case LK_RELATION_MATVIEW:
        write_view(writer, relation);
        break;
    case LK_RELATION_SEQUENCE:
        lk_write_sequence(writer, relation);
        break;
    case LK_RELATION_COMPOSITE:
        write_composite(writer, relation);
        break;
    case LK_RELATION_INDEX:
    case LK_RELATION_UNKNOWN:
        break;
    }
}

/* write_keys adds the keys of an index; false where one is an expression that is not known. */
static bool
write_keys(struct lk_writer *writer, const struct lk_relation *index, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct lk_text *element = i < index->elements.count ? index->elements.items[i] : NULL;
        if (element == NULL && index->keys.items[i] == NULL)
            return false;
        lk_buf_addf(&writer->out, "%s%s", i > 0 ? ", " : "",
                    element != NULL ? lk_text_sql(writer->mem, element)
                                    : quoted(writer, index->keys.items[i]));
    }
    return true;
}

void
lk_write_index(struct lk_writer *writer, const struct lk_relation *index)
{
    const struct lk_relation *table = index->table;
    size_t keys = index->keys.count - index->included, start = writer->out.len;

    lk_buf_addf(&writer->out, "CREATE %sINDEX %s ON %s%s USING %s (",
                index->unique ? "UNIQUE " : "", quoted(writer, index->object.name),
                table->kind == LK_RELATION_PARTITIONED ? "ONLY " : "",
                lk_relation_sql(writer->mem, table),
                index->method != NULL ? quoted(writer, index->method) : "btree");
    if (!write_keys(writer, index, keys) || (index->has_predicate && index->predicate == NULL)) {
        writer->out.len = start;
        writer->out.data[start] = '\0';
        lk_buf_addf(&writer->out, "-- unknown: %s\n", lk_relation_sql(writer->mem, index));
        return;
    }
    lk_buf_addc(&writer->out, ')');
    if (index->included > 0) {
        lk_buf_add(&writer->out, " INCLUDE (");
        lk_write_names(writer, index->keys.items + keys, index->included);
        lk_buf_addc(&writer->out, ')');
    }
    if (index->nulls_not_distinct)
        lk_buf_add(&writer->out, " NULLS NOT DISTINCT");
    if (index->options != NULL)
        lk_buf_addf(&writer->out, " WITH (%s)", lk_text_sql(writer->mem, index->options));
    if (index->tablespace != NULL)
        lk_buf_addf(&writer->out, " TABLESPACE %s", quoted(writer, index->tablespace));
    if (index->predicate != NULL)
        lk_buf_addf(&writer->out, " WHERE %s", lk_text_sql(writer->mem, index->predicate));
    lk_buf_add(&writer->out, ";\n");
}

static void
write_column_details(struct lk_writer *writer, const char *table, const struct lk_column *column)
{
    const struct {
        const char *words;
        const char *value;
        const char *behind;
    } details[] = {
        {"SET STORAGE ", column->storage, ""},
        {"SET COMPRESSION ", column->compression, ""},
        {"SET STATISTICS ", lk_text_sql(writer->mem, column->statistics), ""},
        {"SET (", lk_text_sql(writer->mem, column->options), ")"},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(details); i++)
        if (details[i].value != NULL)
            lk_buf_addf(&writer->out, "ALTER TABLE ONLY %s ALTER COLUMN %s %s%s%s;\n", table,
                        quoted(writer, column->object.name), details[i].words, details[i].value,
                        details[i].behind);
}

/* What a column gets from a table's parents. */
struct inherited {
    const char *value; /* its default, NULL: none */
    bool not_null;
};

static struct inherited
inherited_of(struct lk_writer *writer, const struct lk_relation *table, const char *column)
{
    struct inherited ret = {0};

    lk_vec_foreach(parent, &table->parents) {
        const struct lk_column *above = lk_relation_column(*parent, column);
        if (above == NULL)
            continue;
        if (ret.value == NULL)
            ret.value = lk_text_sql(writer->mem, above->default_value);
        ret.not_null |= above->not_null;
    }
    return ret;
}

/* write_own_of_inherited says how a column that comes from a parent differs from the parent's. */
static void
write_own_of_inherited(struct lk_writer *writer, const struct lk_relation *table,
                       const struct lk_column *column)
{
    const char *name = quoted(writer, column->object.name);
    const char *value = lk_text_sql(writer->mem, column->default_value);
    struct inherited inherited = inherited_of(writer, table, column->object.name);
    struct lk_buf *out = &writer->out;
    const struct lk_constraint *not_null = not_null_of(table, column->object.name);
    char *alter = lk_fmt(writer->mem, "ALTER TABLE ONLY %s", lk_relation_sql(writer->mem, table));

    if (value != NULL && (inherited.value == NULL || strcmp(value, inherited.value) != 0))
        lk_buf_addf(out, "%s ALTER COLUMN %s SET DEFAULT %s;\n", alter, name, value);
    else if (value == NULL && inherited.value != NULL)
        lk_buf_addf(out, "%s ALTER COLUMN %s DROP DEFAULT;\n", alter, name);
    if (column->not_null == inherited.not_null ||
        (not_null != NULL && (not_null->inherited || !not_null->validated)))
        return;
    if (column->not_null && not_null != NULL)
        lk_buf_addf(out, "%s ADD CONSTRAINT %s NOT NULL %s;\n", alter,
                    quoted(writer, not_null->object.name), name);
    else
        lk_buf_addf(out, "%s ALTER COLUMN %s %s NOT NULL;\n", alter, name,
                    column->not_null ? "SET" : "DROP");
}

/* is_apart returns whether a constraint holds for new rows only, and is no copy of a parent's. */
static bool
is_apart(const struct lk_constraint *constraint)
{
    return (constraint->kind == LK_CONSTRAINT_CHECK ||
            constraint->kind == LK_CONSTRAINT_NOT_NULL) &&
           !constraint->inherited && !constraint->validated && !constraint->not_enforced;
}

/* is_ahead returns whether a constraint holds for all rows, and the parent's that it copies not. */
static bool
is_ahead(const struct lk_constraint *constraint)
{
    const struct lk_relation *table = constraint->relation;

    for (size_t i = 0; constraint->inherited && constraint->validated && table->parent == NULL &&
                       i < table->parents.count;
         i++) {
        const struct lk_constraint *above =
            lk_relation_constraint(table->parents.items[i], constraint->object.name);
        if (above != NULL && above->kind == constraint->kind && !above->validated &&
            !above->not_enforced)
            return true;
    }
    return false;
}

/* write_counter says what a sequence counts in, where that is not the type of its identity column.
 */
static void
write_counter(struct lk_writer *writer, const struct lk_relation *table,
              const struct lk_column *column)
{
    const struct lk_relation *counter =
        lk_catalog_sequence(writer->catalog, table, column->object.name);

    if (counter == NULL || counter->sequence == NULL || counter->sequence->type == NULL ||
        strcmp(counter->sequence->type, lk_type_sql(writer->mem, &column->type)) == 0)
        return;
    lk_buf_addf(&writer->out, "ALTER SEQUENCE %s AS %s", lk_relation_sql(writer->mem, counter),
                counter->sequence->type);
    write_numbers(writer, counter->sequence);
    lk_buf_add(&writer->out, ";\n");
}

/* lk_write_table_details adds what CREATE TABLE cannot say. */
void
lk_write_table_details(struct lk_writer *writer, const struct lk_relation *table)
{
    const char *name = lk_relation_sql(writer->mem, table);

    if (table->kind == LK_RELATION_SEQUENCE && table->table != NULL && table->keys.count > 0)
        lk_buf_addf(&writer->out, "ALTER SEQUENCE %s OWNED BY %s.%s;\n", name,
                    lk_relation_sql(writer->mem, table->table),
                    quoted(writer, table->keys.items[0]));
    if (table->kind != LK_RELATION_TABLE && table->kind != LK_RELATION_PARTITIONED)
        return;
    lk_vec_foreach(column, &table->columns) {
        if (!is_said(table, *column) && !(*column)->generated && !(*column)->identity)
            write_own_of_inherited(writer, table, *column);
        write_column_details(writer, name, *column);
        if ((*column)->identity && table->parent == NULL)
            write_counter(writer, table, *column);
    }
    lk_vec_foreach(constraint, &table->constraints) {
        if (is_apart(*constraint))
            lk_write_constraint(writer, *constraint);
        else if (is_ahead(*constraint))
            lk_buf_addf(&writer->out, "ALTER TABLE %s VALIDATE CONSTRAINT %s;\n", name,
                        quoted(writer, (*constraint)->object.name));
    }
    if (table->row_security)
        lk_buf_addf(&writer->out, "ALTER TABLE %s ENABLE ROW LEVEL SECURITY;\n", name);
    if (table->force_row_security)
        lk_buf_addf(&writer->out, "ALTER TABLE ONLY %s FORCE ROW LEVEL SECURITY;\n", name);
}
