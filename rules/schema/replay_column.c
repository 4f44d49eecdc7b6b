/*
 * rules/schema/replay_column.c
 *     Columns as their definitions make them: see replay_relation.h.
 */
#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "parser/tree_names.h"
#include "rules/schema/replay_relation.h"

/* The text of a serial column's default, around the sequence's name. */
#define NEXTVAL_BEFORE "nextval('"
#define NEXTVAL_BEHIND "'::regclass)"

const Constraint *
lk_column_has(const ColumnDef *definition, ConstrType kind)
{
    ListCell *cell;

    foreach(cell, definition->constraints)
        if (lfirst_node(Constraint, cell)->contype == kind)
            return lfirst_node(Constraint, cell);
    return NULL;
}

Constraint
lk_column_constraint(const List *constraints, const ListCell *cell)
{
    Constraint constraint = *(const Constraint *)lfirst(cell);

    for (int i = list_cell_number(constraints, cell) + 1; i < list_length(constraints); i++) {
        switch (list_nth_node(Constraint, constraints, i)->contype) {
        case CONSTR_ATTR_DEFERRABLE:
            constraint.deferrable = true;
            break;
        case CONSTR_ATTR_DEFERRED:
            constraint.deferrable = constraint.initdeferred = true;
            break;
        case CONSTR_ATTR_NOT_DEFERRABLE:
        case CONSTR_ATTR_IMMEDIATE:
            break;
#if LK_GRAMMAR >= 18
        case CONSTR_ATTR_ENFORCED:
            break;
        case CONSTR_ATTR_NOT_ENFORCED:
            constraint.is_enforced = false;
            constraint.skip_validation = true;
            break;
#endif
        default:
            return constraint;
        }
    }
    return constraint;
}

void
lk_column_set_type(struct lk_catalog *catalog, struct lk_column *column, const TypeName *type_name)
{
    struct lk_object *type = NULL;

    column->type_known = lk_type_of(column, type_name, &column->type);
    if (!column->type_known)
        return;
    if (lk_type_is_builtin(&column->type)) {
        lk_refuse_column_type(catalog, column, type_name);
        return;
    }
    lk_replay_type(catalog, type_name, &column->type, &type);
    if (type == NULL)
        lk_refuse_type(catalog, type_name);
    else
        lk_depend(catalog, &column->object, type, LK_DEPENDS_NORMAL);
}

/* collation_sql returns a collation as it is kept: built-in ones are those of pg_catalog. */
static const char *
collation_sql(struct lk_catalog *catalog, const List *words)
{
    TALLOC_CTX *scratch = catalog->statement_mem;
    struct lk_qname name = lk_qname_of_list(words);

    if (strcmp(name.name, "default") == 0)
        return NULL;
    for (size_t i = 0; name.schema == NULL && i < catalog->search_path.count; i++)
        if (lk_entry_find(catalog, LK_CLASS_COLLATION, catalog->search_path.names[i], name.name))
            name.schema = catalog->search_path.names[i];
    if (name.schema == NULL)
        name.schema = "pg_catalog";
    return lk_catalog_keep(catalog, lk_qname_sql(scratch, name));
}

void
lk_column_set_storage(struct lk_column *column, const char *word)
{
    static const char *const words[] = {"PLAIN", "EXTERNAL", "EXTENDED", "MAIN"};

    column->storage = NULL;
    for (size_t i = 0; word != NULL && i < LK_ARRAY_SIZE(words); i++)
        if (strcasecmp(words[i], word) == 0)
            column->storage = words[i];
}

void
lk_column_set_collation(struct lk_catalog *catalog, struct lk_column *column,
                        const CollateClause *clause)
{
    column->collation = clause != NULL ? collation_sql(catalog, clause->collname) : NULL;
    if (clause == NULL)
        return;
    struct lk_qname name = lk_qname_of_list(clause->collname);
    if (column->type_known &&
        lk_refuse_collation(catalog, &column->type, clause->collname, clause->location))
        return;
    if (column->type_known && lk_type_is(&column->type, "name") && strcmp(name.name, "C") == 0)
        column->collation = NULL; /* the type's own */
    struct lk_object *known =
        lk_catalog_object(catalog, LK_CLASS_COLLATION, name.schema, name.name);
    if (known != NULL)
        lk_depend(catalog, &column->object, known, LK_DEPENDS_NORMAL);
}

/* expression_span returns where the expression of DEFAULT or GENERATED stands. */
static struct lk_span
expression_span(const struct lk_catalog *catalog, const ColumnDef *definition,
                const Constraint *constraint)
{
    uint32_t start = lk_replay_offset(catalog, constraint->location), stop = 0;
    ListCell *cell;

    if (constraint->contype == CONSTR_GENERATED)
        return lk_span_parens(catalog, start);
    foreach(cell, definition->constraints) {
        const Constraint *other = lfirst_node(Constraint, cell);
        if (other->location > constraint->location &&
            (stop == 0 || lk_replay_offset(catalog, other->location) < stop))
            stop = lk_replay_offset(catalog, other->location);
    }
    if (definition->collClause != NULL && definition->collClause->location > constraint->location) {
        uint32_t collate = lk_replay_offset(catalog, definition->collClause->location);
        stop = stop == 0 ? collate : LK_MIN(stop, collate);
    }
    start = lk_span_behind(catalog, start, "default");
    return start > 0 ? lk_span_until(catalog, start, stop) : (struct lk_span){0, 0};
}

void
lk_column_set_default(struct lk_catalog *catalog, struct lk_column *column, struct lk_text *value)
{
    if (column->default_value != NULL)
        lk_vec_foreach(mention, &column->default_value->mentions)
            if (mention->object != NULL)
                lk_depend_not(catalog, &column->object, mention->object);
    column->default_value = value;
    column->has_default = value != NULL;
    lk_depend_text(catalog, &column->object, value, LK_DEPENDS_NORMAL);
}

static void
set_serial_default(struct lk_catalog *catalog, struct lk_column *column,
                   struct lk_relation *sequence)
{
    struct lk_text *value = lk_text_plain(catalog->objects, NEXTVAL_BEFORE NEXTVAL_BEHIND);
    uint32_t at = sizeof(NEXTVAL_BEFORE) - 1;

    lk_text_mention(value, (struct lk_mention){.span = {at, at}, .object = &sequence->object});
    lk_column_set_default(catalog, column, value);
}

struct lk_relation *
lk_column_add_sequence(struct lk_catalog *catalog, struct lk_relation *table,
                       struct lk_column *column, const List *options, bool of_identity)
{
    const char *schema = table->schema, *name = NULL;
    ListCell *cell;

    foreach(cell, options) {
        const DefElem *option = lfirst_node(DefElem, cell);
        if (strcmp(option->defname, "sequence_name") != 0)
            continue;
        struct lk_qname given = lk_qname_of_list(castNode(List, option->arg));
        name = given.name;
        schema = given.schema != NULL ? given.schema : schema;
    }
    if (name == NULL)
        name = lk_replay_choose_name(catalog, schema, table->object.name, column->object.name,
                                     "seq", false);
    else if (lk_refuse_taken(catalog, schema, name, -1))
        return NULL;
    struct lk_relation *sequence =
        lk_catalog_add_relation(catalog, schema, name, LK_RELATION_SEQUENCE);
    lk_replay_created(catalog, &sequence->object);
    sequence->unlogged = table->unlogged;
    lk_sequence_set(catalog, sequence, lk_type_is_builtin(&column->type) ? column->type.name : NULL,
                    options);
    lk_replay_own_sequence(catalog, sequence, table, column->object.name);
    if (of_identity && sequence->sequence != NULL) {
        struct lk_sequence *counts =
            lk_memdup(catalog->objects, sequence->sequence, sizeof(*sequence->sequence));
        counts->of_identity = true;
        sequence->sequence = counts;
    }
    return sequence;
}

/* add_identity makes a column an identity. */
static void
add_identity(struct lk_catalog *catalog, struct lk_relation *table, struct lk_column *column,
             const Constraint *constraint)
{
    if (column->type_known &&
        (!lk_type_is_builtin(&column->type) || column->type.array ||
         (!lk_type_is(&column->type, "int2") && !lk_type_is(&column->type, "int4") &&
          !lk_type_is(&column->type, "int8")))) {
        /* a domain over one of them will not do either */
        lk_refuse(catalog, "22023", constraint->location,
                  "identity column type must be smallint, integer, or bigint");
        return;
    }
    column->identity = true;
    column->always = constraint->generated_when == ATTRIBUTE_IDENTITY_ALWAYS;
    column->not_null = true;
    lk_column_add_sequence(catalog, table, column, constraint->options, true);
}

bool
lk_default_is_null(struct lk_catalog *catalog, const struct lk_type *type, const Node *expression)
{
    const TypeCast *cast = (const TypeCast *)expression;

    /* a domain may have a default of its own, and a length is put on NULL, too */
    if (type->mod_count > 0 || lk_catalog_may_be_domain(catalog->statement_mem, catalog, type))
        return false;
    if (IsA(expression, TypeCast) && cast->typeName->typmods == NIL)
        expression = cast->arg;
    return IsA(expression, A_Const) && ((const A_Const *)expression)->isnull;
}

bool
lk_column_is_null(struct lk_catalog *catalog, const struct lk_column *column,
                  const Node *expression)
{
    return column->type_known && lk_default_is_null(catalog, &column->type, expression);
}

bool
lk_column_refuse_value(struct lk_catalog *catalog, const struct lk_column *column,
                       const struct lk_typed *value)
{
    struct lk_type wanted = column->type, type = value->type;

    if (!column->type_known || !value->type_known || column->object.assumed ||
        catalog->refusals.items.count > 0 || lk_type_is(&type, "unknown") ||
        lk_type_is_near(&type, &wanted) ||
        !lk_is_no_assignment(catalog, lk_type_number(catalog, &type),
                             lk_type_number(catalog, &wanted)) ||
        !lk_casts_are_known(catalog))
        return false;
    lk_refuse(
        catalog, "42804", -1, "column \"%s\" is of type %s but default expression is of type %s",
        column->object.name, lk_type_visible(catalog, &wanted), lk_type_visible(catalog, &type));
    return true;
}

void
lk_column_properties(struct lk_catalog *catalog, struct lk_relation *table,
                     struct lk_column *column, const ColumnDef *definition)
{
    ListCell *cell;

    foreach(cell, definition->constraints) {
        const Constraint *constraint = lfirst_node(Constraint, cell);
        struct lk_typed typed = {0};
        switch (constraint->contype) {
        case CONSTR_NOTNULL:
        case CONSTR_PRIMARY:
            column->not_null |= !constraint->skip_validation;
            break;
        case CONSTR_DEFAULT:
            if (lk_refuse_inside(catalog, LK_IN_DEFAULT, constraint->raw_expr) ||
                lk_column_is_null(catalog, column, constraint->raw_expr) ||
                (column->type_known &&
                 lk_refuse_literal(catalog, &column->type, constraint->raw_expr)))
                break;
            lk_column_set_default(catalog, column,
                                  lk_replay_typed(catalog, NULL, constraint->raw_expr,
                                                  expression_span(catalog, definition, constraint),
                                                  &typed));
            column->has_default = true;
            lk_column_refuse_value(catalog, column, &typed);
            break;
        case CONSTR_IDENTITY:
            add_identity(catalog, table, column, constraint);
            break;
        case CONSTR_GENERATED:
            column->generated = true;
            column->is_virtual = lk_is_virtual(constraint);
            break;
        default:
            break;
        }
    }
}

/* refuse_twice refuses what a definition says twice, or two ways. */
static bool
refuse_twice(struct lk_catalog *catalog, const struct lk_relation *table,
             const ColumnDef *definition, bool serial)
{
    size_t defaults = serial, identities = 0, generated = 0;
    const char *what = NULL;
    ListCell *cell;

    foreach(cell, definition->constraints) {
        ConstrType kind = lfirst_node(Constraint, cell)->contype;
        defaults += kind == CONSTR_DEFAULT;
        identities += kind == CONSTR_IDENTITY;
        generated += kind == CONSTR_GENERATED;
    }
    if (defaults > 1)
        what = "multiple default values";
    else if (identities > 1)
        what = "multiple identity specifications";
    else if (generated > 1)
        what = "multiple generation clauses";
    else if (defaults > 0 && identities > 0)
        what = "both default and identity";
    else if (defaults > 0 && generated > 0)
        what = "both default and generation expression";
    else if (identities > 0 && generated > 0)
        what = "both identity and generation expression";
    if (what == NULL)
        return false;
    lk_refuse(catalog, "42601", definition->location,
              "%s specified for column \"%s\" of table \"%s\"", what, definition->colname,
              table->object.name);
    return true;
}

struct lk_column *
lk_column_define(struct lk_catalog *catalog, struct lk_relation *table, const ColumnDef *definition)
{
    if (lk_refuse_system_name(catalog, definition->colname))
        return NULL;
    struct lk_column *column = lk_catalog_add_column(catalog, table, definition->colname);
    if (definition->typeName != NULL)
        lk_column_set_type(catalog, column, definition->typeName);
    column->serial = column->type.serial;
    if (refuse_twice(catalog, table, definition, column->serial))
        return NULL;
    column->not_null = definition->is_not_null || column->serial;
    if (column->serial) {
        struct lk_relation *sequence = lk_column_add_sequence(catalog, table, column, NIL, false);
        if (sequence != NULL)
            set_serial_default(catalog, column, sequence);
    }
    lk_column_set_collation(catalog, column, definition->collClause);
    lk_column_set_storage(column, definition->storage_name);
    column->compression =
        definition->compression != NULL && strcmp(definition->compression, "default") != 0
            ? lk_catalog_keep(catalog, definition->compression)
            : NULL;
    column->options = lk_options_changed(catalog, NULL, definition->fdwoptions, false, true);
    lk_column_properties(catalog, table, column, definition);
    return column;
}

/* refuse_generated refuses an expression that computes from what is computed, or not the same
 * twice. */
static void
refuse_generated(struct lk_catalog *catalog, const struct lk_relation *table,
                 const struct lk_column *column, Node *expression)
{
    lk_vec_foreach(mention, &column->default_value->mentions) {
        const struct lk_column *used = (const struct lk_column *)mention->object;
        if (mention->object == NULL || mention->object->class != LK_CLASS_COLUMN ||
            used->relation != table || !used->generated)
            continue;
        lk_refuse(catalog, "42P17", -1,
                  "cannot use generated column \"%s\" in column generation expression",
                  used->object.name);
        return;
    }
    if (!lk_is_immutable(catalog, table, expression))
        lk_refuse(catalog, "42P17", -1, "generation expression is not immutable");
}

void
lk_column_generate(struct lk_catalog *catalog, struct lk_relation *table,
                   const ColumnDef *definition)
{
    const Constraint *constraint = lk_column_has(definition, CONSTR_GENERATED);
    struct lk_column *column =
        constraint != NULL ? lk_relation_column(table, definition->colname) : NULL;

    if (column == NULL || lk_refuse_inside(catalog, LK_IN_GENERATED, constraint->raw_expr))
        return;
    struct lk_typed typed = {0};
    lk_catalog_touch(catalog, column);
    lk_column_set_default(catalog, column,
                          lk_replay_typed(catalog, table, constraint->raw_expr,
                                          expression_span(catalog, definition, constraint),
                                          &typed));
    column->generated = true;
    column->has_default = false;
    if (lk_column_refuse_value(catalog, column, &typed))
        return;
    if (column->default_value != NULL)
        refuse_generated(catalog, table, column, constraint->raw_expr);
}

struct lk_column *
lk_column_copy(struct lk_catalog *catalog, struct lk_relation *table,
               const struct lk_column *source, bool defaults)
{
    struct lk_column *column = lk_catalog_add_column(catalog, table, source->object.name);

    column->type = source->type;
    column->type_known = source->type_known;
    column->type.serial = false;
    column->not_null = source->not_null;
    column->collation = source->collation;
    column->object.assumed = source->object.assumed;
    lk_vec_foreach(leaning, &source->object.depends)
        if ((*leaning)->on->class == LK_CLASS_TYPE)
            lk_depend(catalog, &column->object, (*leaning)->on, LK_DEPENDS_NORMAL);
    if (!defaults)
        return column;
    column->generated = source->generated;
    column->is_virtual = source->is_virtual;
    column->has_default = source->has_default;
    column->default_value = lk_text_moved(catalog, source->default_value, source->relation, table);
    lk_depend_text(catalog, &column->object, column->default_value, LK_DEPENDS_NORMAL);
    return column;
}
