/*
 * rules/schema/replay_trigger.c
 *     Triggers, their clones on partitions, and whether they fire.
 */
#include "parser/tree.h"
#include "rules/schema/builtin.h"
#include "rules/schema/replay_find.h"
#include "rules/schema/replay_part.h"
#include "rules/schema/replay_relation.h"
#include "rules/schema/replay_view.h"

/* Source: src/include/catalog/pg_trigger.h, which would bring the catalogs along. */
#define TRIGGER_TYPE_AFTER 0
#define TRIGGER_TYPE_INSERT (1 << 2)
#define TRIGGER_TYPE_DELETE (1 << 3)
#define TRIGGER_TYPE_TRUNCATE (1 << 5)
#define TRIGGER_TYPE_EVENTS (TRIGGER_TYPE_INSERT | TRIGGER_TYPE_DELETE | 1 << 4 | 1 << 5)
#define TRIGGER_TYPE_INSTEAD (1 << 6)

/* mention_columns mentions the columns of UPDATE OF, which have no locations of their own. */
static void
mention_columns(struct lk_analysis *an, const struct lk_part_text *text,
                const struct lk_relation *relation, const List *columns)
{
    size_t at = lk_part_token(an->catalog, text, text->first, "of");
    ListCell *cell;

    foreach(cell, columns) {
        struct lk_column *column = lk_relation_column(relation, strVal(lfirst(cell)));
        at = at == SIZE_MAX ? at : at + 1;
        if (column != NULL && at == SIZE_MAX)
            lk_mention_silently(an, &column->object);
        else if (column != NULL)
            lk_mention_add(an, (struct lk_mention){.span = lk_token(an->catalog, at).span,
                                                   .object = &column->object,
                                                   .form = LK_MENTION_NAME});
        at = at == SIZE_MAX ? at : at + 1;
    }
}

/* function_of returns the function of a trigger: of several that of no arguments, or NULL. */
static struct lk_object *
function_of(const struct lk_catalog *catalog, List *funcname)
{
    struct lk_qname name = lk_qname_of_list(funcname);
    struct lk_function *it = NULL;

    while ((it = lk_catalog_functions(catalog, name.schema, name.name, it)) != NULL)
        if (it->arguments.count == 0)
            return &it->object;
    return lk_find_function(catalog, name, 0);
}

/* mention_function mentions the function behind EXECUTE. */
static void
mention_function(struct lk_analysis *an, const struct lk_part_text *text, List *name)
{
    size_t execute = lk_part_token(an->catalog, text, text->first, "execute");
    struct lk_object *function = function_of(an->catalog, name);

    if (execute == SIZE_MAX || function == NULL)
        return;
    /* EXECUTE FUNCTION name, EXECUTE PROCEDURE name */
    struct lk_token first = lk_token(an->catalog, execute + 2);
    struct lk_token last = lk_token(an->catalog, execute + 2 * (size_t)list_length(name));
    lk_mention_add(an, (struct lk_mention){.span = {first.span.start, last.span.end},
                                           .object = function,
                                           .form = LK_MENTION_QUALIFIED});
}

/* clone_below gives the partitions of a table its triggers. */
static void
clone_below(struct lk_catalog *catalog, const struct lk_relation *relation)
{
    for (size_t i = 0; i < relation->children.count; i++)
        if (relation->children.items[i]->parent == relation &&
            lk_is_there(catalog, relation->children.items[i]))
            lk_replay_clone_triggers(catalog, relation->children.items[i], relation);
}

/*
 * refuse_kind refuses triggers that a kind of relation cannot have.
 * Source: CreateTriggerFiringOn(), src/backend/commands/trigger.c.
 */
static bool
refuse_kind(struct lk_catalog *catalog, const struct lk_relation *relation,
            const CreateTrigStmt *stmt)
{
    bool instead = stmt->timing == TRIGGER_TYPE_INSTEAD;
    bool table = relation->kind == LK_RELATION_TABLE || relation->kind == LK_RELATION_PARTITIONED;

    /* tables have no INSTEAD OF, views no others of rows, and none of TRUNCATE */
    if (relation->object.assumed || (table && !instead) ||
        (!table && (relation->kind != LK_RELATION_VIEW ||
                    ((instead || !stmt->row) && (stmt->events & TRIGGER_TYPE_TRUNCATE) == 0))))
        return false;
    lk_refuse(catalog, "42809", stmt->relation->location, "\"%s\" is a %s", relation->object.name,
              table ? "table" : "view")
        ->object = &relation->object;
    return true;
}

/* Why there is no trigger that fires so. */
struct shape_fault {
    bool so;
    const char *sqlstate;
    const char *message;
};

static bool
refuse_first(struct lk_catalog *catalog, const struct shape_fault *faults, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (faults[i].so) {
            lk_refuse(catalog, faults[i].sqlstate, -1, "%s", faults[i].message);
            return true;
        }
    return false;
}

static bool
refuse_shape(struct lk_catalog *catalog, const CreateTrigStmt *stmt)
{
    bool instead = stmt->timing == TRIGGER_TYPE_INSTEAD;
    const struct shape_fault faults[] = {
        {stmt->row && (stmt->events & TRIGGER_TYPE_TRUNCATE) != 0, "0A000",
         "TRUNCATE FOR EACH ROW triggers are not supported"},
        {instead && !stmt->row, "0A000", "INSTEAD OF triggers must be FOR EACH ROW"},
        {instead && stmt->whenClause != NULL, "0A000",
         "INSTEAD OF triggers cannot have WHEN conditions"},
        {instead && stmt->columns != NIL, "0A000", "INSTEAD OF triggers cannot have column lists"},
    };

    return refuse_first(catalog, faults, LK_ARRAY_SIZE(faults));
}

/* refuse_transition refuses the rows as they were, or are, as a table where there is none. */
static bool
refuse_transition(struct lk_catalog *catalog, const struct lk_relation *relation,
                  const CreateTrigStmt *stmt)
{
    int events = stmt->events & TRIGGER_TYPE_EVENTS;
    ListCell *cell;

    if (relation->kind != LK_RELATION_TABLE || relation->object.assumed)
        return false;
    foreach(cell, stmt->transitionRels) {
        const TriggerTransition *rows = lfirst_node(TriggerTransition, cell);
        const struct shape_fault faults[] = {
            {!rows->isTable, "0A000",
             "ROW variable naming in the REFERENCING clause is not supported"},
            {stmt->timing != TRIGGER_TYPE_AFTER, "42P17",
             "transition table name can only be specified for an AFTER trigger"},
            {(events & TRIGGER_TYPE_TRUNCATE) != 0, "0A000",
             "TRUNCATE triggers with transition tables are not supported"},
            {(events & (events - 1)) != 0, "0A000",
             "transition tables cannot be specified for triggers with more than one event"},
            {stmt->columns != NIL, "0A000",
             "transition tables cannot be specified for triggers with column lists"},
            {rows->isNew && (events & TRIGGER_TYPE_DELETE) != 0, "42P17",
             "NEW TABLE can only be specified for an INSERT or UPDATE trigger"},
            {!rows->isNew && (events & TRIGGER_TYPE_INSERT) != 0, "42P17",
             "OLD TABLE can only be specified for a DELETE or UPDATE trigger"},
        };
        if (refuse_first(catalog, faults, LK_ARRAY_SIZE(faults)))
            return true;
    }
    return false;
}

/* Which rows a condition names. */
struct rows {
    bool old, new;
};

static void
look_for_rows(const Node *node, void *data)
{
    struct rows *rows = data;
    const ColumnRef *column = (const ColumnRef *)node;

    if (!IsA(node, ColumnRef) || list_length(column->fields) < 2)
        return;
    rows->old |= strcmp(strVal(linitial(column->fields)), "old") == 0;
    rows->new |= strcmp(strVal(linitial(column->fields)), "new") == 0;
}

/* refuse_condition refuses one that is neither true nor false, or on rows that there are not. */
static bool
refuse_condition(struct lk_catalog *catalog, const struct lk_relation *relation,
                 const CreateTrigStmt *stmt)
{
    struct lk_analysis an = {.catalog = catalog, .mem = catalog->statement_mem};
    struct lk_scope scope = {0};
    struct rows rows = {0};

    lk_part_row(&an, &scope, relation, "old", true);
    lk_part_row(&an, &scope, relation, "new", true);
    struct lk_operand truth = lk_analyze_node(&an, &scope, stmt->whenClause);
    lk_analysis_refuse_truth(&an, &truth, "WHEN");
    if (lk_replay_refused(catalog))
        return true;
    lk_tree_walk(stmt->whenClause, look_for_rows, &rows);
    const struct shape_fault faults[] = {
        {(rows.old || rows.new) && !stmt->row, "42P17",
         "statement trigger's WHEN condition cannot reference column values"},
        {rows.old && (stmt->events & TRIGGER_TYPE_INSERT) != 0, "42P17",
         "INSERT trigger's WHEN condition cannot reference OLD values"},
        {rows.new && (stmt->events & TRIGGER_TYPE_DELETE) != 0, "42P17",
         "DELETE trigger's WHEN condition cannot reference NEW values"},
    };
    return refuse_first(catalog, faults, LK_ARRAY_SIZE(faults));
}

/* refuse_columns refuses columns of UPDATE OF that are not there, or there twice. */
static bool
refuse_columns(struct lk_catalog *catalog, const struct lk_relation *relation, const List *columns)
{
    ListCell *cell, *other;

    if (!lk_is_known(relation))
        return false;
    foreach(cell, columns) {
        const char *name = strVal(lfirst(cell));
        if (lk_relation_column(relation, name) == NULL) {
            lk_refuse(catalog, "42703", -1, "column \"%s\" of relation \"%s\" does not exist", name,
                      relation->object.name)
                ->name = lk_catalog_keep(catalog, name);
            return true;
        }
        for (other = list_head(columns); other != cell; other = lnext(columns, other))
            if (strcmp(strVal(lfirst(other)), name) == 0) {
                lk_refuse(catalog, "42701", -1, "column \"%s\" specified more than once", name);
                return true;
            }
    }
    return false;
}

/* refuse_result refuses a function that is none for triggers. */
static bool
refuse_result(struct lk_catalog *catalog, const CreateTrigStmt *stmt)
{
    const struct lk_function *function =
        (const struct lk_function *)function_of(catalog, stmt->funcname);

    if (function == NULL || function->object.assumed || function->object.doubtful ||
        function->arguments.count > 0 || !function->result_known ||
        lk_type_is(&function->result, "trigger"))
        return false;
    lk_refuse(catalog, "42P17", -1, "function %s must return type trigger", function->object.name)
        ->object = &function->object;
    return true;
}

/* refuse_function refuses a trigger's function that certainly is not there. */
static bool
refuse_function(struct lk_catalog *catalog, const CreateTrigStmt *stmt)
{
    ObjectWithArgs target = {.type = T_ObjectWithArgs, .objname = stmt->funcname};
    struct lk_sought sought = {.type = OBJECT_FUNCTION, .object = (Node *)&target, .drop = true};
    struct lk_builtin_function own = {0};

    if (lk_builtin_function_next(lk_qname_of_list(stmt->funcname).name, &own))
        return false;
    lk_replay_find(catalog, &sought);
    return catalog->refusals.items.count > 0;
}

void
lk_replay_create_trigger(struct lk_catalog *catalog, const CreateTrigStmt *stmt)
{
    TALLOC_CTX *scratch = catalog->statement_mem;
    struct lk_scope scope = {0};

    if (lk_refuse_missing(catalog, stmt->relation))
        return;
    struct lk_relation *relation = lk_part_relation(catalog, stmt->relation);
    if (relation == NULL || refuse_kind(catalog, relation, stmt) || refuse_shape(catalog, stmt) ||
        refuse_transition(catalog, relation, stmt) ||
        lk_refuse_inside(catalog, LK_IN_TRIGGER_WHEN, stmt->whenClause) ||
        (stmt->whenClause != NULL && refuse_condition(catalog, relation, stmt)) ||
        (stmt->whenClause == NULL &&
         (refuse_function(catalog, stmt) || refuse_result(catalog, stmt))) ||
        refuse_columns(catalog, relation, stmt->columns))
        return;
    struct lk_part *part =
        lk_part_make(catalog, relation, LK_CLASS_TRIGGER, stmt->trigname, stmt->replace);

    if (part == NULL)
        return;
    struct lk_part_text text = lk_part_text(catalog, stmt->relation, "trigger", part);
    struct lk_analysis an = {.catalog = catalog, .mem = scratch, .mentions = text.mentions};
    mention_columns(&an, &text, relation, stmt->columns);
    if (stmt->constrrel != NULL) {
        struct lk_relation *other =
            lk_catalog_relation(catalog, stmt->constrrel->schemaname, stmt->constrrel->relname);
        if (other != NULL)
            lk_mention_words(&an, stmt->constrrel->location,
                             1 + (stmt->constrrel->schemaname != NULL), &other->object,
                             LK_MENTION_QUALIFIED);
    }
    lk_part_row(&an, &scope, relation, "old", true);
    lk_part_row(&an, &scope, relation, "new", true);
    lk_analyze_node(&an, &scope, stmt->whenClause);
    mention_function(&an, &text, stmt->funcname);
    part->each_row = stmt->row;
    lk_part_define(catalog, part, text.mentions.text);
    if (part->each_row && relation->kind == LK_RELATION_PARTITIONED)
        clone_below(catalog, relation);
}

void
lk_replay_clone_triggers(struct lk_catalog *catalog, struct lk_relation *partition,
                         const struct lk_relation *parent)
{
    for (size_t i = 0; i < parent->parts.count; i++) {
        struct lk_part *part = parent->parts.items[i];
        if (part->object.class != LK_CLASS_TRIGGER || !part->each_row)
            continue;
        struct lk_part *clone = lk_part_find(partition, LK_CLASS_TRIGGER, part->object.name);
        if (clone == NULL)
            clone = lk_catalog_add_part(catalog, partition, LK_CLASS_TRIGGER, part->object.name);
        lk_catalog_touch(catalog, clone);
        clone->parent = part;
        clone->each_row = true;
        clone->state = part->state;
        clone->definition = part->definition;
        lk_undepend_on(catalog, &clone->object);
        lk_depend(catalog, &clone->object, &part->object, LK_DEPENDS_INTERNAL);
    }
    if (partition->kind == LK_RELATION_PARTITIONED)
        clone_below(catalog, partition);
}

void
lk_replay_drop_clones(struct lk_catalog *catalog, struct lk_relation *partition)
{
    for (size_t i = partition->parts.count; i-- > 0;)
        if (partition->parts.items[i]->parent != NULL)
            lk_catalog_drop_part(catalog, partition->parts.items[i]);
}
