/*
 * rules/schema/replay_type.c
 *     CREATE TYPE and CREATE DOMAIN.
 */
#include "rules/schema/replay_type.h"

#include "parser/pgparse.h"
#include "rules/schema/builtin.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_clauses.h"
#include "rules/schema/replay_domain.h"
#include "rules/schema/replay_named.h"

bool
lk_replay_type_taken(struct lk_catalog *catalog, const char *schema, const char *name)
{
    const char *place = schema != NULL ? schema : lk_catalog_creation_schema(catalog);
    const struct lk_defined_type *type = lk_catalog_type(catalog, place, name);
    const struct lk_relation *relation = lk_catalog_relation(catalog, place, name);
    const struct lk_object *other = NULL;

    if (type != NULL)
        other = &type->object;
    else if (relation != NULL && relation->kind != LK_RELATION_INDEX &&
             relation->kind != LK_RELATION_SEQUENCE && relation->kind != LK_RELATION_UNKNOWN)
        other = &relation->object;
    if (other == NULL || other->assumed)
        return false;
    struct lk_refusal *refusal =
        lk_refuse(catalog, "42710", -1, "type \"%s\" already exists", name);
    refusal->object = other;
    refusal->name = lk_quote_ident(catalog->statement_mem, name);
    return true;
}

/* add_type adds a type, unless its name is taken. */
static struct lk_defined_type *
add_type(struct lk_catalog *catalog, const List *words, char kind)
{
    struct lk_qname name = lk_qname_of_list(words);

    if (lk_replay_no_schema(catalog, name.schema) ||
        lk_replay_type_taken(catalog, name.schema, name.name))
        return NULL;
    struct lk_defined_type *type = lk_catalog_add_type(catalog, name.schema, name.name, kind);
    lk_replay_created(catalog, &type->object);
    return type;
}

void
lk_replay_create_composite(struct lk_catalog *catalog, const CompositeTypeStmt *stmt)
{
    const RangeVar *range = stmt->typevar;
    const char *schema =
        range->schemaname != NULL ? range->schemaname : lk_catalog_creation_schema(catalog);
    struct lk_relation *old = lk_catalog_relation(catalog, schema, range->relname);
    ListCell *cell;

    if (lk_replay_type_taken(catalog, schema, range->relname))
        return;
    if (old != NULL && !old->object.assumed) {
        lk_refuse(catalog, "42P07", -1, "relation \"%s\" already exists", range->relname)->object =
            &old->object;
        return;
    }
    foreach(cell, stmt->coldeflist)
        if (lk_refuse_type(catalog, lfirst_node(ColumnDef, cell)->typeName))
            return;
    struct lk_relation *type =
        lk_catalog_add_relation(catalog, schema, range->relname, LK_RELATION_COMPOSITE);
    lk_replay_created(catalog, &type->object);
    foreach(cell, stmt->coldeflist)
        lk_replay_add_attribute(catalog, type, lfirst_node(ColumnDef, cell));
}

void
lk_replay_create_enum(struct lk_catalog *catalog, const CreateEnumStmt *stmt)
{
    struct lk_defined_type *type = add_type(catalog, stmt->typeName, 'e');
    ListCell *cell;

    foreach(cell, stmt->vals)
        if (type != NULL)
            lk_vec_push(type, &type->labels, lk_catalog_keep(catalog, strVal(lfirst(cell))));
}

/* refuse_base refuses a domain over a type that no values are of. */
static bool
refuse_base(struct lk_catalog *catalog, const CreateDomainStmt *stmt, const struct lk_type *base)
{
    const struct lk_builtin_type *info = lk_builtin_type_info(lk_builtin_type_of(base));

    if (info == NULL || info->typtype != 'p')
        return false;
    lk_refuse(catalog, "42804", stmt->typeName->location,
              "\"%s\" is not a valid base type for a domain", base->name);
    return true;
}

void
lk_replay_create_domain(struct lk_catalog *catalog, const CreateDomainStmt *stmt)
{
    size_t mark = lk_catalog_mark(catalog), refusals = catalog->refusals.items.count;
    struct lk_defined_type *type = add_type(catalog, stmt->domainname, 'd');
    ListCell *cell;

    if (type == NULL)
        return;
    bool known = lk_replay_type(catalog, stmt->typeName, &type->base, NULL);
    lk_replay_use_type(catalog, stmt->typeName, &type->object, NULL, 0);
    if (lk_refuse_type(catalog, stmt->typeName) ||
        (known && refuse_base(catalog, stmt, &type->base))) {
        lk_catalog_return_to(catalog, mark);
        return;
    }
    if (stmt->collClause != NULL)
        lk_replay_domain_collation(catalog, type, stmt->collClause);
    foreach(cell, stmt->constraints)
        lk_replay_domain_constraint(catalog, type, lfirst_node(Constraint, cell), cell,
                                    stmt->constraints);
    if (catalog->refusals.items.count > refusals)
        lk_catalog_return_to(catalog, mark);
}

/* multirange_name returns what the server calls the multirange type of a range type. */
static const char *
multirange_name(struct lk_catalog *catalog, const char *range)
{
    TALLOC_CTX *mem = catalog->statement_mem;
    const char *found = strstr(range, "range");

    /* makeMultirangeTypeName(), src/backend/catalog/pg_type.c */
    if (found != NULL) {
        char *name = lk_fmt(mem, "%.*smulti%s", (int)(found - range), range, found);
        name[lk_name_cut(name, LK_MIN(strlen(name), LK_NAME_SIZE - 1))] = '\0';
        return name;
    }
    size_t length = strlen(range);
    return lk_fmt(mem, "%.*s_multirange", (int)LK_MIN(length, 52), range);
}

/* named_multirange returns the name that multirange_type_name gives, or NULL. */
static const List *
named_multirange(const List *params)
{
    ListCell *cell;

    foreach(cell, params) {
        const DefElem *param = lfirst_node(DefElem, cell);
        if (strcmp(param->defname, "multirange_type_name") == 0 && IsA(param->arg, TypeName))
            return ((const TypeName *)param->arg)->names;
    }
    return NULL;
}

void
lk_replay_create_range(struct lk_catalog *catalog, const CreateRangeStmt *stmt)
{
    const List *words = named_multirange(stmt->params);
    struct lk_qname range = lk_qname_of_list(stmt->typeName);
    struct lk_qname name = {range.schema, multirange_name(catalog, range.name)};
    ListCell *cell;

    if (words != NULL)
        name = lk_qname_of_list(words);
    if (lk_refuse_clauses(catalog, LK_CLAUSES_RANGE, stmt->params) ||
        lk_replay_type_taken(catalog, name.schema, name.name))
        return;
    struct lk_defined_type *type = add_type(catalog, stmt->typeName, 'r');
    if (type == NULL)
        return;
    struct lk_defined_type *multirange = lk_catalog_add_type(catalog, name.schema, name.name, 'm');
    lk_replay_created(catalog, &multirange->object);
    lk_depend(catalog, &multirange->object, &type->object, LK_DEPENDS_INTERNAL);
    type->definition = lk_replay_definition(catalog, "type", &type->object);
    foreach(cell, stmt->params) {
        const DefElem *param = lfirst_node(DefElem, cell);
        if (strcmp(param->defname, "subtype") == 0 && IsA(param->arg, TypeName)) {
            const TypeName *subtype = (const TypeName *)param->arg;
            lk_replay_type(catalog, subtype, &type->base, NULL);
            lk_replay_use_type(catalog, subtype, &type->object, type->definition,
                               catalog->statement->span.start);
        }
    }
}

/* A base type takes the place of its shell, which its functions name. */
void
lk_replay_create_base(struct lk_catalog *catalog, const DefineStmt *stmt)
{
    struct lk_qname name = lk_qname_of_list(stmt->defnames);
    const char *schema = name.schema != NULL ? name.schema : lk_catalog_creation_schema(catalog);
    struct lk_defined_type *type = lk_catalog_type(catalog, schema, name.name);
    bool is_shell = type != NULL && type->kind == 's';

    if (!is_shell || stmt->definition == NIL) {
        type = add_type(catalog, stmt->defnames, stmt->definition != NIL ? 'b' : 's');
        if (type == NULL)
            return;
    }
    lk_catalog_touch(catalog, type);
    type->kind = stmt->definition != NIL ? 'b' : 's';
    type->definition = lk_replay_definition(catalog, "type", &type->object);
    lk_replay_lean_on_elements(catalog, &type->object, stmt->definition);
}

/* is_in_c returns whether a function is machine code: of a library, or of the server. */
static bool
is_in_c(const CreateFunctionStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->options) {
        const DefElem *option = lfirst_node(DefElem, cell);
        if (strcmp(option->defname, "language") == 0)
            return strcasecmp(strVal(option->arg), "c") == 0 ||
                   strcasecmp(strVal(option->arg), "internal") == 0;
    }
    return false;
}

void
lk_replay_shell_of_result(struct lk_catalog *catalog, const CreateFunctionStmt *stmt)
{
    const TypeName *result = stmt->returnType;
    struct lk_object *known;
    struct lk_type type;

    if (result == NULL || result->pct_type || result->typmods != NIL ||
        result->arrayBounds != NIL || !is_in_c(stmt))
        return;
    lk_replay_type(catalog, result, &type, &known);
    if (known != NULL || lk_type_is_builtin(&type))
        return;
    struct lk_defined_type *shell = add_type(catalog, result->names, 's');
    if (shell == NULL)
        return;
    const char *name = lk_object_sql(catalog->statement_mem, &shell->object, LK_MENTION_NAME);
    shell->definition =
        lk_text_plain(catalog->objects, lk_fmt(catalog->statement_mem, "CREATE TYPE %s", name));
    uint32_t end = (uint32_t)strlen(shell->definition->sql);
    struct lk_span span = {end - (uint32_t)strlen(name), end};
    lk_text_mention(shell->definition, (struct lk_mention){.span = span, .object = &shell->object});
}
