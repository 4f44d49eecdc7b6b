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
 * CHECK constraints, on which nothing can lean.
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
#include "rules/suggest.h"

/* What a statement drops, and what goes along as far as the history tells. */
struct along {
    const struct lk_check *check;
    struct lk_buf objects; /* that the statement names */
    struct lk_buf names;   /* of what goes along, for people */
    struct lk_buf drops;   /* SQL that drops that by name */
};

static const char *
kind_word(const struct lk_relation *relation)
{
    switch (relation->kind) {
    case LK_RELATION_VIEW:
        return "VIEW";
    case LK_RELATION_MATVIEW:
        return "MATERIALIZED VIEW";
    case LK_RELATION_FOREIGN:
        return "FOREIGN TABLE";
    default:
        return "TABLE";
    }
}

/* add_relations adds relations, the last one first: what was found later leans on what was before.
 */
static void
add_relations(struct along *along, const struct lk_relations *relations)
{
    TALLOC_CTX *mem = along->check->mem;

    for (size_t i = relations->items.count; i-- > 0;) {
        const struct lk_relation *relation = relations->items.items[i];
        if (relation->parent != NULL || relation->kind == LK_RELATION_SEQUENCE ||
            relation->kind == LK_RELATION_INDEX)
            continue; /* that goes without CASCADE, too */
        char *name = lk_relation_sql(mem, relation);
        lk_buf_sep(&along->names, ", ");
        lk_buf_add(&along->names, name);
        lk_buf_addf(&along->drops, "DROP %s %s;\n", kind_word(relation), name);
    }
}

/* add_references adds the foreign keys of other tables to a table, or to one of its columns. */
static void
add_references(struct along *along, const struct lk_relation *table, const char *column)
{
    TALLOC_CTX *mem = along->check->mem;
    struct lk_relations referrers = {0};

    lk_catalog_referrers(mem, along->check->catalog, table, &referrers);
    lk_vec_foreach(referrer, &referrers.items) {
        if (*referrer == table)
            continue;
        lk_vec_foreach(constraint, &(*referrer)->constraints) {
            if ((*constraint)->target != table || (*constraint)->inherited ||
                (column != NULL && !lk_references_column(*constraint, column)))
                continue;
            char *name = lk_quote_ident(mem, (*constraint)->object.name);
            char *on = lk_relation_sql(mem, *referrer);
            lk_buf_sep(&along->names, ", ");
            lk_buf_addf(&along->names, "constraint %s on %s", name, on);
            lk_buf_addf(&along->drops, "ALTER TABLE %s DROP CONSTRAINT %s;\n", on, name);
        }
    }
}

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
    return (struct along){check, lk_buf_init(check->mem), lk_buf_init(check->mem),
                          lk_buf_init(check->mem)};
}

/* report reports the statement, `what` being its kind. */
static void
report(struct lk_check *check, const struct along *along, const char *what)
{
    struct lk_finding *finding =
        lk_report(check, check->statement->span, "%s %s CASCADE drops whatever leans on it", what,
                  along->objects.data);

    lk_finding_object(check, finding, along->objects.data);
    if (along->names.len > 0)
        lk_finding_detail(check, finding, "As far as the history tells, that is %s.",
                          along->names.data);
    lk_finding_hint(check, finding, "%s%s;", along->drops.data, without_cascade(check));
}

static void
add_table(struct along *along, const struct lk_relation *relation)
{
    struct lk_relations leaning = {0};

    if (relation == NULL)
        return;
    lk_catalog_dependents(along->check->mem, along->check->catalog, relation, true, &leaning);
    add_relations(along, &leaning);
    add_references(along, relation, NULL);
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

/* add_object adds an object of DROP, and what goes along with it. */
static void
add_object(struct along *along, const DropStmt *stmt, const Node *object)
{
    lk_buf_sep(&along->objects, ", ");
    lk_buf_add(&along->objects, object_sql(along->check, stmt, object));
    if (!is_relation(stmt->removeType))
        return;
    struct lk_qname name = lk_qname_of_list((const List *)object);
    add_table(along, lk_catalog_relation(along->check->catalog, name.schema, name.name));
}

static void
check_drop(struct lk_check *check, const Node *node)
{
    const DropStmt *stmt = (const DropStmt *)node;
    struct along along = along_new(check);
    ListCell *cell;

    if (stmt->behavior != DROP_CASCADE || stmt->removeType == OBJECT_SCHEMA ||
        stmt->removeType == OBJECT_TRIGGER || stmt->removeType == OBJECT_RULE ||
        stmt->removeType == OBJECT_POLICY)
        return;
    foreach(cell, stmt->objects)
        if (has_past(check, stmt, lfirst(cell)))
            add_object(&along, stmt, lfirst(cell));
    if (along.objects.len > 0)
        report(check, &along, lk_command_tag(node));
}

/* add_column adds a column that ALTER TABLE drops, and what reads or references it. */
static void
add_column(struct along *along, const struct lk_relation *table, const char *name)
{
    const struct lk_check *check = along->check;
    const struct lk_column *column = lk_relation_column(table, name);
    struct lk_relations readers = {0};

    if (column != NULL && lk_object_is_new(check->catalog, &column->object))
        return;
    lk_buf_sep(&along->objects, ", ");
    lk_buf_add(&along->objects, lk_quote_ident(check->mem, name));
    if (table == NULL)
        return;
    lk_catalog_column_readers(check->mem, check->catalog, table, name, &readers);
    add_relations(along, &readers);
    add_references(along, table, name);
}

/* add_constraint adds a constraint that ALTER TABLE drops: on keys, foreign keys may lean. */
static void
add_constraint(struct along *along, const struct lk_relation *table, const char *name)
{
    const struct lk_check *check = along->check;
    const struct lk_constraint *constraint = lk_relation_constraint(table, name);

    if (constraint != NULL &&
        (lk_object_is_new(check->catalog, &constraint->object) ||
         constraint->kind == LK_CONSTRAINT_CHECK || constraint->kind == LK_CONSTRAINT_FOREIGN))
        return;
    lk_buf_sep(&along->objects, ", ");
    lk_buf_add(&along->objects, lk_quote_ident(check->mem, name));
    if (constraint != NULL && constraint->columns.count > 0)
        add_references(along, table, constraint->columns.items[0]);
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    struct along columns = along_new(check), constraints = along_new(check);
    ListCell *cell;

    if (lk_subject_is_new(check, stmt->relation))
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->behavior == DROP_CASCADE && command->subtype == AT_DropColumn)
            add_column(&columns, lk_subject(check, stmt->relation), command->name);
        else if (command->behavior == DROP_CASCADE && command->subtype == AT_DropConstraint)
            add_constraint(&constraints, lk_subject(check, stmt->relation), command->name);
    }
    if (columns.objects.len > 0)
        report(check, &columns, stmt->objtype == OBJECT_TYPE ? "DROP ATTRIBUTE" : "DROP COLUMN");
    if (constraints.objects.len > 0)
        report(check, &constraints, "DROP CONSTRAINT");
}

static void
check_owned(struct lk_check *check, const Node *node)
{
    if (((const DropOwnedStmt *)node)->behavior != DROP_CASCADE)
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "DROP OWNED ... CASCADE drops all that the role owns, and whatever leans on it");
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
