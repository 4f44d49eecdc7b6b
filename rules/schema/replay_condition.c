/*
 * rules/schema/replay_condition.c
 *     Conditions that ask for the schema: see replay_condition.h.
 *
 * Understood are EXISTS over one view of information_schema or one table of pg_catalog that is
 * compared with constants, to_regclass(...) IS NULL, and what AND, OR and NOT make of these.
 */
#include "rules/schema/replay_condition.h"

#include "rules/schema/analyze_private.h"
#include "rules/schema/builtin.h"
#include "rules/schema/catalog_private.h"

#define DEEPEST 32

/* What a query over the catalogs looks for; NULL: whichever. */
struct sought {
    const char *schema;
    const char *relation;
    const char *name; /* of a column, a constraint, a trigger */
    const char *kind; /* of a constraint, in the words of information_schema */
    bool more;        /* and what else is asked is not understood */
};

enum field { SCHEMA, RELATION, NAME, KIND };

/* The views and tables that are understood, and what their columns say. */
static const struct source {
    const char *schema, *relation;
    enum lk_class class;
    const char *kinds; /* of relations, as pg_class.relkind; "": all */
    struct {
        const char *column;
        enum field field;
    } columns[4];
} sources[] = {
    {"information_schema",
     "columns",
     LK_CLASS_COLUMN,
     "",
     {{"table_schema", SCHEMA}, {"table_name", RELATION}, {"column_name", NAME}}},
    {"information_schema",
     "tables",
     LK_CLASS_RELATION,
     "rpvf",
     {{"table_schema", SCHEMA}, {"table_name", RELATION}}},
    {"information_schema",
     "views",
     LK_CLASS_RELATION,
     "v",
     {{"table_schema", SCHEMA}, {"table_name", RELATION}}},
    {"information_schema",
     "table_constraints",
     LK_CLASS_CONSTRAINT,
     "",
     {{"table_schema", SCHEMA},
      {"table_name", RELATION},
      {"constraint_name", NAME},
      {"constraint_type", KIND}}},
    {"information_schema",
     "sequences",
     LK_CLASS_RELATION,
     "S",
     {{"sequence_schema", SCHEMA}, {"sequence_name", RELATION}}},
    {"pg_catalog", "pg_class", LK_CLASS_RELATION, "", {{"relname", RELATION}}},
    {"pg_catalog",
     "pg_tables",
     LK_CLASS_RELATION,
     "rp",
     {{"schemaname", SCHEMA}, {"tablename", RELATION}}},
    {"pg_catalog",
     "pg_views",
     LK_CLASS_RELATION,
     "v",
     {{"schemaname", SCHEMA}, {"viewname", RELATION}}},
    {"pg_catalog",
     "pg_matviews",
     LK_CLASS_RELATION,
     "m",
     {{"schemaname", SCHEMA}, {"matviewname", RELATION}}},
    {"pg_catalog",
     "pg_indexes",
     LK_CLASS_RELATION,
     "i",
     {{"schemaname", SCHEMA}, {"indexname", RELATION}}},
    {"pg_catalog",
     "pg_sequences",
     LK_CLASS_RELATION,
     "S",
     {{"schemaname", SCHEMA}, {"sequencename", RELATION}}},
    {"pg_catalog", "pg_constraint", LK_CLASS_CONSTRAINT, "", {{"conname", NAME}}},
    {"pg_catalog", "pg_trigger", LK_CLASS_TRIGGER, "", {{"tgname", NAME}}},
    {"pg_catalog", "pg_type", LK_CLASS_TYPE, "", {{"typname", RELATION}}},
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

static const char *
constant(const Node *node)
{
    if (node != NULL && IsA(node, TypeCast))
        node = ((const TypeCast *)node)->arg;
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

static const char *
last_word(const Node *node)
{
    if (node == NULL || !IsA(node, ColumnRef) ||
        !IsA(llast(((const ColumnRef *)node)->fields), String))
        return NULL;
    return strVal(llast(((const ColumnRef *)node)->fields));
}

/* note_equal notes that a column of a source equals a value. */
static void
note_equal(const struct lk_catalog *catalog, const struct source *source, const char *column,
           const Node *value, struct sought *ret)
{
    const char *text = constant(value);

    if (strcmp(column, "table_catalog") == 0 &&
        calls(value, "current_database", SVFOP_CURRENT_CATALOG))
        return;
    for (size_t i = 0; i < LK_ARRAY_SIZE(source->columns); i++) {
        if (source->columns[i].column == NULL || strcmp(source->columns[i].column, column) != 0)
            continue;
        if (source->columns[i].field == SCHEMA && text == NULL &&
            calls(value, "current_schema", SVFOP_CURRENT_SCHEMA))
            text = lk_catalog_creation_schema(catalog);
        const char **into[] = {&ret->schema, &ret->relation, &ret->name, &ret->kind};
        const char **word = into[source->columns[i].field];
        if (text != NULL && *word == NULL) {
            *word = text;
            return;
        }
    }
    ret->more = true;
}

static void
read_where(const struct lk_catalog *catalog, const struct source *source, const Node *where,
           struct sought *ret, int depth)
{
    const A_Expr *expr = (const A_Expr *)where;
    ListCell *cell;

    if (where == NULL)
        return;
    if (depth < DEEPEST && IsA(where, BoolExpr) && ((const BoolExpr *)where)->boolop == AND_EXPR) {
        foreach(cell, ((const BoolExpr *)where)->args)
            read_where(catalog, source, lfirst(cell), ret, depth + 1);
        return;
    }
    if (IsA(where, A_Expr) && expr->kind == AEXPR_OP &&
        strcmp(strVal(llast(expr->name)), "=") == 0) {
        const char *left = last_word(expr->lexpr), *right = last_word(expr->rexpr);
        if (left != NULL && right == NULL) {
            note_equal(catalog, source, left, expr->rexpr, ret);
            return;
        }
        if (right != NULL && left == NULL) {
            note_equal(catalog, source, right, expr->lexpr, ret);
            return;
        }
    }
    ret->more = true;
}

/* ---- looking ---- */

struct search {
    const struct lk_catalog *catalog;
    const struct source *source;
    const struct sought *sought;
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
    static const char *const words[] = {[LK_CONSTRAINT_PRIMARY] = "PRIMARY KEY",
                                        [LK_CONSTRAINT_UNIQUE] = "UNIQUE",
                                        [LK_CONSTRAINT_FOREIGN] = "FOREIGN KEY"};

    return words[constraint->kind] != NULL && strcmp(words[constraint->kind], kind) == 0;
}

static void
note_part(struct search *search, const struct lk_object *part)
{
    const struct sought *sought = search->sought;

    if ((sought->name != NULL && strcmp(part->name, sought->name) != 0) ||
        (sought->kind != NULL && !is_of_kind((const struct lk_constraint *)part, sought->kind)))
        return;
    search->found |= !is_unsure(part);
    search->unsure |= is_unsure(part);
}

static void
look_inside(struct search *search, const struct lk_object *object)
{
    if (object->class == LK_CLASS_TYPE) {
        lk_vec_foreach(constraint, &((const struct lk_defined_type *)object)->constraints)
            note_part(search, &(*constraint)->object);
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
            if ((*part)->object.class == LK_CLASS_TRIGGER)
                note_part(search, &(*part)->object);
}

static void
look_at(struct lk_object *object, void *data)
{
    static const char letters[] = {
        [LK_RELATION_TABLE] = 'r', [LK_RELATION_PARTITIONED] = 'p', [LK_RELATION_FOREIGN] = 'f',
        [LK_RELATION_VIEW] = 'v',  [LK_RELATION_MATVIEW] = 'm',     [LK_RELATION_SEQUENCE] = 'S',
        [LK_RELATION_INDEX] = 'i', [LK_RELATION_COMPOSITE] = 'c',   [LK_RELATION_UNKNOWN] = '?',
    };
    struct search *search = data;
    const struct sought *sought = search->sought;
    const struct lk_relation *relation = (const struct lk_relation *)object;

    if ((sought->schema != NULL && strcmp(lk_object_schema(object), sought->schema) != 0) ||
        (sought->relation != NULL && strcmp(object->name, sought->relation) != 0))
        return;
    if (object->class == LK_CLASS_RELATION && search->source->kinds[0] != '\0' &&
        strchr(search->source->kinds, letters[relation->kind]) == NULL) {
        search->unsure |= relation->kind == LK_RELATION_UNKNOWN;
        return;
    }
    if ((sought->name != NULL || sought->kind != NULL) && !is_unsure(object)) {
        look_inside(search, object);
        search->inside |= sought->relation != NULL;
        return;
    }
    search->found |= !is_unsure(object);
    search->unsure |= is_unsure(object);
}

/* exists returns whether there is what a query looks for. */
static enum lk_truth
exists(const struct lk_catalog *catalog, const SelectStmt *select)
{
    struct sought sought = {0};

    if (select->op != SETOP_NONE || list_length(select->fromClause) != 1 ||
        !IsA(linitial(select->fromClause), RangeVar) || select->groupClause != NIL ||
        select->havingClause != NULL || select->limitOffset != NULL || select->withClause != NULL)
        return LK_TRUTH_UNKNOWN;
    const struct source *source = source_of(linitial_node(RangeVar, select->fromClause));
    if (source == NULL)
        return LK_TRUTH_UNKNOWN;
    read_where(catalog, source, select->whereClause, &sought, 0);
    bool parts = source->class == LK_CLASS_COLUMN || source->class == LK_CLASS_CONSTRAINT ||
                 source->class == LK_CLASS_TRIGGER;
    if (parts ? sought.name == NULL && sought.kind == NULL : sought.relation == NULL)
        return LK_TRUTH_UNKNOWN;
    if (sought.kind != NULL && strcmp(sought.kind, "CHECK") == 0) /* NOT NULL is one of them */
        return LK_TRUTH_UNKNOWN;
    struct search search = {.catalog = catalog, .source = source, .sought = &sought};
    lk_catalog_objects(catalog, LK_CLASS_RELATION, look_at, &search);
    if (source->class == LK_CLASS_TYPE || source->class == LK_CLASS_CONSTRAINT)
        lk_catalog_objects(catalog, LK_CLASS_TYPE, look_at, &search);
    /* the server's own are not in the catalog */
    search.unsure |= sought.schema == NULL && strcmp(source->schema, "pg_catalog") == 0 &&
                     sought.relation != NULL &&
                     (strncmp(sought.relation, "pg_", 3) == 0 || source->class == LK_CLASS_TYPE) &&
                     !search.found && lk_builtin_type(NULL, sought.relation) != LK_BT_NONE;
    if (search.found)
        return sought.more ? LK_TRUTH_UNKNOWN : LK_TRUTH_TRUE;
    if (search.unsure)
        return LK_TRUTH_UNKNOWN;
    /* there may be another one of that name where not all schemas are known */
    bool known = search.inside && (sought.schema != NULL || catalog->complete);
    return known || !lk_catalog_may_exist(catalog, source->class, sought.schema,
                                          parts ? sought.name : sought.relation)
               ? LK_TRUTH_FALSE
               : LK_TRUTH_UNKNOWN;
}

/* ---- conditions ---- */

static enum lk_truth
opposite(enum lk_truth truth)
{
    return truth == LK_TRUTH_TRUE    ? LK_TRUTH_FALSE
           : truth == LK_TRUTH_FALSE ? LK_TRUTH_TRUE
                                     : truth;
}

static enum lk_truth
both(enum lk_truth a, enum lk_truth b)
{
    if (a == LK_TRUTH_FALSE || b == LK_TRUTH_FALSE)
        return LK_TRUTH_FALSE;
    return a == LK_TRUTH_TRUE && b == LK_TRUTH_TRUE ? LK_TRUTH_TRUE : LK_TRUTH_UNKNOWN;
}

static enum lk_truth truth_of(TALLOC_CTX *mem, const struct lk_catalog *catalog, const Node *node,
                              int depth);

static enum lk_truth
truth_of_all(TALLOC_CTX *mem, const struct lk_catalog *catalog, const BoolExpr *expr, int depth)
{
    bool any = expr->boolop == OR_EXPR; /* a OR b: NOT (NOT a AND NOT b) */
    enum lk_truth all = LK_TRUTH_TRUE;
    ListCell *cell;

    foreach(cell, expr->args) {
        enum lk_truth one = truth_of(mem, catalog, lfirst(cell), depth + 1);
        all = both(all, any ? opposite(one) : one);
    }
    return any || expr->boolop == NOT_EXPR ? opposite(all) : all;
}

/* is_there returns whether to_regclass finds the relation of a constant. */
static enum lk_truth
is_there(TALLOC_CTX *mem, const struct lk_catalog *catalog, const Node *node)
{
    const FuncCall *call = (const FuncCall *)node;

    if (node == NULL || !IsA(node, FuncCall) || list_length(call->args) != 1 ||
        strcmp(strVal(llast(call->funcname)), "to_regclass") != 0)
        return LK_TRUTH_UNKNOWN;
    const struct lk_relation *relation = lk_constant_relation(mem, catalog, linitial(call->args));
    return relation != NULL && !is_unsure(&relation->object) ? LK_TRUTH_TRUE : LK_TRUTH_UNKNOWN;
}

static enum lk_truth
truth_of(TALLOC_CTX *mem, const struct lk_catalog *catalog, const Node *node, int depth)
{
    if (node == NULL || depth > DEEPEST)
        return LK_TRUTH_UNKNOWN;
    switch (nodeTag(node)) {
    case T_BoolExpr:
        return truth_of_all(mem, catalog, (const BoolExpr *)node, depth);
    case T_SubLink: {
        const SubLink *link = (const SubLink *)node;
        return link->subLinkType == EXISTS_SUBLINK && IsA(link->subselect, SelectStmt)
                   ? exists(catalog, (const SelectStmt *)link->subselect)
                   : LK_TRUTH_UNKNOWN;
    }
    case T_NullTest: {
        const NullTest *test = (const NullTest *)node;
        enum lk_truth there = is_there(mem, catalog, (const Node *)test->arg);
        return test->nulltesttype == IS_NULL ? opposite(there) : there;
    }
    case T_A_Const:
        return !IsA(&((const A_Const *)node)->val, Boolean) ? LK_TRUTH_UNKNOWN
               : boolVal(&((const A_Const *)node)->val)     ? LK_TRUTH_TRUE
                                                            : LK_TRUTH_FALSE;
    default:
        return LK_TRUTH_UNKNOWN;
    }
}

/* value_of returns what a condition has come to, or comes to now. */
static enum lk_truth
value_of(TALLOC_CTX *mem, const struct lk_catalog *catalog, const Node *condition,
         struct lk_conditions *conditions)
{
    const SelectStmt *select = (const SelectStmt *)condition;
    enum lk_truth truth = LK_TRUTH_UNKNOWN;

    for (size_t i = 0; i < conditions->conditions.count; i++)
        if (conditions->conditions.items[i] == condition)
            return conditions->truths.items[i];
    if (IsA(select, SelectStmt) && select->op == SETOP_NONE && select->fromClause == NIL &&
        select->whereClause == NULL && list_length(select->targetList) == 1)
        truth = truth_of(mem, catalog, linitial_node(ResTarget, select->targetList)->val, 0);
    lk_vec_push(mem, &conditions->conditions, condition);
    lk_vec_push(mem, &conditions->truths, truth);
    return truth;
}

static enum lk_truth
condition_of(TALLOC_CTX *mem, const struct lk_catalog *catalog, const struct lk_arm *arm,
             struct lk_conditions *conditions)
{
    if (arm->condition == NULL)
        return LK_TRUTH_TRUE;
    enum lk_truth value = value_of(mem, catalog, arm->condition, conditions);
    return arm->negated ? opposite(value) : value;
}

enum lk_truth
lk_replay_reached(TALLOC_CTX *mem, const struct lk_catalog *catalog, const struct lk_nested *nested,
                  struct lk_conditions *conditions)
{
    enum lk_truth truth = nested->arm != NULL ? LK_TRUTH_TRUE : LK_TRUTH_UNKNOWN;

    if (nested->decides)
        value_of(mem, catalog, nested->statement.tree, conditions);
    for (const struct lk_arm *arm = nested->arm; arm != NULL; arm = arm->around) {
        truth = both(truth, condition_of(mem, catalog, arm, conditions));
        for (const struct lk_arm *before = arm->before; before != NULL; before = before->before)
            truth = both(truth, opposite(condition_of(mem, catalog, before, conditions)));
    }
    return truth;
}
