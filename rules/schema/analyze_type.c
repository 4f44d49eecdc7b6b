/*
 * rules/schema/analyze_type.c
 *     The types of values, and what type names mean.
 */
#include "rules/schema/analyze_private.h"

struct lk_operand
lk_operand_of(const char *builtin)
{
    return (struct lk_operand){
        .typed = {.type = {.schema = lk_pg_catalog, .name = builtin}, .type_known = true}};
}

struct lk_operand
lk_operand_of_column(const struct lk_column *column)
{
    struct lk_operand operand = {.typed = {column->type, column->type_known, column->collation}};

    operand.typed.type.serial = false;
    lk_operand_canonical(&operand);
    return operand;
}

struct lk_operand
lk_operand_of_rows(const struct lk_relation *relation)
{
    return (struct lk_operand){
        .typed = {.type = {.schema = relation->schema, .name = relation->object.name},
                  .type_known = true}};
}

bool
lk_operand_is(const struct lk_operand *operand, const char *builtin)
{
    return operand->typed.type_known && lk_type_is(&operand->typed.type, builtin);
}

const char *
lk_number_type(const char *number)
{
    unsigned long long value = 0;
    unsigned long long most = INT64_MAX, small = INT32_MAX;
    unsigned base = 10;

    if (number[0] == '-') { /* the grammar has folded the sign in */
        number++;
        most++;
        small++;
    }
    if (number[0] == '0' && strchr("xXoObB", number[1]) != NULL && number[1] != 0) {
        base = strchr("xX", number[1]) != NULL ? 16 : strchr("oO", number[1]) != NULL ? 8 : 2;
        number += 2;
    }
    for (; *number != 0; number++) {
        unsigned digit =
            *number <= '9' ? (unsigned)(*number - '0') : (unsigned)((*number | 0x20) - 'a') + 10;
        if (*number == '_')
            continue;
        if (*number < '0' || digit >= base || value > (most - digit) / base)
            return "numeric";
        value = value * base + digit;
    }
    return value <= small ? "int4" : "int8";
}

const struct lk_relation *
lk_operand_relation(const struct lk_analysis *an, const struct lk_operand *operand)
{
    const struct lk_type *type = &operand->typed.type;

    if (!operand->typed.type_known || type->array || lk_type_is_builtin(type))
        return NULL;
    const struct lk_defined_type *domain = lk_catalog_type(an->catalog, type->schema, type->name);
    if (domain != NULL && domain->kind == 'd')
        type = &domain->base;
    if (type->name == NULL || type->array)
        return NULL;
    const struct lk_relation *relation = lk_catalog_relation(an->catalog, type->schema, type->name);
    return relation != NULL && relation->kind != LK_RELATION_INDEX &&
                   relation->kind != LK_RELATION_SEQUENCE
               ? relation
               : NULL;
}

struct lk_operand
lk_operand_field(struct lk_analysis *an, const struct lk_operand *operand, const char *name)
{
    const struct lk_relation *relation = lk_operand_relation(an, operand);
    struct lk_column *column = lk_relation_column(relation, name);

    if (column == NULL) {
        an->incomplete = true;
        return (struct lk_operand){0};
    }
    lk_mention_silently(an, &column->object);
    return lk_operand_of_column(column);
}

/* mention_type mentions the type of the history, or the relation whose rows are of the type. */
static void
mention_type(struct lk_analysis *an, const TypeName *name, struct lk_type *type)
{
    struct lk_qname qname = lk_qname_of_list(name->names);
    struct lk_defined_type *defined = lk_catalog_type(an->catalog, qname.schema, qname.name);
    struct lk_relation *row =
        defined == NULL ? lk_catalog_relation(an->catalog, qname.schema, qname.name) : NULL;

    if (defined == NULL && (row == NULL || row->kind == LK_RELATION_INDEX))
        return;
    type->schema = lk_intern(an->catalog, defined != NULL ? defined->schema : row->schema);
    lk_mention_words(an, name->location, list_length(name->names),
                     defined != NULL ? &defined->object : &row->object, LK_MENTION_QUALIFIED);
}

/* mention_column mentions what `table.column%TYPE` names. */
static struct lk_operand
mention_column(struct lk_analysis *an, const TypeName *name)
{
    struct lk_operand operand = {0};
    int count = list_length(name->names);

    if (count < 2)
        return operand;
    struct lk_qname qname = lk_qname_of_first(name->names, count - 1);
    struct lk_relation *relation = lk_catalog_relation(an->catalog, qname.schema, qname.name);
    const struct lk_column *column = lk_relation_column(relation, strVal(llast(name->names)));
    if (column != NULL)
        operand = lk_operand_of_column(column);
    return operand;
}

struct lk_operand
lk_resolve_type(struct lk_analysis *an, const TypeName *name)
{
    struct lk_operand operand = {0};
    struct lk_type *type = &operand.typed.type;

    if (name == NULL || name->names == NIL)
        return operand;
    if (name->pct_type)
        return mention_column(an, name);
    operand.typed.type_known = lk_type_of(an->mem, name, type);
    type->serial = false;
    if (type->schema != lk_pg_catalog) { /* whose names last anyway */
        type->schema = lk_intern(an->catalog, type->schema);
        type->name = lk_intern(an->catalog, type->name);
    }
    lk_operand_canonical(&operand);
    bool own = operand.typed.type_known && !lk_type_is_builtin(type);
    if (own)
        mention_type(an, name, type);
    if ((own || name->typmods != NIL) && !an->variables && !an->incomplete &&
        an->catalog->refusals.items.count == 0)
        lk_refuse_type(an->catalog, name);
    return operand;
}

const char *
lk_resolve_collation(struct lk_analysis *an, List *name, int location)
{
    struct lk_qname qname = lk_qname_of_list(name);
    struct lk_object *known =
        lk_catalog_object(an->catalog, LK_CLASS_COLLATION, qname.schema, qname.name);

    if (known != NULL) {
        lk_mention_words(an, location, list_length(name), known, LK_MENTION_QUALIFIED);
        return lk_intern(an->catalog, lk_object_sql(an->mem, known, LK_MENTION_QUALIFIED));
    }
    /* what the history does not define is the server's own; most come with its operating system */
    an->unsure |= strcmp(qname.name, "C") != 0 && strcmp(qname.name, "POSIX") != 0 &&
                  strcmp(qname.name, "default") != 0;
    if (qname.schema == NULL)
        qname.schema = "pg_catalog";
    return lk_intern(an->catalog, lk_qname_sql(an->mem, qname));
}
