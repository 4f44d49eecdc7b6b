/*
 * rules/schema/replay_domain.c
 *     The constraints of domains, and ALTER DOMAIN.
 */
#include "rules/schema/replay_domain.h"

#include "parser/lexer.h"
#include "parser/pgparse.h"
#include "rules/schema/analyze.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_drop.h"
#include "rules/schema/replay_relation.h"

struct lk_constraint *
lk_type_constraint(const struct lk_defined_type *type, const char *name)
{
    lk_vec_foreach(constraint, &type->constraints)
        if (strcmp((*constraint)->object.name, name) == 0)
            return *constraint;
    return NULL;
}

void
lk_replay_domain_collation(struct lk_catalog *catalog, struct lk_defined_type *type,
                           const CollateClause *collate)
{
    struct lk_qname name = lk_qname_of_list(collate->collname);
    struct lk_object *known =
        lk_catalog_object(catalog, LK_CLASS_COLLATION, name.schema, name.name);

    if (lk_refuse_collation(catalog, &type->base, collate->collname, collate->location))
        return;
    if (known != NULL)
        name.schema = lk_object_schema(known);
    else if (name.schema == NULL)
        name.schema = "pg_catalog";
    type->collation = lk_catalog_keep(catalog, lk_qname_sql(catalog->statement_mem, name));
    if (known != NULL)
        lk_depend(catalog, &type->object, known, LK_DEPENDS_NORMAL);
}

/* ---- texts ---- */

/* inside_parentheses returns what stands in the first pair of them from an offset on. */
static struct lk_span
inside_parentheses(const struct lk_catalog *catalog, uint32_t start)
{
    struct lk_lexer lexer =
        lk_lexer_at(catalog->text, (struct lk_span){start, catalog->statement->span.end});
    struct lk_span span = {start, start};
    int depth = 0;

    for (struct lk_token token = lk_lex_code(&lexer); token.kind != LK_TOKEN_END;
         token = lk_lex_code(&lexer)) {
        if (lk_token_is_symbol(catalog->text, token, '(') && depth++ == 0)
            span.start = token.span.end;
        if (lk_token_is_symbol(catalog->text, token, ')') && --depth == 0) {
            span.end = token.span.start;
            break;
        }
    }
    return span;
}

/* default_text returns what stands behind DEFAULT, up to the next constraint. */
static struct lk_text *
default_text(struct lk_catalog *catalog, const Constraint *definition, const ListCell *cell,
             const List *list)
{
    const ListCell *next = cell != NULL ? lnext(list, cell) : NULL;
    struct lk_span span = catalog->statement->span;
    struct lk_token token;

    if (next != NULL)
        span.end = lk_replay_offset(catalog, lfirst_node(Constraint, next)->location);
    if (definition->location >= 0)
        span.start = lk_replay_offset(catalog, definition->location);
    struct lk_lexer lexer = lk_lexer_at(catalog->text, span);
    do
        token = lk_lex_code(&lexer);
    while (token.kind != LK_TOKEN_END && !lk_token_is(catalog->text, token, "default"));
    span.start = span.end;
    token = lk_lex_code(&lexer);
    if (token.kind == LK_TOKEN_END)
        return NULL;
    span.start = token.span.start;
    for (; token.kind != LK_TOKEN_END; token = lk_lex_code(&lexer))
        span.end = token.span.end;
    return lk_replay_text(catalog, span);
}

/* ---- constraints ---- */

/* is_unused returns whether no constraint of the domain has a name. */
static const char *
choose_name(struct lk_catalog *catalog, const struct lk_defined_type *type, const char *label)
{
    char name[LK_NAME_SIZE];
    unsigned pass = 0;

    while (lk_type_constraint(type, lk_object_name(name, type->object.name, NULL, label, pass++)))
        continue;
    return lk_catalog_keep(catalog, name);
}

static struct lk_constraint *
add_constraint(struct lk_catalog *catalog, struct lk_defined_type *type,
               const Constraint *definition, enum lk_constraint_kind kind)
{
    const char *name = definition->conname;

    if (name != NULL && lk_type_constraint(type, name) != NULL) {
        if (!type->object.assumed)
            lk_refuse(catalog, "42710", definition->location,
                      "constraint \"%s\" for domain \"%s\" already exists", name, type->object.name)
                ->object = &type->object;
        return NULL;
    }
    if (name == NULL)
        name = choose_name(catalog, type, kind == LK_CONSTRAINT_CHECK ? "check" : "not_null");
    struct lk_constraint *constraint = lk_new(catalog->objects, struct lk_constraint);
    lk_object_init(catalog, &constraint->object, LK_CLASS_CONSTRAINT, name);
    constraint->domain = type;
    constraint->kind = kind;
    constraint->validated = !definition->skip_validation;
    lk_catalog_touch(catalog, type);
    lk_vec_push(type, &type->constraints, constraint);
    type->constrained = true;
    return constraint;
}

/* The constraint of NOT NULL has a name of its own since PostgreSQL 17. */
static void
set_not_null(struct lk_catalog *catalog, struct lk_defined_type *type, const Constraint *definition)
{
    lk_catalog_touch(catalog, type);
    if (!type->not_null && lk_catalog_version(catalog) >= 17)
        add_constraint(catalog, type, definition, LK_CONSTRAINT_NOT_NULL);
    type->not_null = type->constrained = true;
}

static void
add_check(struct lk_catalog *catalog, struct lk_defined_type *type, const Constraint *definition)
{
    struct lk_constraint *constraint =
        add_constraint(catalog, type, definition, LK_CONSTRAINT_CHECK);

    if (constraint == NULL)
        return;
    struct lk_span span =
        inside_parentheses(catalog, lk_replay_offset(catalog, definition->location));
    constraint->expression = lk_replay_text(catalog, span);
    lk_analyze_check(catalog, &type->base, definition->raw_expr,
                     (struct lk_mentions){constraint->expression, span.start});
    lk_depend_text(catalog, &constraint->object, constraint->expression, LK_DEPENDS_NORMAL);
}

static void
set_default(struct lk_catalog *catalog, struct lk_defined_type *type, struct lk_text *text,
            Node *expression)
{
    if (lk_refuse_literal(catalog, &type->base, expression))
        return;
    lk_catalog_touch(catalog, type);
    if (expression != NULL && lk_default_is_null(catalog, &type->base, expression))
        text = NULL;
    type->default_value = text;
    if (text == NULL || expression == NULL)
        return;
    lk_depend_text(catalog, &type->object, text, LK_DEPENDS_NORMAL);
}

void
lk_replay_domain_constraint(struct lk_catalog *catalog, struct lk_defined_type *type,
                            const Constraint *definition, const ListCell *cell, const List *list)
{
    switch (definition->contype) {
    case CONSTR_CHECK:
        add_check(catalog, type, definition);
        break;
    case CONSTR_NOTNULL:
        set_not_null(catalog, type, definition);
        break;
    case CONSTR_DEFAULT:
        set_default(catalog, type, default_text(catalog, definition, cell, list),
                    definition->raw_expr);
        break;
    default:
        break;
    }
}

/* ---- ALTER DOMAIN ---- */

static void
drop_constraint(struct lk_catalog *catalog, struct lk_defined_type *type,
                const AlterDomainStmt *stmt)
{
    struct lk_constraint *constraint = lk_type_constraint(type, stmt->name);
    struct lk_dropping dropping = {0};

    if (constraint == NULL) {
        if (!stmt->missing_ok && !type->object.assumed)
            lk_refuse(catalog, "42704", -1, "constraint \"%s\" of domain \"%s\" does not exist",
                      stmt->name, type->object.name)
                ->object = &type->object;
        return;
    }
    if (constraint->kind == LK_CONSTRAINT_NOT_NULL) {
        lk_catalog_touch(catalog, type);
        type->not_null = false;
    }
    lk_vec_push(catalog->statement_mem, &dropping.objects.items, &constraint->object);
    lk_replay_drop_objects(catalog, &dropping, stmt->behavior == DROP_CASCADE);
}

static void
drop_not_null(struct lk_catalog *catalog, struct lk_defined_type *type)
{
    lk_catalog_touch(catalog, type);
    type->not_null = false;
    for (size_t i = type->constraints.count; i-- > 0;) {
        struct lk_constraint *constraint = type->constraints.items[i];
        if (constraint->kind == LK_CONSTRAINT_NOT_NULL)
            lk_remove_pointer(&type->constraints, constraint);
    }
}

static void
validate(struct lk_catalog *catalog, struct lk_defined_type *type, const char *name)
{
    struct lk_constraint *constraint = lk_type_constraint(type, name);

    if (constraint == NULL) {
        if (!type->object.assumed)
            lk_refuse(catalog, "42704", -1, "constraint \"%s\" of domain \"%s\" does not exist",
                      name, type->object.name)
                ->object = &type->object;
        return;
    }
    lk_catalog_touch(catalog, constraint);
    constraint->validated = true;
}

/* constrains returns whether anything is left that a domain's values have to satisfy. */
static bool
constrains(const struct lk_defined_type *type)
{
    return type->not_null || type->constraints.count > 0;
}

void
lk_replay_alter_domain(struct lk_catalog *catalog, const AlterDomainStmt *stmt)
{
    Constraint plain = {.type = T_Constraint, .contype = CONSTR_NOTNULL, .location = -1};
    struct lk_object *object =
        lk_replay_find_as(catalog, OBJECT_DOMAIN, NULL, (Node *)stmt->typeName);
    struct lk_defined_type *type = (struct lk_defined_type *)object;

    if (object == NULL || object->class != LK_CLASS_TYPE)
        return;
    switch (stmt->subtype) {
    case 'T':
        if (stmt->def != NULL)
            plain.contype = CONSTR_DEFAULT;
        set_default(catalog, type,
                    stmt->def != NULL ? default_text(catalog, &plain, NULL, NIL) : NULL, stmt->def);
        break;
    case 'N':
        drop_not_null(catalog, type);
        break;
    case 'O':
        set_not_null(catalog, type, &plain);
        break;
    case 'C':
        lk_replay_domain_constraint(catalog, type, castNode(Constraint, stmt->def), NULL, NIL);
        break;
    case 'X':
        drop_constraint(catalog, type, stmt);
        break;
    case 'V':
        validate(catalog, type, stmt->name);
        break;
    default:
        break;
    }
    lk_catalog_touch(catalog, type);
    type->constrained = constrains(type);
}
