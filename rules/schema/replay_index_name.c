/*
 * rules/schema/replay_index_name.c
 *     What the server calls indexes and their columns: see replay_relation.h.
 */
#include "parser/base/buf.h"
#include "rules/schema/replay_relation.h"

#define NAME_MAX_BYTES 63
#define MAX_DEPTH 100

/* A name and how strong the case for it is, as FigureColnameInternal() has it. */
struct figured {
    const char *name;
    int strength; /* 0: none, 1: weak, 2: sure */
};

static struct figured
last_of(const List *words)
{
    return (struct figured){strVal(llast(words)), 2};
}

/* value_function returns what CURRENT_DATE and the like are called. */
static const char *
value_function(SQLValueFunctionOp op)
{
    static const char *const names[] = {
        [SVFOP_CURRENT_DATE] = "current_date",
        [SVFOP_CURRENT_TIME] = "current_time",
        [SVFOP_CURRENT_TIME_N] = "current_time",
        [SVFOP_CURRENT_TIMESTAMP] = "current_timestamp",
        [SVFOP_CURRENT_TIMESTAMP_N] = "current_timestamp",
        [SVFOP_LOCALTIME] = "localtime",
        [SVFOP_LOCALTIME_N] = "localtime",
        [SVFOP_LOCALTIMESTAMP] = "localtimestamp",
        [SVFOP_LOCALTIMESTAMP_N] = "localtimestamp",
        [SVFOP_CURRENT_ROLE] = "current_role",
        [SVFOP_CURRENT_USER] = "current_user",
        [SVFOP_USER] = "user",
        [SVFOP_SESSION_USER] = "session_user",
        [SVFOP_CURRENT_CATALOG] = "current_catalog",
        [SVFOP_CURRENT_SCHEMA] = "current_schema",
    };

    return (size_t)op < LK_ARRAY_SIZE(names) ? names[op] : NULL;
}

static struct figured figure(const Node *node, int depth);

static struct figured
figure_indirection(const A_Indirection *node, int depth)
{
    for (int i = list_length(node->indirection) - 1; i >= 0; i--)
        if (IsA(list_nth(node->indirection, i), String))
            return (struct figured){strVal(list_nth(node->indirection, i)), 2};
    return figure(node->arg, depth + 1);
}

/* or_weak returns what was figured out, or a weak name where that is no better. */
static struct figured
or_weak(struct figured figured, const char *weak)
{
    return figured.strength <= 1 ? (struct figured){weak, 1} : figured;
}

static struct figured
figure(const Node *node, int depth)
{
    if (node == NULL || depth > MAX_DEPTH)
        return (struct figured){NULL, 0};
    switch (nodeTag(node)) {
    case T_ColumnRef: {
        const Node *last = llast(((const ColumnRef *)node)->fields);
        return (struct figured){IsA(last, String) ? strVal(last) : NULL, IsA(last, String) ? 2 : 0};
    }
    case T_A_Indirection:
        return figure_indirection((const A_Indirection *)node, depth);
    case T_FuncCall:
        return last_of(((const FuncCall *)node)->funcname);
    case T_A_Expr:
        if (((const A_Expr *)node)->kind == AEXPR_NULLIF)
            return (struct figured){"nullif", 2};
        break;
    case T_TypeCast: {
        const TypeCast *cast = (const TypeCast *)node;
        return or_weak(figure(cast->arg, depth + 1), strVal(llast(cast->typeName->names)));
    }
    case T_CollateClause:
        return figure(((const CollateClause *)node)->arg, depth + 1);
    case T_CaseExpr:
        return or_weak(figure((const Node *)((const CaseExpr *)node)->defresult, depth + 1),
                       "case");
    case T_A_ArrayExpr:
        return (struct figured){"array", 2};
    case T_RowExpr:
        return (struct figured){"row", 2};
    case T_CoalesceExpr:
        return (struct figured){"coalesce", 2};
    case T_MinMaxExpr:
        return (struct figured){
            ((const MinMaxExpr *)node)->op == IS_GREATEST ? "greatest" : "least", 2};
    case T_SQLValueFunction:
        return (struct figured){value_function(((const SQLValueFunction *)node)->op), 2};
    default:
        break;
    }
    return (struct figured){NULL, 0};
}

static bool
is_among(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* distinct returns a name that is not among those before it, with a number if need be. */
static const char *
distinct(TALLOC_CTX *mem, const char *const *names, size_t count, const char *name)
{
    const char *candidate = name;
    char number[16];

    for (int i = 1; is_among(names, count, candidate); i++) {
        snprintf(number, sizeof(number), "%d", i);
        size_t room = NAME_MAX_BYTES - strlen(number);
        candidate = lk_fmt(mem, "%.*s%s", (int)LK_MIN(strlen(name), room), name, number);
    }
    return candidate;
}

static void
add_names(TALLOC_CTX *mem, const List *params, const char **names, size_t *count)
{
    ListCell *cell;

    foreach(cell, params) {
        const IndexElem *element = lfirst_node(IndexElem, cell);
        const char *name = element->name;
        if (name == NULL)
            name = figure(element->expr, 0).name;
        if (name == NULL)
            name = "expr";
        names[*count] = distinct(mem, names, *count, name);
        ++*count;
    }
}

const char **
lk_index_column_names(TALLOC_CTX *mem, const List *params, const List *including)
{
    size_t count = 0;
    const char **names =
        lk_new_array(mem, const char *, (size_t)(list_length(params) + list_length(including) + 1));

    add_names(mem, params, names, &count);
    add_names(mem, including, names, &count);
    return names;
}

char *
lk_index_joined(TALLOC_CTX *mem, const char *const *names)
{
    struct lk_buf joined = lk_buf_init(mem);

    for (; *names != NULL && joined.len < NAME_MAX_BYTES; names++) {
        lk_buf_sep(&joined, "_");
        lk_buf_add(&joined, *names);
    }
    return joined.data;
}

void
lk_index_set_names(struct lk_catalog *catalog, struct lk_relation *index, const List *params,
                   const List *including)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(catalog->pool);

    for (const char **name = lk_index_column_names(scratch, params, including); *name != NULL;
         name++)
        lk_vec_push(index, &index->key_names, lk_catalog_keep(catalog, *name));
}

const char *
lk_index_choose_name(struct lk_catalog *catalog, const struct lk_relation *table,
                     const struct lk_relation *source, const struct lk_constraint *constraint)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(catalog->pool);
    const char *label = "idx";

    if (constraint != NULL && constraint->kind == LK_CONSTRAINT_PRIMARY)
        return lk_replay_choose_name(catalog, table->schema, table->object.name, NULL, "pkey",
                                     true);
    if (constraint != NULL)
        label = constraint->kind == LK_CONSTRAINT_EXCLUDE ? "excl" : "key";
    const char **names = lk_new_array(scratch, const char *, source->keys.count + 1);
    for (size_t i = 0; i < source->keys.count; i++) {
        const char *name =
            i < source->key_names.count ? source->key_names.items[i] : source->keys.items[i];
        names[i] = distinct(scratch, names, i, name != NULL ? name : "expr");
    }
    return lk_replay_choose_name(catalog, table->schema, table->object.name,
                                 lk_index_joined(scratch, names), label, constraint != NULL);
}
