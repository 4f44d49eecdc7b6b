/*
 * rules/schema/replay_exists.c
 *     What EXISTS over the server's catalogs comes to: see replay_exists.h.
 */
#include "rules/schema/replay_exists.h"

#include "rules/schema/analyze_private.h"
#include "rules/schema/builtin.h"
#include "rules/schema/catalog_private.h"

#define DEEPEST 32
#define RANGES_MAX 4 /* tables in one query */

/* What a column says. */
enum field {
    SCHEMA,
    RELATION, /* or what else lies in a schema */
    NAME,     /* of a part of that: a column, a constraint, a trigger, a label */
    KIND,     /* in the words of information_schema, or the letter of pg_catalog */
    SCHEMA_OID,
    RELATION_OID,
    TYPE_OID,
    IDLE, /* false for all that people see: attisdropped */
};

#define COLUMNS_MAX 5

/* The views and tables that are understood, and what their columns say. */
struct source {
    const char *schema, *relation;
    enum lk_class class;
    const char *kinds; /* of relations, as pg_class.relkind; "": all */
    struct {
        const char *column;
        enum field field;
    } columns[COLUMNS_MAX];
};

static const struct source sources[] = {
#define LK_SAYS(column, field) {column, field}
#define LK_SOURCE(schema, relation, class, kinds, ...)                                             \
    {schema, relation, LK_CLASS_##class, kinds, {__VA_ARGS__}},
#include "rules/schema/replay_exists.def"
#undef LK_SAYS
#undef LK_SOURCE
};

/* ---- reading ---- */

struct range {
    const struct source *source;
    const char *name;
    bool linked; /* its own OID is that of another one's column */
};

/* A query, and what it looks for; NULL: whichever. */
struct query {
    TALLOC_CTX *mem;
    const struct lk_catalog *catalog;
    struct range ranges[RANGES_MAX];
    size_t count;
    const char *words[KIND + 1];  /* by enum field */
    const struct source *kind_of; /* what words[KIND] is a kind of */
    bool more;                    /* and what else is asked is not understood */
    bool other;                   /* it is none of those that are understood */
};

static const struct source *
source_of(const RangeVar *range)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(sources); i++)
        if (strcmp(sources[i].relation, range->relname) == 0 &&
            (range->schemaname != NULL ? strcmp(range->schemaname, sources[i].schema) == 0
                                       : strcmp(sources[i].schema, "pg_catalog") == 0))
            return &sources[i];
    return NULL;
}

static const Node *
without_cast(const Node *node)
{
    return node != NULL && IsA(node, TypeCast) ? (const Node *)((const TypeCast *)node)->arg : node;
}

static const char *
constant(const Node *node)
{
    node = without_cast(node);
    if (node == NULL || !IsA(node, A_Const) || ((const A_Const *)node)->isnull ||
        !IsA(&((const A_Const *)node)->val, String))
        return NULL;
    return strVal(&((const A_Const *)node)->val);
}

/* calls returns whether a node is a call or a word without arguments: current_schema(). */
static bool
calls(const Node *node, const char *name, SQLValueFunctionOp op)
{
    if (node != NULL && IsA(node, FuncCall))
        return ((const FuncCall *)node)->args == NIL &&
               strcmp(strVal(llast(((const FuncCall *)node)->funcname)), name) == 0;
    return node != NULL && IsA(node, SQLValueFunction) &&
           ((const SQLValueFunction *)node)->op == op;
}

/* A column of one of a query's tables. */
struct place {
    struct range *range;
    const char *column;
    enum field field;
};

/* find_column returns which column a node is; false for what is none, or not one that is known. */
static bool
find_column(struct query *query, const Node *node, struct place *ret)
{
    const ColumnRef *reference = (const ColumnRef *)without_cast(node);

    if (reference == NULL || !IsA(reference, ColumnRef) || list_length(reference->fields) > 2 ||
        !IsA(llast(reference->fields), String))
        return false;
    const char *name = strVal(llast(reference->fields));
    const char *table =
        list_length(reference->fields) == 2 ? strVal(linitial(reference->fields)) : NULL;
    for (size_t i = 0; i < query->count; i++) {
        struct range *range = &query->ranges[i];
        if (table != NULL && strcmp(table, range->name) != 0)
            continue;
        for (size_t j = 0; j < COLUMNS_MAX && range->source->columns[j].column != NULL; j++) {
            if (strcmp(range->source->columns[j].column, name) != 0)
                continue;
            *ret = (struct place){range, name, range->source->columns[j].field};
            return true;
        }
    }
    return false;
}

/* is_column returns whether a node is a column at all, of a name (NULL: any). */
static bool
is_column(const Node *node, const char *name)
{
    const ColumnRef *reference = (const ColumnRef *)without_cast(node);

    return reference != NULL && IsA(reference, ColumnRef) &&
           (name == NULL || (IsA(llast(reference->fields), String) &&
                             strcmp(strVal(llast(reference->fields)), name) == 0));
}

static void
note_word(struct query *query, enum field field, const char *word)
{
    if (word == NULL || (query->words[field] != NULL && strcmp(query->words[field], word) != 0))
        query->more = true;
    else
        query->words[field] = word;
}

/* note_object notes that an OID is that of what a constant names: 't'::regclass. */
static void
note_object(struct query *query, enum field field, const Node *value)
{
    const FuncCall *call = (const FuncCall *)value;
    const struct lk_relation *relation = NULL;
    const struct lk_defined_type *type = NULL;
    struct lk_qname name;

    if (IsA(call, FuncCall) && list_length(call->args) == 1 &&
        strncmp(strVal(llast(call->funcname)), "to_reg", strlen("to_reg")) == 0)
        value = linitial(call->args);
    value = without_cast(without_cast(value)); /* 't'::regclass::oid */
    if (!lk_constant_name(query->mem, value, &name)) {
        query->more = true;
        return;
    }
    if (field == SCHEMA_OID) {
        note_word(query, SCHEMA, name.name);
        return;
    }
    if (field == RELATION_OID)
        relation = lk_catalog_relation(query->catalog, name.schema, name.name);
    else
        type = lk_catalog_type(query->catalog, name.schema, name.name);
    if (relation == NULL && type == NULL) { /* the server might fail to find it */
        query->other = true;
        return;
    }
    note_word(query, SCHEMA, relation != NULL ? relation->schema : type->schema);
    note_word(query, RELATION, name.name);
}

/* note_equal notes that a column equals a value. */
static void
note_equal(struct query *query, const struct place *place, const Node *value)
{
    const A_Const *literal = (const A_Const *)without_cast(value);

    if (place->field == IDLE) {
        query->more |= !IsA(literal, A_Const) || literal->isnull || !IsA(&literal->val, Boolean) ||
                       boolVal(&literal->val);
    } else if (place->field > KIND) {
        note_object(query, place->field, value);
    } else if (place->field == SCHEMA && calls(value, "current_schema", SVFOP_CURRENT_SCHEMA)) {
        note_word(query, SCHEMA, lk_catalog_creation_schema(query->catalog));
    } else {
        note_word(query, place->field, constant(value));
        if (place->field == KIND)
            query->kind_of = place->range->source;
    }
}

/* note_link notes that two columns are equal: OIDs of the same thing, one of them its own. */
static void
note_link(struct query *query, const struct place *left, const struct place *right)
{
    if (left->field != right->field || left->field < SCHEMA_OID || left->field == IDLE ||
        left->range == right->range) {
        query->other = true;
        return;
    }
    left->range->linked |= strcmp(left->column, "oid") == 0;
    right->range->linked |= strcmp(right->column, "oid") == 0;
}

static void
read_comparison(struct query *query, const A_Expr *expr)
{
    struct place left, right;
    bool has_left = find_column(query, expr->lexpr, &left);
    bool has_right = find_column(query, expr->rexpr, &right);

    if (has_left && has_right)
        note_link(query, &left, &right);
    else if (has_left && expr->rexpr != NULL && !is_column(expr->rexpr, NULL))
        note_equal(query, &left, expr->rexpr);
    else if (has_right && expr->lexpr != NULL && !is_column(expr->lexpr, NULL))
        note_equal(query, &right, expr->lexpr);
    else if (!is_column(expr->lexpr, "table_catalog") ||
             !calls(expr->rexpr, "current_database", SVFOP_CURRENT_CATALOG))
        query->more = true;
}

static void
read_where(struct query *query, const Node *where, int depth)
{
    const A_Expr *expr = (const A_Expr *)where;
    const BoolExpr *combined = (const BoolExpr *)where;
    struct place place;
    ListCell *cell;

    if (where == NULL)
        return;
    if (depth < DEEPEST && IsA(where, BoolExpr) && combined->boolop == AND_EXPR) {
        foreach(cell, combined->args)
            read_where(query, lfirst(cell), depth + 1);
    } else if (IsA(where, BoolExpr) && combined->boolop == NOT_EXPR &&
               find_column(query, linitial(combined->args), &place) && place.field == IDLE) {
        return;
    } else if (IsA(where, A_Expr) && expr->kind == AEXPR_OP &&
               strcmp(strVal(llast(expr->name)), "=") == 0) {
        read_comparison(query, expr);
    } else if (!IsA(where, A_Expr) || !is_column(expr->lexpr, "attnum") ||
               strcmp(strVal(llast(expr->name)), ">") != 0) { /* attnum > 0 */
        query->more = true;
    }
}

static bool
is_plain_join(const Node *node, int depth)
{
    const JoinExpr *join = (const JoinExpr *)node;

    return depth < RANGES_MAX && IsA(node, JoinExpr) && join->jointype == JOIN_INNER &&
           !join->isNatural && join->usingClause == NIL && join->alias == NULL;
}

/* add_ranges notes the tables that a query reads. */
static void
add_ranges(struct query *query, const Node *node, int depth)
{
    const JoinExpr *join = (const JoinExpr *)node;
    const RangeVar *range = (const RangeVar *)node;

    if (is_plain_join(node, depth)) {
        add_ranges(query, join->larg, depth + 1);
        add_ranges(query, join->rarg, depth + 1);
        return;
    }
    const struct source *source = IsA(node, RangeVar) ? source_of(range) : NULL;
    if (source == NULL || query->count == RANGES_MAX) {
        query->other = true;
        return;
    }
    query->ranges[query->count++] = (struct range){
        .source = source,
        .name = range->alias != NULL ? range->alias->aliasname : range->relname,
    };
}

/* read_joins notes the conditions of joins. */
static void
read_joins(struct query *query, const Node *node, int depth)
{
    const JoinExpr *join = (const JoinExpr *)node;

    if (!is_plain_join(node, depth))
        return;
    read_joins(query, join->larg, depth + 1);
    read_joins(query, join->rarg, depth + 1);
    read_where(query, join->quals, 0);
}

/* main_range returns the table that all others belong to by their OIDs, or NULL. */
static const struct source *
main_range(const struct query *query)
{
    const struct source *ret = NULL;

    for (size_t i = 0; i < query->count; i++) {
        if (query->ranges[i].linked)
            continue;
        if (ret != NULL)
            return NULL;
        ret = query->ranges[i].source;
    }
    return ret;
}

/* ---- looking ---- */

struct search {
    const struct source *source;
    const char *const *words;
    bool found;
    bool unsure;
    bool inside; /* a relation of the name was looked into */
};

static bool
is_unsure(const struct lk_object *object)
{
    return object->assumed || object->doubtful;
}

/* is_of_kind returns whether a constraint is of the kind that is looked for. */
static bool
is_of_kind(const struct lk_constraint *constraint, const char *kind)
{
    static const struct {
        const char *words, *letter;
    } kinds[] = {[LK_CONSTRAINT_CHECK] = {"", "c"},
                 [LK_CONSTRAINT_NOT_NULL] = {"", "n"},
                 [LK_CONSTRAINT_PRIMARY] = {"PRIMARY KEY", "p"},
                 [LK_CONSTRAINT_UNIQUE] = {"UNIQUE", "u"},
                 [LK_CONSTRAINT_EXCLUDE] = {"", "x"},
                 [LK_CONSTRAINT_FOREIGN] = {"FOREIGN KEY", "f"}};

    return strcmp(kinds[constraint->kind].words, kind) == 0 ||
           strcmp(kinds[constraint->kind].letter, kind) == 0;
}

static void
note_part(struct search *search, const struct lk_object *part)
{
    const char *name = search->words[NAME], *kind = search->words[KIND];

    if ((name != NULL && strcmp(part->name, name) != 0) ||
        (kind != NULL && !is_of_kind((const struct lk_constraint *)part, kind)))
        return;
    /* pg_constraint has those of NOT NULL since 18 */
    bool unsure =
        is_unsure(part) || (part->class == LK_CLASS_CONSTRAINT &&
                            ((const struct lk_constraint *)part)->kind == LK_CONSTRAINT_NOT_NULL);
    search->found |= !unsure;
    search->unsure |= unsure;
}

static void
look_into_type(struct search *search, const struct lk_defined_type *type)
{
    if (search->source->class == LK_CLASS_TYPE)
        lk_vec_foreach(label, &type->labels)
            search->found |= strcmp(*label, search->words[NAME]) == 0;
    else
        lk_vec_foreach(constraint, &type->constraints)
            note_part(search, &(*constraint)->object);
}

static void
look_inside(struct search *search, const struct lk_object *object)
{
    if (object->class == LK_CLASS_TYPE) {
        look_into_type(search, (const struct lk_defined_type *)object);
        return;
    }
    const struct lk_relation *relation = (const struct lk_relation *)object;
    search->unsure |= relation->partial;
    if (search->source->class == LK_CLASS_COLUMN)
        lk_vec_foreach(column, &relation->columns)
            note_part(search, &(*column)->object);
    else if (search->source->class == LK_CLASS_CONSTRAINT)
        lk_vec_foreach(constraint, &relation->constraints)
            note_part(search, &(*constraint)->object);
    else
        lk_vec_foreach(part, &relation->parts)
            if ((*part)->object.class == search->source->class)
                note_part(search, &(*part)->object);
}

/* has_kind returns whether a relation is of a kind that the source shows and the query wants. */
static bool
has_kind(struct search *search, const struct lk_relation *relation)
{
    static const char letters[] = {
        [LK_RELATION_TABLE] = 'r', [LK_RELATION_PARTITIONED] = 'p', [LK_RELATION_FOREIGN] = 'f',
        [LK_RELATION_VIEW] = 'v',  [LK_RELATION_MATVIEW] = 'm',     [LK_RELATION_SEQUENCE] = 'S',
        [LK_RELATION_INDEX] = 'i', [LK_RELATION_COMPOSITE] = 'c',   [LK_RELATION_UNKNOWN] = '?',
    };
    const char *kinds = search->source->kinds, *wanted = search->words[KIND];
    char letter = letters[relation->kind];

    if (search->source->class == LK_CLASS_TYPE) /* of a row */
        return relation->kind != LK_RELATION_INDEX;
    if (search->source->class != LK_CLASS_RELATION)
        return true;
    if (relation->kind == LK_RELATION_UNKNOWN && (kinds[0] != '\0' || wanted != NULL))
        search->unsure = true;
    if (wanted != NULL && relation->kind == LK_RELATION_INDEX)
        search->unsure = true; /* or that of a partitioned table, which is another letter */
    return (kinds[0] == '\0' || strchr(kinds, letter) != NULL) &&
           (wanted == NULL || strcmp(wanted, (char[]){letter, '\0'}) == 0);
}

static void
look_at(struct lk_object *object, void *data)
{
    struct search *search = data;
    const char *const *words = search->words;
    bool part = words[NAME] != NULL || search->source->class == LK_CLASS_CONSTRAINT;
    const char *schema = object->class == LK_CLASS_SCHEMA ? object->name : lk_object_schema(object);

    if ((words[SCHEMA] != NULL && strcmp(schema, words[SCHEMA]) != 0) ||
        (words[RELATION] != NULL && strcmp(object->name, words[RELATION]) != 0))
        return;
    if (object->class == LK_CLASS_RELATION && !has_kind(search, (const struct lk_relation *)object))
        return;
    if (part && !is_unsure(object)) {
        look_inside(search, object);
        search->inside |= words[RELATION] != NULL;
        return;
    }
    search->found |= !is_unsure(object);
    search->unsure |= is_unsure(object);
}

/* may_be_builtin returns whether the server has an object of the name that is looked for. */
static bool
may_be_builtin(const struct source *source, const char *const *words)
{
    struct lk_builtin_function function = {0};
    const char *name = words[source->class == LK_CLASS_SCHEMA ? SCHEMA : RELATION];

    if (name == NULL || (source->class != LK_CLASS_SCHEMA && words[SCHEMA] != NULL))
        return false; /* the parts of the server's own objects are called otherwise */
    return strncmp(name, "pg_", 3) == 0 || strcmp(name, "information_schema") == 0 ||
           (source->class == LK_CLASS_TYPE && lk_builtin_type(NULL, name) != LK_BT_NONE) ||
           (source->class == LK_CLASS_FUNCTION && lk_builtin_function_next(name, &function));
}

/* search_for returns whether there is what has been read. */
static enum lk_truth
search_for(const struct query *query, const struct source *source)
{
    static const enum lk_class within[LK_CLASS_COUNT] = {
        [LK_CLASS_COLUMN] = LK_CLASS_RELATION,   [LK_CLASS_CONSTRAINT] = LK_CLASS_RELATION,
        [LK_CLASS_TRIGGER] = LK_CLASS_RELATION,  [LK_CLASS_POLICY] = LK_CLASS_RELATION,
        [LK_CLASS_RELATION] = LK_CLASS_RELATION, [LK_CLASS_TYPE] = LK_CLASS_TYPE,
        [LK_CLASS_FUNCTION] = LK_CLASS_FUNCTION,
    };
    const char *const *words = query->words;
    struct search search = {.source = source, .words = words};

    lk_catalog_objects(query->catalog, within[source->class], look_at, &search);
    if (source->class == LK_CLASS_CONSTRAINT)
        lk_catalog_objects(query->catalog, LK_CLASS_TYPE, look_at, &search);
    if (source->class == LK_CLASS_TYPE && words[NAME] == NULL)
        lk_catalog_objects(query->catalog, LK_CLASS_RELATION, look_at, &search);
    if (search.found)
        return query->more ? LK_TRUTH_UNKNOWN : LK_TRUTH_TRUE;
    if (search.unsure || may_be_builtin(source, words))
        return LK_TRUTH_UNKNOWN;
    /* there may be another one of that name where not all schemas are known */
    bool known = search.inside && (words[SCHEMA] != NULL || query->catalog->complete);
    const char *name = source->class == LK_CLASS_SCHEMA ? words[SCHEMA]
                       : words[NAME] != NULL            ? words[NAME]
                                                        : words[RELATION];
    return known || !lk_catalog_may_exist(query->catalog, source->class, words[SCHEMA], name)
               ? LK_TRUTH_FALSE
               : LK_TRUTH_UNKNOWN;
}

/* is_named returns whether enough is said of what is looked for: all else is a matter of luck. */
static bool
is_named(const struct source *source, const char *const *words)
{
    switch (source->class) {
    case LK_CLASS_SCHEMA:
        return words[SCHEMA] != NULL;
    case LK_CLASS_CONSTRAINT: /* NOT NULL is a CHECK, too, for information_schema */
        return (words[NAME] != NULL || words[KIND] != NULL) &&
               (words[KIND] == NULL ||
                (strcmp(words[KIND], "CHECK") != 0 && strcmp(words[KIND], "n") != 0));
    case LK_CLASS_COLUMN: /* the server's own relations have columns, too */
        return words[RELATION] != NULL && words[NAME] != NULL;
    case LK_CLASS_RELATION:
    case LK_CLASS_FUNCTION:
    case LK_CLASS_TYPE:
        return words[RELATION] != NULL;
    default:
        return words[NAME] != NULL;
    }
}

enum lk_truth
lk_replay_exists(TALLOC_CTX *mem, const struct lk_catalog *catalog, const SelectStmt *select)
{
    struct query query = {.mem = mem, .catalog = catalog};
    ListCell *cell;

    if (select->op != SETOP_NONE || select->fromClause == NIL || select->groupClause != NIL ||
        select->havingClause != NULL || select->limitOffset != NULL || select->withClause != NULL)
        return LK_TRUTH_UNKNOWN;
    foreach(cell, select->fromClause)
        add_ranges(&query, lfirst(cell), 0);
    if (query.other)
        return LK_TRUTH_UNKNOWN;
    foreach(cell, select->fromClause)
        read_joins(&query, lfirst(cell), 0);
    read_where(&query, select->whereClause, 0);
    const struct source *source = main_range(&query);
    if (query.kind_of != NULL && query.kind_of != source) {
        query.words[KIND] = NULL;
        query.more = true;
    }
    if (query.other || source == NULL || !is_named(source, query.words))
        return LK_TRUTH_UNKNOWN;
    return search_for(&query, source);
}
