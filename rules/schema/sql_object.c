/*
 * rules/schema/sql_object.c
 *     Types, texts, comments and grants as SQL.
 */
#include "parser/base/text.h"
#include "parser/pgparse.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/sql_private.h"

/* literal returns a string constant. */
static char *
literal(TALLOC_CTX *mem, const char *text)
{
    struct lk_buf buf = lk_buf_init(mem);

    lk_buf_add(&buf, strchr(text, '\\') != NULL ? "E'" : "'");
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\')
            lk_buf_addc(&buf, *text);
        lk_buf_addc(&buf, *text);
    }
    lk_buf_addc(&buf, '\'');
    return buf.data;
}

static void
write_enum(struct lk_writer *writer, const struct lk_defined_type *type)
{
    lk_buf_add(&writer->out, " AS ENUM (");
    for (size_t i = 0; i < type->labels.count; i++)
        lk_buf_addf(&writer->out, "%s%s", i > 0 ? ", " : "",
                    literal(writer->mem, type->labels.items[i]));
    lk_buf_addc(&writer->out, ')');
}

static void
write_domain(struct lk_writer *writer, const struct lk_defined_type *type)
{
    lk_buf_addf(&writer->out, " AS %s", lk_written_type(writer, &type->base));
    if (type->collation != NULL)
        lk_buf_addf(&writer->out, " COLLATE %s", type->collation);
    if (type->default_value != NULL)
        lk_buf_addf(&writer->out, " DEFAULT %s", lk_text_sql(writer->mem, type->default_value));
    if (type->not_null)
        lk_buf_add(&writer->out, " NOT NULL");
    lk_vec_foreach(constraint, &type->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_CHECK && (*constraint)->validated)
            lk_write_check(writer, *constraint);
}

void
lk_write_type(struct lk_writer *writer, const struct lk_defined_type *type)
{
    const char *name = lk_object_sql(writer->mem, &type->object, LK_MENTION_QUALIFIED);

    if (strchr("edrb", type->kind) == NULL)
        return;
    if (type->kind != 'e' && type->kind != 'd' && type->definition != NULL) {
        lk_write_definition(writer, type->definition);
        return;
    }
    lk_buf_addf(&writer->out, "CREATE %s %s", type->kind == 'd' ? "DOMAIN" : "TYPE", name);
    if (type->kind == 'e')
        write_enum(writer, type);
    else if (type->kind == 'd')
        write_domain(writer, type);
    lk_buf_add(&writer->out, ";\n");
    lk_vec_foreach(constraint, &type->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_CHECK && !(*constraint)->validated) {
            lk_buf_addf(&writer->out, "ALTER DOMAIN %s ADD", name);
            lk_write_check(writer, *constraint);
            lk_buf_add(&writer->out, " NOT VALID;\n");
        }
}

void
lk_write_definition(struct lk_writer *writer, const struct lk_text *definition)
{
    if (definition != NULL)
        lk_buf_addf(&writer->out, "%s;\n", lk_text_sql(writer->mem, definition));
}

void
lk_write_part(struct lk_writer *writer, const struct lk_part *part)
{
    const char *state = part->state == 'D'   ? "DISABLE"
                        : part->state == 'R' ? "ENABLE REPLICA"
                        : part->state == 'A' ? "ENABLE ALWAYS"
                                             : NULL;

    lk_write_definition(writer, part->definition);
    if (state != NULL && part->object.class != LK_CLASS_POLICY)
        lk_buf_addf(&writer->out, "ALTER TABLE %s %s %s %s;\n",
                    lk_relation_sql(writer->mem, part->relation), state,
                    part->object.class == LK_CLASS_RULE ? "RULE" : "TRIGGER",
                    lk_quote_ident(writer->mem, part->object.name));
}

/* relation_word returns what a relation is called in COMMENT ON and ALTER. */
static const char *
relation_word(const struct lk_relation *relation)
{
    static const char *const words[] = {
        [LK_RELATION_TABLE] = "TABLE",
        [LK_RELATION_PARTITIONED] = "TABLE",
        [LK_RELATION_FOREIGN] = "FOREIGN TABLE",
        [LK_RELATION_VIEW] = "VIEW",
        [LK_RELATION_MATVIEW] = "MATERIALIZED VIEW",
        [LK_RELATION_SEQUENCE] = "SEQUENCE",
        [LK_RELATION_INDEX] = "INDEX",
        [LK_RELATION_COMPOSITE] = "TYPE",
        [LK_RELATION_UNKNOWN] = "TABLE",
    };

    return words[relation->kind];
}

static char *
constrained_words(TALLOC_CTX *mem, const struct lk_constraint *constraint)
{
    if (constraint->relation != NULL)
        return lk_relation_sql(mem, constraint->relation);
    return lk_fmt(mem, "DOMAIN %s",
                  lk_object_sql(mem, &constraint->domain->object, LK_MENTION_QUALIFIED));
}

static char *
function_words(TALLOC_CTX *mem, const struct lk_function *function)
{
    const char *word = function->kind == 'a'   ? "AGGREGATE"
                       : function->kind == 'p' ? "PROCEDURE"
                                               : "FUNCTION";
    size_t length = strlen(function->signature);
    bool all = function->kind == 'a' && lk_ends_with(function->signature, "()"); /* as count(*) */

    return lk_fmt(mem, "%s %s.%.*s%s", word, lk_quote_ident(mem, function->schema),
                  (int)(all ? length - 1 : length), function->signature, all ? "*)" : "");
}

/* object_words returns "TABLE a.b", "FUNCTION f(integer)": how statements point to an object. */
static char *
object_words(struct lk_writer *writer, const struct lk_object *object)
{
    static const char *const words[] = {
#define LK_CLASS(name, structure, text, place) [LK_CLASS_##name] = text,
#include "rules/schema/classes.def"
#undef LK_CLASS
    };
    TALLOC_CTX *mem = writer->mem;
    char *name = lk_object_sql(mem, object, LK_MENTION_QUALIFIED);
    const struct lk_named *named = (const struct lk_named *)object;

    switch (object->class) {
    case LK_CLASS_RELATION:
        return lk_fmt(mem, "%s %s", relation_word((const struct lk_relation *)object), name);
    case LK_CLASS_COLUMN:
        return lk_fmt(mem, "COLUMN %s.%s",
                      lk_relation_sql(mem, ((const struct lk_column *)object)->relation), name);
    case LK_CLASS_CONSTRAINT:
        return lk_fmt(mem, "CONSTRAINT %s ON %s", name,
                      constrained_words(mem, (const struct lk_constraint *)object));
    case LK_CLASS_TRIGGER:
    case LK_CLASS_RULE:
    case LK_CLASS_POLICY:
        return lk_fmt(mem, "%s %s ON %s", words[object->class], name,
                      lk_relation_sql(mem, ((const struct lk_part *)object)->relation));
    case LK_CLASS_FUNCTION:
        return function_words(mem, (const struct lk_function *)object);
    case LK_CLASS_OPERATOR:
        return lk_fmt(mem, "OPERATOR %s %s", name, named->kind);
    case LK_CLASS_OPERATOR_CLASS:
    case LK_CLASS_OPERATOR_FAMILY:
        return lk_fmt(mem, "%s %s USING %s", words[object->class], name,
                      lk_quote_ident(mem, named->kind));
    case LK_CLASS_CAST: /* what names these is no word */
    case LK_CLASS_TRANSFORM:
        return lk_fmt(mem, "%s %s", words[object->class], object->name);
    case LK_CLASS_STATISTICS:
        return lk_fmt(mem, "STATISTICS %s", name);
    case LK_CLASS_FOREIGN_DATA_WRAPPER:
        return lk_fmt(mem, "FOREIGN DATA WRAPPER %s", name);
    case LK_CLASS_TYPE:
        return lk_fmt(mem, "%s %s",
                      ((const struct lk_defined_type *)object)->kind == 'd' ? "DOMAIN" : "TYPE",
                      name);
    default:
        return lk_fmt(mem, "%s %s", words[object->class], name);
    }
}

/* is_of_public returns whether PUBLIC still has what it has by default. */
static bool
is_of_public(const struct lk_object *object, const char *privilege)
{
    lk_vec_foreach(grant, &object->grants)
        if ((*grant)->grantee == NULL && strcmp((*grant)->privilege, privilege) == 0)
            return true;
    return false;
}

/* write_grants adds GRANT and REVOKE, each behind `before`. */
static void
write_grants(struct lk_writer *writer, const struct lk_object *object, const char *before,
             const char *words)
{
    const char *of_public = lk_privileges_of_public(object);

    if (object->granted && of_public != NULL && !is_of_public(object, of_public))
        lk_buf_addf(&writer->out, "%sREVOKE %s ON %s FROM PUBLIC;\n", before, of_public, words);
    lk_vec_foreach(grant, &object->grants) {
        const char *column = (*grant)->column;
        lk_buf_addf(&writer->out, "%sGRANT %s", before, (*grant)->privilege);
        if (column != NULL)
            lk_buf_addf(&writer->out, " (%s)", lk_quote_ident(writer->mem, column));
        lk_buf_addf(&writer->out, " ON %s TO %s%s;\n", words,
                    (*grant)->grantee != NULL ? lk_quote_ident(writer->mem, (*grant)->grantee)
                                              : "PUBLIC",
                    (*grant)->grantable ? " WITH GRANT OPTION" : "");
    }
}

void
lk_write_default_privileges(struct lk_writer *writer, const struct lk_named *defaults)
{
    const struct lk_object *object = &defaults->object;
    struct lk_buf before = lk_buf_init(writer->mem);

    lk_buf_add(&before, "ALTER DEFAULT PRIVILEGES ");
    if (object->owner != NULL)
        lk_buf_addf(&before, "FOR ROLE %s ", lk_quote_ident(writer->mem, object->owner));
    lk_vec_foreach(dependency, &object->depends)
        if ((*dependency)->on->class == LK_CLASS_SCHEMA)
            lk_buf_addf(&before, "IN SCHEMA %s ",
                        lk_quote_ident(writer->mem, (*dependency)->on->name));
    write_grants(writer, object, before.data, defaults->kind);
}

/*
 * grant_words returns how GRANT points to an object: views and the like are tables to it,
 * aggregates functions.
 */
static const char *
grant_words(struct lk_writer *writer, const struct lk_object *object, const char *words)
{
    const struct lk_relation *relation = (const struct lk_relation *)object;
    const struct lk_function *function = (const struct lk_function *)object;

    if (object->class == LK_CLASS_FOREIGN_SERVER)
        return lk_fmt(writer->mem, "FOREIGN %s", words);
    if (object->class == LK_CLASS_FUNCTION && function->kind == 'a')
        return lk_fmt(writer->mem, "FUNCTION %s.%s", lk_quote_ident(writer->mem, function->schema),
                      function->signature);
    if (object->class != LK_CLASS_RELATION || relation->kind == LK_RELATION_SEQUENCE ||
        relation->kind == LK_RELATION_COMPOSITE)
        return words;
    return lk_relation_sql(writer->mem, relation);
}

/* has_owner returns whether an object's owner can be said: it is not that of what it belongs to. */
static bool
has_owner(const struct lk_object *object)
{
    const struct lk_relation *relation = (const struct lk_relation *)object;

    return object->owner != NULL && object->class != LK_CLASS_COLUMN &&
           object->class != LK_CLASS_EXTENSION &&
           !(object->class == LK_CLASS_RELATION && relation->kind == LK_RELATION_INDEX);
}

static void
write_own(struct lk_writer *writer, const struct lk_object *object)
{
    const char *words;

    if (object->owner == NULL && object->comment == NULL && object->grants.count == 0 &&
        !object->granted)
        return;
    words = object_words(writer, object);
    if (has_owner(object))
        lk_buf_addf(&writer->out, "ALTER %s OWNER TO %s;\n", words,
                    lk_quote_ident(writer->mem, object->owner));
    if (object->comment != NULL)
        lk_buf_addf(&writer->out, "COMMENT ON %s IS %s;\n", words,
                    literal(writer->mem, object->comment));
    write_grants(writer, object, "", grant_words(writer, object, words));
}

/* write_members adds what a publication publishes, and the roles that a role is a member of. */
static void
write_members(struct lk_writer *writer, const struct lk_named *named)
{
    const char *name = lk_quote_ident(writer->mem, named->object.name);

    lk_vec_foreach(item, &named->members) {
        const struct lk_member *member = *item;
        const struct lk_object *object = member->object;
        if (named->object.class == LK_CLASS_ROLE) {
            lk_buf_addf(&writer->out, "GRANT %s TO %s", lk_quote_ident(writer->mem, member->name),
                        name);
            if (member->options != NULL)
                lk_buf_addf(&writer->out, " WITH %s", lk_text_sql(writer->mem, member->options));
        } else if (object == NULL) {
            lk_buf_addf(&writer->out, "-- unknown: publication %s: %s\n", name,
                        lk_quote_ident(writer->mem, member->name));
            continue;
        } else {
            lk_buf_addf(&writer->out, "ALTER PUBLICATION %s ADD %s %s", name,
                        object->class == LK_CLASS_SCHEMA ? "TABLES IN SCHEMA" : "TABLE",
                        lk_object_sql(writer->mem, object, LK_MENTION_QUALIFIED));
        }
        if (member->columns.count > 0) {
            lk_buf_add(&writer->out, " (");
            lk_write_names(writer, member->columns.items, member->columns.count);
            lk_buf_addc(&writer->out, ')');
        }
        if (member->condition != NULL)
            lk_buf_addf(&writer->out, " WHERE (%s)", lk_text_sql(writer->mem, member->condition));
        lk_buf_add(&writer->out, ";\n");
    }
}

void
lk_write_about(struct lk_writer *writer, const struct lk_object *object)
{
    const struct lk_relation *relation = (const struct lk_relation *)object;

    write_own(writer, object);
    if (object->class == LK_CLASS_TYPE)
        lk_vec_foreach(constraint, &((const struct lk_defined_type *)object)->constraints)
            write_own(writer, &(*constraint)->object);
    if (object->class == LK_CLASS_PUBLICATION || object->class == LK_CLASS_ROLE)
        write_members(writer, (const struct lk_named *)object);
    if (object->class != LK_CLASS_RELATION)
        return;
    lk_vec_foreach(column, &relation->columns)
        write_own(writer, &(*column)->object);
    lk_vec_foreach(constraint, &relation->constraints)
        write_own(writer, &(*constraint)->object);
    lk_vec_foreach(index, &relation->indexes)
        write_own(writer, &(*index)->object);
    lk_vec_foreach(part, &relation->parts)
        write_own(writer, &(*part)->object);
}
