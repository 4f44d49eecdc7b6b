/*
 * cli/schema_diagram.c
 *     What diagrams show: see schema_diagram.h.
 */
#include "cli/schema_diagram.h"

#include "parser/base/buf.h"

struct lk_diagram
lk_diagram_of(TALLOC_CTX *mem, const struct lk_catalog *catalog)
{
    struct lk_diagram diagram = {.mem = mem};
    struct lk_objects objects = {0};

    lk_sorted_objects(mem, catalog, LK_CLASS_RELATION, &objects);
    lk_vec_foreach(object, &objects.items) {
        const struct lk_relation *table = (const struct lk_relation *)*object;
        bool shown = table->kind == LK_RELATION_TABLE || table->kind == LK_RELATION_PARTITIONED ||
                     table->kind == LK_RELATION_FOREIGN;
        if (!shown || table->temporary || table->parent != NULL)
            continue;
        diagram.qualified |=
            diagram.tables.count > 0 && strcmp(diagram.tables.items[0]->schema, table->schema) != 0;
        lk_vec_push(mem, &diagram.tables, table);
    }
    return diagram;
}

char *
lk_diagram_name(const struct lk_diagram *diagram, const struct lk_relation *table)
{
    return diagram->qualified ? lk_fmt(diagram->mem, "%s.%s", table->schema, table->object.name)
                              : lk_strdup(diagram->mem, table->object.name);
}

static bool
names_column(const struct lk_constraint *constraint, const char *name)
{
    lk_vec_foreach(column, &constraint->columns)
        if (strcmp(*column, name) == 0)
            return true;
    return false;
}

char *
lk_diagram_keys(const struct lk_diagram *diagram, const struct lk_relation *table,
                const struct lk_column *column)
{
    static const struct {
        enum lk_constraint_kind kind;
        const char *word;
    } keys[] = {
        {LK_CONSTRAINT_PRIMARY, "PK"}, {LK_CONSTRAINT_FOREIGN, "FK"}, {LK_CONSTRAINT_UNIQUE, "UK"}};
    struct lk_buf buf = lk_buf_init(diagram->mem);

    for (size_t i = 0; i < LK_ARRAY_SIZE(keys); i++)
        lk_vec_foreach(constraint, &table->constraints) {
            /* of a unique key over several columns none is unique itself */
            if ((*constraint)->kind != keys[i].kind ||
                !names_column(*constraint, column->object.name) ||
                (keys[i].kind == LK_CONSTRAINT_UNIQUE && (*constraint)->columns.count > 1))
                continue;
            lk_buf_sep(&buf, ", ");
            lk_buf_add(&buf, keys[i].word);
            break;
        }
    return buf.data;
}

bool
lk_diagram_shows(const struct lk_diagram *diagram, const struct lk_constraint *key)
{
    lk_vec_foreach(table, &diagram->tables)
        if (key->kind == LK_CONSTRAINT_FOREIGN && key->target == *table)
            return true;
    return false;
}

bool
lk_diagram_optional(const struct lk_relation *table, const struct lk_constraint *key)
{
    lk_vec_foreach(name, &key->columns) {
        const struct lk_column *column = lk_relation_column(table, *name);
        if (column == NULL || !column->not_null)
            return true;
    }
    return false;
}

bool
lk_diagram_unique(const struct lk_relation *table, const struct lk_constraint *key)
{
    lk_vec_foreach(other, &table->constraints) {
        bool unique =
            (*other)->kind == LK_CONSTRAINT_PRIMARY || (*other)->kind == LK_CONSTRAINT_UNIQUE;
        for (size_t i = 0; unique && i < (*other)->columns.count; i++)
            unique = names_column(key, (*other)->columns.items[i]);
        if (unique)
            return true;
    }
    return false;
}
