/*
 * tests/unit/dump.c
 *     The catalog as text: see dump.h.
 */
#include "tests/unit/dump.h"

#include "parser/base/buf.h"
#include "parser/pgparse.h"

struct sorted {
    TALLOC_CTX *mem;
    LK_VEC(const struct lk_relation *) relations;
};

static void
collect(struct lk_relation *relation, void *data)
{
    struct sorted *sorted = data;

    lk_vec_push(sorted->mem, &sorted->relations, relation);
}

static int
by_name(const void *a, const void *b)
{
    const struct lk_relation *left = *(const struct lk_relation *const *)a;
    const struct lk_relation *right = *(const struct lk_relation *const *)b;
    int order = strcmp(left->schema, right->schema);

    return order != 0 ? order : strcmp(left->object.name, right->object.name);
}

static int
constraints_by_name(const void *a, const void *b)
{
    const struct lk_constraint *left = *(const struct lk_constraint *const *)a;
    const struct lk_constraint *right = *(const struct lk_constraint *const *)b;

    return strcmp(left->object.name, right->object.name);
}

static const char *
kind_word(enum lk_relation_kind kind)
{
    static const char *const words[] = {
        [LK_RELATION_TABLE] = "table",      [LK_RELATION_PARTITIONED] = "partitioned",
        [LK_RELATION_FOREIGN] = "foreign",  [LK_RELATION_VIEW] = "view",
        [LK_RELATION_MATVIEW] = "matview",  [LK_RELATION_SEQUENCE] = "sequence",
        [LK_RELATION_INDEX] = "index",      [LK_RELATION_COMPOSITE] = "composite",
        [LK_RELATION_UNKNOWN] = "relation",
    };

    return words[kind];
}

/* add_names adds "a, b"; NULL, an expression, is "-". */
static void
add_names(struct lk_buf *out, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        lk_buf_add(out, i > 0 ? ", " : "");
        lk_buf_add(out, names[i] != NULL ? lk_quote_ident(out->mem, names[i]) : "-");
    }
}

static void
add_columns(struct lk_buf *out, const struct lk_relation *relation)
{
    const char *separator = "";

    lk_buf_add(out, " (");
    lk_vec_foreach(item, &relation->columns) {
        const struct lk_column *column = *item;
        lk_buf_addf(out, "%s%s %s%s%s", separator, lk_quote_ident(out->mem, column->object.name),
                    column->type_known ? lk_type_sql(out->mem, &column->type) : "?",
                    column->not_null ? " not null" : "",
                    column->identity      ? " identity"
                    : column->generated   ? " generated"
                    : column->has_default ? " default"
                                          : "");
        separator = ", ";
    }
    lk_buf_add(out, ")");
}

static void
add_constraint(struct lk_buf *out, const struct lk_constraint *constraint)
{
    static const char *const words[] = {
        [LK_CONSTRAINT_CHECK] = "check",     [LK_CONSTRAINT_NOT_NULL] = "not null",
        [LK_CONSTRAINT_PRIMARY] = "primary", [LK_CONSTRAINT_UNIQUE] = "unique",
        [LK_CONSTRAINT_EXCLUDE] = "exclude", [LK_CONSTRAINT_FOREIGN] = "foreign",
    };

    lk_buf_addf(out, "  %s %s", constraint->object.name, words[constraint->kind]);
    if (constraint->kind != LK_CONSTRAINT_CHECK) { /* a CHECK's columns are not kept */
        lk_buf_add(out, " (");
        add_names(out, constraint->columns.items, constraint->columns.count);
        lk_buf_add(out, ")");
    }
    if (constraint->kind == LK_CONSTRAINT_FOREIGN) {
        lk_buf_addf(out, " references %s.%s", constraint->references_schema,
                    constraint->references);
        if (constraint->referenced_columns.count > 0) {
            lk_buf_add(out, " (");
            add_names(out, constraint->referenced_columns.items,
                      constraint->referenced_columns.count);
            lk_buf_add(out, ")");
        }
    }
    if (constraint->index != NULL)
        lk_buf_addf(out, " index %s", constraint->index->object.name);
    lk_buf_addf(out, "%s%s\n", constraint->validated ? "" : " not valid",
                constraint->deferrable ? " deferrable" : "");
}

static void
add_constraints(struct lk_buf *out, const struct lk_relation *relation)
{
    size_t count = relation->constraints.count;

    if (count == 0)
        return;
    struct lk_constraint **sorted =
        lk_memdup(out->mem, relation->constraints.items, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), constraints_by_name);
    for (size_t i = 0; i < count; i++)
        add_constraint(out, sorted[i]);
}

static void
add_relation(struct lk_buf *out, const struct lk_relation *relation)
{
    bool table = relation->kind == LK_RELATION_TABLE || relation->kind == LK_RELATION_FOREIGN ||
                 relation->kind == LK_RELATION_PARTITIONED;

    lk_buf_addf(out, "%s %s", kind_word(relation->kind), lk_relation_sql(out->mem, relation));
    if (table)
        add_columns(out, relation);
    if (relation->kind == LK_RELATION_INDEX) {
        lk_buf_addf(out, " on %s%s (",
                    relation->table != NULL ? lk_relation_sql(out->mem, relation->table) : "?",
                    relation->unique ? " unique" : "");
        add_names(out, relation->keys.items, relation->keys.count);
        lk_buf_addf(out, ")%s%s", relation->has_predicate ? " where" : "",
                    relation->valid ? "" : " invalid");
    }
    if (relation->parent != NULL)
        lk_buf_addf(out, " partition of %s", lk_relation_sql(out->mem, relation->parent));
    lk_buf_add(out, table && (relation->partial || relation->object.assumed) ? " ...\n" : "\n");
    add_constraints(out, relation);
}

char *
lk_dump(TALLOC_CTX *mem, const struct lk_catalog *catalog)
{
    struct sorted sorted = {.mem = lk_mem_new(NULL)};
    struct lk_buf out = lk_buf_init(sorted.mem);

    lk_catalog_relations(catalog, collect, &sorted);
    if (sorted.relations.count > 0)
        qsort(sorted.relations.items, sorted.relations.count, sizeof(sorted.relations.items[0]),
              by_name);
    lk_vec_foreach(relation, &sorted.relations)
        add_relation(&out, *relation);
    char *text = lk_strdup(mem, out.data);
    talloc_free(sorted.mem);
    return text;
}
