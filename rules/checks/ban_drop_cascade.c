/*
 * # ban-drop-cascade
 *
 * ## What it flags
 *
 * `DROP ... CASCADE`, also of a column, a constraint, or all that a role owns.
 *
 * ## Why it hurts
 *
 * What leans on the object goes with it, and nobody has said what that is: views, foreign keys of
 * other tables, columns of the type, triggers. It depends on the database at hand, and each thing
 * that goes is locked ACCESS EXCLUSIVE, which blocks reads and writes of tables that the statement
 * does not name.
 *
 * ## Do instead
 *
 * Drop by name what is to go, so that the server refuses the rest:
 *
 * ```sql
 * DROP VIEW active_users;
 * ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey;
 * DROP TABLE users;
 * ```
 *
 * ## When it stays silent
 *
 * On objects created in the same migration and temporary ones, and on relations and types that the
 * migrations before never created where it says IF EXISTS. On DROP SCHEMA, of which ban-drop-schema
 * speaks, and TRUNCATE, of which ban-truncate does. On triggers, rules, policies, foreign keys and
 * CHECK constraints, on which nothing can lean. Where the history starts with an empty database and
 * tells that nothing leans on what is dropped.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: Dependency Tracking
 */
#include "parser/base/buf.h"
#include "parser/command.h"
#include "parser/lexer.h"
#include "parser/pgparse.h"
#include "rules/schema/replay_drop.h"
#include "rules/suggest.h"

/* What a statement drops, and what goes along as far as the history tells. */
struct along {
    const struct lk_check *check;
    struct lk_buf objects;         /* that the statement names */
    struct lk_dropping restricted; /* what would go without CASCADE */
    struct lk_dropping cascaded;
    bool unsure;         /* some of the objects are not known */
    struct lk_buf names; /* of what goes along, for people */
    struct lk_buf drops; /* SQL that drops that by name */
};

static bool
holds(const struct lk_objects *list, const struct lk_object *object)
{
    lk_vec_foreach(each, &list->items)
        if (*each == object)
            return true;
    return false;
}

/* ---- what goes along, as SQL ---- */

static const char *
relation_word(const struct lk_relation *relation)
{
    switch (relation->kind) {
    case LK_RELATION_VIEW:
        return "VIEW";
    case LK_RELATION_MATVIEW:
        return "MATERIALIZED VIEW";
    case LK_RELATION_FOREIGN:
        return "FOREIGN TABLE";
    case LK_RELATION_INDEX:
        return "INDEX";
    case LK_RELATION_COMPOSITE:
        return "TYPE";
    default:
        return "TABLE";
    }
}

/* owner_of returns the relation that an object is a part of, or an index is of; or NULL. */
static const struct lk_relation *
owner_of(const struct lk_object *object)
{
    const struct lk_relation *index = (const struct lk_relation *)object;

    if (object->class == LK_CLASS_RELATION)
        return index->kind == LK_RELATION_INDEX ? index->table : NULL;
    return lk_object_relation(object);
}

/* goes_by_itself returns whether an object goes with another one that is in the list. */
static bool
goes_by_itself(const struct along *along, const struct lk_object *object)
{
    const struct lk_relation *owner = owner_of(object);

    if (owner != NULL && holds(&along->cascaded.objects, &owner->object))
        return true;
    if (object->class == LK_CLASS_CONSTRAINT)
        return ((const struct lk_constraint *)object)->inherited;
    if (object->class != LK_CLASS_RELATION)
        return false;
    const struct lk_relation *relation = (const struct lk_relation *)object;
    return relation->parent != NULL || relation->kind == LK_RELATION_SEQUENCE ||
           (relation->kind == LK_RELATION_INDEX &&
            lk_relation_constraint(relation->table, object->name) != NULL);
}

/* drop_text returns the statement that drops an object, or NULL. */
static char *
drop_text(TALLOC_CTX *mem, const struct lk_object *object)
{
    const struct lk_relation *owner = owner_of(object);
    char *name = lk_quote_ident(mem, object->name);

    switch (object->class) {
    case LK_CLASS_RELATION:
        return lk_fmt(mem, "DROP %s %s", relation_word((const struct lk_relation *)object),
                      lk_relation_sql(mem, (const struct lk_relation *)object));
    case LK_CLASS_COLUMN:
    case LK_CLASS_CONSTRAINT:
        if (owner == NULL)
            return NULL;
        return lk_fmt(mem, "ALTER TABLE %s DROP %s %s", lk_relation_sql(mem, owner),
                      object->class == LK_CLASS_COLUMN ? "COLUMN" : "CONSTRAINT", name);
    case LK_CLASS_TRIGGER:
        return lk_fmt(mem, "DROP TRIGGER %s ON %s", name, lk_relation_sql(mem, owner));
    case LK_CLASS_RULE:
        return lk_fmt(mem, "DROP RULE %s ON %s", name, lk_relation_sql(mem, owner));
    case LK_CLASS_POLICY:
        return lk_fmt(mem, "DROP POLICY %s ON %s", name, lk_relation_sql(mem, owner));
    case LK_CLASS_FUNCTION: {
        const struct lk_function *function = (const struct lk_function *)object;
        if (function->signature == NULL)
            return NULL;
        return lk_fmt(mem, "DROP ROUTINE %s.%s", lk_quote_ident(mem, function->schema),
                      function->signature);
    }
    default:
        return NULL;
    }
}

static void
add_along(struct along *along, const struct lk_object *object)
{
    const struct lk_check *check = along->check;
    char *words = lk_replay_describe(check->mem, check->catalog, object);
    char *drop = drop_text(check->mem, object);

    lk_buf_sep(&along->names, ", ");
    lk_buf_add(&along->names, words);
    if (drop != NULL)
        lk_buf_addf(&along->drops, "%s;\n", drop);
    else
        lk_buf_addf(&along->drops, "-- and %s\n", words);
}

/* find_along finds what CASCADE takes; the last first: what was found later leans on it. */
static void
find_along(struct along *along)
{
    const struct lk_check *check = along->check;
    struct lk_objects *taken = &along->cascaded.objects;

    lk_depend_drop(check->mem, check->catalog, false, &along->restricted);
    lk_depend_drop(check->mem, check->catalog, true, &along->cascaded);
    for (size_t i = taken->items.count; i-- > 0;)
        if (!holds(&along->restricted.objects, taken->items.items[i]) &&
            !goes_by_itself(along, taken->items.items[i]))
            add_along(along, taken->items.items[i]);
    lk_vec_foreach(object, &along->cascaded.defaults.items) {
        const struct lk_relation *owner = owner_of(*object);
        if (owner == NULL || holds(taken, *object) || holds(taken, &owner->object))
            continue;
        lk_buf_sep(&along->names, ", ");
        lk_buf_addf(&along->names, "the default of %s",
                    lk_replay_describe(check->mem, check->catalog, *object));
        lk_buf_addf(&along->drops, "ALTER TABLE %s ALTER COLUMN %s DROP DEFAULT;\n",
                    lk_relation_sql(check->mem, owner),
                    lk_quote_ident(check->mem, (*object)->name));
    }
}

/* ---- the statements ---- */

/* without_cascade returns the statement as written, without the word. */
static char *
without_cascade(const struct lk_check *check)
{
    const char *text = check->source->text;
    struct lk_span span = check->statement->span;
    struct lk_lexer lexer = lk_lexer_at(text, span);
    struct lk_buf buf = lk_buf_init(check->mem);
    uint32_t end = span.start;

    for (;;) {
        struct lk_token token = lk_lex_code(&lexer);
        if (token.kind == LK_TOKEN_END)
            return buf.data;
        if (!lk_token_is(text, token, "cascade"))
            lk_buf_addn(&buf, text + end, token.span.end - end);
        end = token.span.end;
    }
}

static struct along
along_new(const struct lk_check *check)
{
    return (struct along){.check = check,
                          .objects = lk_buf_init(check->mem),
                          .names = lk_buf_init(check->mem),
                          .drops = lk_buf_init(check->mem)};
}

/* add_target adds an object that the statement names; `object` NULL: it is not known. */
static void
add_target(struct along *along, const char *name, struct lk_object *object)
{
    lk_buf_sep(&along->objects, ", ");
    lk_buf_add(&along->objects, name);
    if (object == NULL || object->assumed) {
        along->unsure = true;
        return;
    }
    lk_vec_push(along->check->mem, &along->restricted.objects.items, object);
    lk_vec_push(along->check->mem, &along->cascaded.objects.items, object);
}

/* report reports the statement, `what` being its kind, unless CASCADE is certain to take nothing.
 */
static void
report(struct lk_check *check, struct along *along, const char *what)
{
    if (along->objects.len == 0)
        return;
    find_along(along);
    if (along->names.len == 0 && !along->unsure &&
        !lk_catalog_may_exist(check->catalog, LK_CLASS_RELATION, NULL, NULL))
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span, "%s %s CASCADE drops whatever depends on it", what,
                  along->objects.data);
    lk_finding_object(check, finding, along->objects.data);
    if (along->names.len > 0)
        lk_finding_detail(check, finding, "As far as the history tells, that is %s.",
                          along->names.data);
    lk_finding_hint(check, finding, "%s%s;", along->drops.data, without_cascade(check));
}

/* is_relation returns whether DROP names relations. */
static bool
is_relation(ObjectType type)
{
    return type == OBJECT_TABLE || type == OBJECT_VIEW || type == OBJECT_MATVIEW ||
           type == OBJECT_FOREIGN_TABLE || type == OBJECT_SEQUENCE || type == OBJECT_INDEX;
}

/* has_past returns whether what an object of DROP names may be in use. */
static bool
has_past(const struct lk_check *check, const DropStmt *stmt, const Node *object)
{
    bool of_types = stmt->removeType == OBJECT_TYPE || stmt->removeType == OBJECT_DOMAIN;
    const struct lk_defined_type *type = NULL;
    struct lk_qname name;

    if (!of_types && !is_relation(stmt->removeType))
        return true;
    name = lk_qname_of_list(of_types ? castNode(TypeName, object)->names : castNode(List, object));
    if (of_types)
        type = lk_catalog_type(check->catalog, name.schema, name.name);
    if (type != NULL)
        return !lk_object_is_new(check->catalog, &type->object);
    bool known = lk_catalog_relation(check->catalog, name.schema, name.name) != NULL;
    return !lk_named_is_new(check, name) && !lk_is_absent(check, known, stmt->missing_ok);
}

/* object_sql returns how an object of DROP is called; "..." for casts, operators and the like. */
static char *
object_sql(const struct lk_check *check, const DropStmt *stmt, const Node *object)
{
    const List *words = NIL;

    if (IsA(object, String))
        return lk_quote_ident(check->mem, strVal(object));
    if (IsA(object, TypeName))
        words = ((const TypeName *)object)->names;
    else if (IsA(object, ObjectWithArgs) && stmt->removeType != OBJECT_OPERATOR)
        words = ((const ObjectWithArgs *)object)->objname;
    else if (IsA(object, List) && stmt->removeType != OBJECT_CAST &&
             stmt->removeType != OBJECT_TRANSFORM && stmt->removeType != OBJECT_OPCLASS &&
             stmt->removeType != OBJECT_OPFAMILY)
        words = (const List *)object;
    return words == NIL ? lk_strdup(check->mem, "...")
                        : lk_qname_sql(check->mem, lk_qname_of_list(words));
}

/* routine_of returns the one routine of a name; of several the history does not tell which. */
static struct lk_object *
routine_of(const struct lk_check *check, struct lk_qname name)
{
    struct lk_function *first = lk_catalog_functions(check->catalog, name.schema, name.name, NULL);

    return first == NULL ||
                   lk_catalog_functions(check->catalog, name.schema, name.name, first) != NULL
               ? NULL
               : &first->object;
}

/* target_of returns an object of DROP, or NULL where the history does not tell which it is. */
static struct lk_object *
target_of(const struct lk_check *check, const DropStmt *stmt, const Node *object)
{
    const struct lk_object_kind *kind = lk_replay_kind(stmt->removeType);
    struct lk_qname name;

    if (kind == NULL)
        return NULL;
    if (IsA(object, ObjectWithArgs) && kind->class == LK_CLASS_FUNCTION)
        return routine_of(check, lk_qname_of_list(((const ObjectWithArgs *)object)->objname));
    if (IsA(object, TypeName))
        name = lk_qname_of_list(((const TypeName *)object)->names);
    else if (IsA(object, List) && is_relation(stmt->removeType))
        name = lk_qname_of_list((const List *)object);
    else
        return NULL;
    struct lk_object *found =
        lk_catalog_object(check->catalog, kind->class, name.schema, name.name);
    return found != NULL || kind->class != LK_CLASS_TYPE
               ? found
               : lk_catalog_object(check->catalog, LK_CLASS_RELATION, name.schema, name.name);
}

static void
check_drop(struct lk_check *check, const Node *node)
{
    const DropStmt *stmt = (const DropStmt *)node;
    ListCell *cell;

    if (stmt->behavior != DROP_CASCADE || stmt->removeType == OBJECT_SCHEMA ||
        stmt->removeType == OBJECT_TRIGGER || stmt->removeType == OBJECT_RULE ||
        stmt->removeType == OBJECT_POLICY)
        return;
    struct along along = along_new(check);
    foreach(cell, stmt->objects)
        if (has_past(check, stmt, lfirst(cell)))
            add_target(&along, object_sql(check, stmt, lfirst(cell)),
                       target_of(check, stmt, lfirst(cell)));
    report(check, &along, lk_command_tag(node));
}

/* add_column adds a column that ALTER TABLE drops. */
static void
add_column(struct along *along, const struct lk_relation *table, const char *name)
{
    struct lk_column *column = lk_relation_column(table, name);

    if (column != NULL && lk_object_is_new(along->check->catalog, &column->object))
        return;
    add_target(along, lk_quote_ident(along->check->mem, name),
               column != NULL ? &column->object : NULL);
}

/* add_constraint adds a constraint that ALTER TABLE drops: on keys, foreign keys may lean. */
static void
add_constraint(struct along *along, const struct lk_relation *table, const char *name)
{
    const struct lk_check *check = along->check;
    struct lk_constraint *constraint = lk_relation_constraint(table, name);

    if (constraint != NULL &&
        (lk_object_is_new(check->catalog, &constraint->object) ||
         constraint->kind == LK_CONSTRAINT_CHECK || constraint->kind == LK_CONSTRAINT_FOREIGN))
        return;
    add_target(along, lk_quote_ident(check->mem, name),
               constraint != NULL ? &constraint->object : NULL);
}

/* cascades returns whether a subcommand of ALTER TABLE says CASCADE. */
static bool
cascades(const AlterTableStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->cmds)
        if (lfirst_node(AlterTableCmd, cell)->behavior == DROP_CASCADE)
            return true;
    return false;
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    ListCell *cell;

    if (!cascades(stmt) || lk_subject_is_new(check, stmt->relation))
        return;
    struct along columns = along_new(check), constraints = along_new(check);
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->behavior == DROP_CASCADE && command->subtype == AT_DropColumn)
            add_column(&columns, lk_subject(check, stmt->relation), command->name);
        else if (command->behavior == DROP_CASCADE && command->subtype == AT_DropConstraint)
            add_constraint(&constraints, lk_subject(check, stmt->relation), command->name);
    }
    report(check, &columns, stmt->objtype == OBJECT_TYPE ? "DROP ATTRIBUTE" : "DROP COLUMN");
    report(check, &constraints, "DROP CONSTRAINT");
}

static void
check_owned(struct lk_check *check, const Node *node)
{
    if (((const DropOwnedStmt *)node)->behavior != DROP_CASCADE)
        return;
    struct lk_finding *finding = lk_report(
        check, check->statement->span,
        "DROP OWNED ... CASCADE drops all that the role owns, and whatever depends on it");
    lk_finding_hint(
        check, finding,
        "Give what is to stay to another role with REASSIGN OWNED, and drop the rest by "
        "name.");
}

const struct lk_rule lk_rule_ban_drop_cascade = {
    .name = "ban-drop-cascade",
    .group = LK_GROUP_DESTRUCTIVE,
    .severity = LK_SEVERITY_WARNING,
    .summary = "CASCADE drops what the statement does not name",
    .on = {{T_DropStmt, check_drop},
           {T_AlterTableStmt, check_alter},
           {T_DropOwnedStmt, check_owned}},
};
