/*
 * rules/schema/listing.c
 *     A replayed schema as rows: see listing.h.
 */
#include "rules/schema/listing.h"

#include <inttypes.h>

#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "rules/schema/builtin.h"

struct list {
    TALLOC_CTX *mem;
    const struct lk_catalog *catalog;
    struct lk_rows *rows;
};

static void
row(struct list *list, const char *kind, const char *identity, const char *property,
    const char *value)
{
    if (value != NULL)
        lk_vec_push(list->mem, &list->rows->items,
                    ((struct lk_row){kind, identity, property, lk_strdup(list->mem, value)}));
}

static const char *
word(bool is)
{
    return is ? "true" : "false";
}

static char *
letter(struct list *list, char c)
{
    return lk_fmt(list->mem, "%c", c);
}

static char *
below(struct list *list, const char *relation, const char *name)
{
    return lk_fmt(list->mem, "%s.%s", relation, lk_quote_ident(list->mem, name));
}

static char *
names(struct list *list, const char *const *items, size_t count)
{
    struct lk_buf buf = lk_buf_init(list->mem);

    for (size_t i = 0; i < count; i++) {
        lk_buf_sep(&buf, " ");
        lk_buf_add(&buf, items[i] != NULL ? lk_quote_ident(list->mem, items[i]) : "-");
    }
    return buf.data;
}

static const char *
type_sql(struct list *list, const struct lk_type *type, bool known)
{
    struct lk_type qualified = *type;

    if (!known)
        return "?";
    if (type->schema == NULL && !lk_type_is_builtin(type))
        qualified.schema = lk_catalog_extension_schema(list->mem, list->catalog, type->name);
    return lk_type_sql(list->mem, &qualified);
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* note_doubt notes that an object need not be there. */
static void
note_doubt(struct list *list, const char *identity, const struct lk_object *object)
{
    if (object->assumed)
        lk_vec_push(list->mem, &list->rows->doubtful.items, identity);
}

/* is_of_history returns whether a role is one that the history has made. */
static bool
is_of_history(const struct list *list, const char *role)
{
    const struct lk_object *object = lk_catalog_object(list->catalog, LK_CLASS_ROLE, NULL, role);

    return object != NULL && !object->assumed;
}

static void
list_grants(struct list *list, const char *kind, const char *identity,
            const struct lk_object *object)
{
    LK_VEC(const char *) words = {0};
    struct lk_buf buf = lk_buf_init(list->mem);

    lk_vec_foreach(grant, &object->grants)
        if ((*grant)->column == NULL &&
            ((*grant)->grantee == NULL || is_of_history(list, (*grant)->grantee)))
            lk_vec_push(list->mem, &words,
                        lk_fmt(list->mem, "%s=%s%s",
                               (*grant)->grantee != NULL ? (*grant)->grantee : "public",
                               (*grant)->privilege, (*grant)->grantable ? "*" : ""));
    if (words.count == 0)
        return;
    qsort(words.items, words.count, sizeof(words.items[0]), by_text);
    lk_vec_foreach(it, &words) {
        lk_buf_sep(&buf, " ");
        lk_buf_add(&buf, *it);
    }
    row(list, kind, identity, "grants", buf.data);
}

/* is_marked returns whether a column is marked NOT NULL, be it that only new rows are held to it.
 */
static bool
is_marked(const struct lk_relation *table, const struct lk_column *column)
{
    lk_vec_foreach(constraint, &table->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_NOT_NULL &&
            strcmp((*constraint)->columns.items[0], column->object.name) == 0)
            return true;
    return column->not_null;
}

static void
list_column(struct list *list, const char *relation, const struct lk_relation *table, size_t at)
{
    const struct lk_column *column = table->columns.items[at];
    const char *id = below(list, relation, column->object.name);
    bool plain = table->kind != LK_RELATION_COMPOSITE;
    bool stored = table->kind == LK_RELATION_TABLE || table->kind == LK_RELATION_PARTITIONED ||
                  table->kind == LK_RELATION_FOREIGN;

    note_doubt(list, id, &column->object);
    row(list, "column", id, "type", type_sql(list, &column->type, column->type_known));
    row(list, "column", id, "position", table->partial ? "?" : lk_fmt(list->mem, "%zu", at + 1));
    if (plain) {
        row(list, "column", id, "not null",
            column->object.assumed ? "?" : word(is_marked(table, column)));
        row(list, "column", id, "default",
            column->object.assumed ? "?" : word(column->has_default && !column->generated));
    }
    if (column->identity)
        row(list, "column", id, "identity", column->always ? "a" : "d");
    if (column->generated)
        row(list, "column", id, "generated", column->is_virtual ? "v" : "s");
    if (stored)
        row(list, "column", id, "inherited", word(column->inherited));
    if (column->collation != NULL) {
        const char *dot = strrchr(column->collation, '.');
        const char *name = dot != NULL ? dot + 1 : column->collation;
        size_t quoted = *name == '"';
        row(list, "column", id, "collation",
            lk_strndup(list->mem, name + quoted, strlen(name) - 2 * quoted));
    }
    row(list, "column", id, "comment", column->object.comment);
}

static char
constraint_letter(enum lk_constraint_kind kind)
{
    static const char letters[] = {
        [LK_CONSTRAINT_CHECK] = 'c',  [LK_CONSTRAINT_NOT_NULL] = 'n', [LK_CONSTRAINT_PRIMARY] = 'p',
        [LK_CONSTRAINT_UNIQUE] = 'u', [LK_CONSTRAINT_EXCLUDE] = 'x',  [LK_CONSTRAINT_FOREIGN] = 'f',
    };

    return letters[kind];
}

/* target_of returns what a foreign key says of the table that it, or an echo of it, references. */
static const char *
target_of(struct list *list, const struct lk_constraint *constraint,
          const struct lk_relation *target)
{
    struct lk_buf buf = lk_buf_init(list->mem);

    if (target == NULL)
        return "?";
    const char *const *columns = constraint->referenced_columns.items;
    size_t count = constraint->referenced_columns.count;
    if (count == 0) /* those of the primary key */
        lk_vec_foreach(other, &target->constraints)
            if ((*other)->kind == LK_CONSTRAINT_PRIMARY) {
                columns = (*other)->columns.items;
                count = (*other)->columns.count;
            }
    if (count == 0)
        return "?";
    lk_buf_addf(&buf, "%s(%s) %c%c%c", lk_relation_sql(list->mem, target),
                names(list, columns, count),
                constraint->on_delete != 0 ? constraint->on_delete : 'a',
                constraint->on_update != 0 ? constraint->on_update : 'a',
                constraint->match != 0 ? constraint->match : 's');
    return buf.data;
}

static const char *
state_of(struct list *list, const struct lk_constraint *constraint, bool validated)
{
    return lk_fmt(list->mem, "%s %s %s %s %s", word(validated), word(constraint->deferrable),
                  word(constraint->deferred), word(constraint->no_inherit),
                  word(!constraint->not_enforced));
}

static void
list_echo(struct list *list, const char *relation, const struct lk_constraint *constraint,
          const struct lk_echo *echo)
{
    const char *id = below(list, relation, echo->name);

    note_doubt(list, id, &constraint->object);
    row(list, LK_DERIVED_CONSTRAINT, id, "kind", "f");
    row(list, LK_DERIVED_CONSTRAINT, id, "columns",
        names(list, constraint->columns.items, constraint->columns.count));
    row(list, LK_DERIVED_CONSTRAINT, id, "state", state_of(list, constraint, echo->validated));
    row(list, LK_DERIVED_CONSTRAINT, id, "target", target_of(list, constraint, echo->target));
}

static void
list_constraint(struct list *list, const char *relation, const struct lk_constraint *constraint)
{
    enum lk_constraint_kind kind = constraint->kind;
    const char *id = below(list, relation, constraint->object.name);

    note_doubt(list, id, &constraint->object);
    row(list, "constraint", id, "kind", letter(list, constraint_letter(kind)));
    row(list, "constraint", id, "comment", constraint->object.comment);
    if (constraint->relation == NULL) /* of a domain */
        return;
    if (kind != LK_CONSTRAINT_CHECK && kind != LK_CONSTRAINT_EXCLUDE)
        row(list, "constraint", id, "columns",
            names(list, constraint->columns.items, constraint->columns.count));
    if (kind == LK_CONSTRAINT_CHECK || kind == LK_CONSTRAINT_FOREIGN ||
        kind == LK_CONSTRAINT_NOT_NULL)
        row(list, "constraint", id, "state", state_of(list, constraint, constraint->validated));
    if (kind == LK_CONSTRAINT_CHECK)
        row(list, "constraint", id, "inherited", word(constraint->inherited));
    if (kind == LK_CONSTRAINT_FOREIGN)
        row(list, "constraint", id, "target", target_of(list, constraint, constraint->target));
    lk_vec_foreach(echo, &constraint->echoes)
        list_echo(list, relation, constraint, *echo);
}

static void
list_index(struct list *list, const char *id, const struct lk_relation *index)
{
    lk_vec_foreach(key, &index->keys) {
        const struct lk_column *column =
            index->table != NULL && *key != NULL ? lk_relation_column(index->table, *key) : NULL;
        if (column != NULL)
            note_doubt(list, id, &column->object);
    }
    row(list, "index", id, "table",
        index->table != NULL ? lk_relation_sql(list->mem, index->table) : "?");
    row(list, "index", id, "keys", names(list, index->keys.items, index->keys.count));
    row(list, "index", id, "state",
        lk_fmt(list->mem, "%s %s %s %zu %s", word(index->unique), word(index->valid),
               word(index->has_predicate), index->included, word(index->nulls_not_distinct)));
    row(list, "index", id, "method", index->method != NULL ? index->method : "btree");
}

static void
list_sequence(struct list *list, const char *id, const struct lk_relation *relation)
{
    const struct lk_sequence *it = relation->sequence;

    row(list, "sequence", id, "numbers",
        it == NULL
            ? "?"
            : lk_fmt(list->mem, "%s %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %s",
                     it->type, it->start, it->increment, it->min, it->max, it->cache,
                     word(it->cycle)));
    if (relation->table != NULL && relation->keys.count > 0)
        row(list, "sequence", id, "owned by",
            below(list, lk_relation_sql(list->mem, relation->table), relation->keys.items[0]));
}

static void
list_view(struct list *list, const char *id, const struct lk_relation *view)
{
    LK_VEC(const char *) read = {0};
    struct lk_buf buf = lk_buf_init(list->mem);

    lk_vec_foreach(dependency, &view->object.depends) {
        const struct lk_object *on = (*dependency)->on;
        if (on->class == LK_CLASS_RELATION && /* as a type: its columns are read as those are */
            ((const struct lk_relation *)on)->kind == LK_RELATION_COMPOSITE)
            continue;
        if (on->class == LK_CLASS_COLUMN)
            on = &((const struct lk_column *)on)->relation->object;
        if (on->class == LK_CLASS_RELATION)
            lk_vec_push(list->mem, &read,
                        lk_relation_sql(list->mem, (const struct lk_relation *)on));
    }
    if (view->reads_unknown) {
        row(list, "view", id, "reads", "?");
        return;
    }
    if (read.count == 0)
        return;
    qsort(read.items, read.count, sizeof(read.items[0]), by_text);
    for (size_t i = 0; i < read.count; i++) {
        if (i > 0 && strcmp(read.items[i], read.items[i - 1]) == 0)
            continue;
        lk_buf_sep(&buf, " ");
        lk_buf_add(&buf, read.items[i]);
    }
    row(list, "view", id, "reads", buf.data);
}

static void
list_table(struct list *list, const char *id, const struct lk_relation *table)
{
    struct lk_buf parents = lk_buf_init(list->mem);

    if (table->parent != NULL)
        lk_buf_add(&parents, lk_relation_sql(list->mem, table->parent));
    lk_vec_foreach(parent, &table->parents) {
        if (*parent == table->parent)
            continue;
        lk_buf_sep(&parents, " ");
        lk_buf_add(&parents, lk_relation_sql(list->mem, *parent));
    }
    if (parents.len > 0)
        row(list, "relation", id, "parents", parents.data);
    if (table->parent != NULL)
        row(list, "relation", id, "partition", table->is_default ? "default" : "bound");
    if (table->detaching)
        row(list, "relation", id, "detach pending", "true");
    if (table->kind == LK_RELATION_PARTITIONED) {
        const char *key = lk_text_sql(list->mem, table->partition_key);
        row(list, "relation", id, "partitioned by",
            key == NULL ? "?" : letter(list, (char)(key[0] | 0x20)));
    }
    if (table->kind != LK_RELATION_FOREIGN) {
        row(list, "relation", id, "replica identity",
            letter(list, table->replica_identity != 0 ? table->replica_identity : 'd'));
        row(list, "relation", id, "row security",
            lk_fmt(list->mem, "%s %s", word(table->row_security), word(table->force_row_security)));
    }
}

static void
list_parts(struct list *list, const char *id, const struct lk_relation *relation)
{
    lk_vec_foreach(part, &relation->parts) {
        const char *name = below(list, id, (*part)->object.name);
        if ((*part)->object.class == LK_CLASS_POLICY) {
            row(list, "policy", name, "", "");
        } else if ((*part)->object.class == LK_CLASS_RULE) {
            row(list, "rule", name, "state", letter(list, (*part)->state));
        } else {
            const struct lk_part *top = *part; /* a partition's is one with that of the table */
            while (top->parent != NULL)
                top = top->parent;
            row(list, "trigger", name, "state", letter(list, (*part)->state));
            lk_vec_foreach(dependency, &top->object.depends)
                if ((*dependency)->on->class == LK_CLASS_FUNCTION &&
                    ((const struct lk_function *)(*dependency)->on)->arguments.count == 0) {
                    const struct lk_function *function =
                        (const struct lk_function *)(*dependency)->on;
                    row(list, "trigger", name, "function",
                        lk_fmt(list->mem, "%s.%s()", lk_quote_ident(list->mem, function->schema),
                               lk_quote_ident(list->mem, function->object.name)));
                    break;
                }
        }
    }
}

/* is_left_out returns whether an object lies where the server has its own, which is not listed. */
static bool
is_left_out(const struct lk_object *object)
{
    const char *schema = lk_object_schema(object);

    return schema != NULL &&
           (strcmp(schema, "pg_catalog") == 0 || strcmp(schema, "information_schema") == 0);
}

static void
list_relation(struct lk_object *object, void *data)
{
    static const char letters[] = {
        [LK_RELATION_TABLE] = 'r', [LK_RELATION_PARTITIONED] = 'p', [LK_RELATION_FOREIGN] = 'f',
        [LK_RELATION_VIEW] = 'v',  [LK_RELATION_MATVIEW] = 'm',     [LK_RELATION_SEQUENCE] = 'S',
        [LK_RELATION_INDEX] = 'i', [LK_RELATION_COMPOSITE] = 'c',   [LK_RELATION_UNKNOWN] = '?',
    };
    struct list *list = data;
    const struct lk_relation *relation = (const struct lk_relation *)object;
    const char *id = lk_relation_sql(list->mem, relation);

    if (is_left_out(object))
        return;
    if (relation->partial)
        lk_vec_push(list->mem, &list->rows->vague.items, id);
    note_doubt(list, id, object);
    row(list, "relation", id, "kind", letter(list, letters[relation->kind]));
    if (relation->kind != LK_RELATION_COMPOSITE)
        row(list, "relation", id, "persistence",
            relation->temporary ? "t" : (relation->unlogged ? "u" : "p"));
    row(list, "relation", id, "comment", object->comment);
    if (relation->kind != LK_RELATION_COMPOSITE)
        list_grants(list, "relation", id, object);
    if (relation->kind != LK_RELATION_INDEX && object->owner != NULL &&
        is_of_history(list, object->owner))
        row(list, "relation", id, "owner", object->owner);
    for (size_t i = 0; i < relation->columns.count; i++)
        list_column(list, id, relation, i);
    lk_vec_foreach(constraint, &relation->constraints)
        list_constraint(list, id, *constraint);
    list_parts(list, id, relation);
    switch (relation->kind) {
    case LK_RELATION_TABLE:
    case LK_RELATION_PARTITIONED:
    case LK_RELATION_FOREIGN:
        list_table(list, id, relation);
        break;
    case LK_RELATION_MATVIEW:
        row(list, "relation", id, "replica identity", "d");
        list_view(list, id, relation);
        break;
    case LK_RELATION_VIEW:
        list_view(list, id, relation);
        break;
    case LK_RELATION_INDEX:
        list_index(list, id, relation);
        break;
    case LK_RELATION_SEQUENCE:
        list_sequence(list, id, relation);
        break;
    default:
        break;
    }
}

static void
list_schema(struct lk_object *object, void *data)
{
    struct list *list = data;
    const char *id = lk_quote_ident(list->mem, object->name);

    if (strcmp(object->name, "pg_temp") == 0)
        return;
    if (((const struct lk_namespace *)object)->imported)
        lk_vec_push(list->mem, &list->rows->vague.items, id);
    row(list, "schema", id, "", "");
    /* what the server itself says of public is there from the start */
    if (object->comment != NULL && strcmp(object->comment, "standard public schema") != 0)
        row(list, "schema", id, "comment", object->comment);
}

static void
list_type(struct lk_object *object, void *data)
{
    struct list *list = data;
    const struct lk_defined_type *type = (const struct lk_defined_type *)object;
    const char *id = lk_object_sql(list->mem, object, LK_MENTION_QUALIFIED);

    if (strchr("edrb", type->kind) == NULL || is_left_out(object))
        return;
    note_doubt(list, id, object);
    row(list, "type", id, "kind", letter(list, type->kind));
    row(list, "type", id, "comment", object->comment);
    if (type->kind == 'e') {
        struct lk_buf labels = lk_buf_init(list->mem);
        lk_vec_foreach(label, &type->labels) {
            lk_buf_sep(&labels, " ");
            lk_buf_add(&labels, *label);
        }
        if (type->labels.count > 0)
            row(list, "type", id, "labels", labels.data);
    } else if (type->kind == 'd') {
        row(list, "type", id, "base",
            lk_fmt(list->mem, "%s %s %s", lk_type_sql(list->mem, &type->base), word(type->not_null),
                   word(type->default_value != NULL)));
        lk_vec_foreach(constraint, &type->constraints)
            list_constraint(list, id, *constraint);
    }
}

static void
list_function(struct lk_object *object, void *data)
{
    struct list *list = data;
    const struct lk_function *function = (const struct lk_function *)object;

    if (function->signature == NULL || is_left_out(object))
        return;
    const char *id = lk_fmt(list->mem, "%s.%s", lk_quote_ident(list->mem, function->schema),
                            function->signature);
    note_doubt(list, id, object);
    row(list, "function", id, "kind", letter(list, function->kind));
    if (function->kind != 'p')
        row(list, "function", id, "result",
            lk_fmt(list->mem, "%s%s",
                   function->returns_set && function->result_known ? "SETOF " : "",
                   type_sql(list, &function->result, function->result_known)));
    if (function->kind != 'a')
        row(list, "function", id, "volatility", letter(list, function->volatility));
    row(list, "function", id, "comment", object->comment);
}

static void
list_named(struct lk_object *object, void *data)
{
    static const char *const words[] = {
#define LK_CLASS(name, structure, text, place) [LK_CLASS_##name] = text,
#include "rules/schema/classes.def"
#undef LK_CLASS
    };
    struct list *list = data;

    const char *id = lk_object_sql(list->mem, object, LK_MENTION_QUALIFIED);

    if (is_left_out(object))
        return;
    note_doubt(list, id, object);
    row(list, words[object->class], id, "", "");
}

void
lk_rows_of_catalog(TALLOC_CTX *mem, const struct lk_catalog *catalog, struct lk_rows *ret)
{
    static const enum lk_class named[] = {
        LK_CLASS_EXTENSION,
        LK_CLASS_PUBLICATION,
        LK_CLASS_EVENT_TRIGGER,
        LK_CLASS_ROLE,
        LK_CLASS_STATISTICS,
        LK_CLASS_OPERATOR,
        LK_CLASS_OPERATOR_CLASS,
        LK_CLASS_COLLATION,
        LK_CLASS_CONVERSION,
        LK_CLASS_TS_CONFIGURATION,
        LK_CLASS_TS_DICTIONARY,
        LK_CLASS_FOREIGN_SERVER,
        LK_CLASS_FOREIGN_DATA_WRAPPER,
        LK_CLASS_LANGUAGE,
        LK_CLASS_ACCESS_METHOD,
    };
    struct list list = {mem, catalog, ret};

    lk_catalog_objects(catalog, LK_CLASS_SCHEMA, list_schema, &list);
    lk_catalog_objects(catalog, LK_CLASS_RELATION, list_relation, &list);
    lk_catalog_objects(catalog, LK_CLASS_TYPE, list_type, &list);
    lk_catalog_objects(catalog, LK_CLASS_FUNCTION, list_function, &list);
    for (size_t i = 0; i < LK_ARRAY_SIZE(named); i++)
        lk_catalog_objects(catalog, named[i], list_named, &list);
    ret->doubted = lk_catalog_is_doubted(catalog);
    lk_rows_sort(mem, ret);
}
