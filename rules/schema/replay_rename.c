/*
 * rules/schema/replay_rename.c
 *     RENAME and SET SCHEMA, whatever the object.
 */
#include "parser/pgparse.h"
#include "rules/schema/replay_part.h"
#include "rules/schema/replay_relation.h"
#include "rules/schema/replay_type.h"

/* ---- columns ---- */

/* rename_in replaces a column's name in a list of names. */
static void
rename_in(const char **names, size_t count, const char *old, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (names[i] != NULL && strcmp(names[i], old) == 0)
            names[i] = name;
}

struct renaming {
    struct lk_catalog *catalog;
    const struct lk_relation *relation;
    const char *old, *name;
};

/* rename_published follows a column in the list of columns that a publication publishes. */
static void
rename_published(struct lk_object *object, void *data)
{
    const struct renaming *renaming = data;
    struct lk_named *publication = (struct lk_named *)object;

    for (size_t i = 0; i < publication->members.count; i++) {
        struct lk_member member = *publication->members.items[i];
        if (member.object != &renaming->relation->object || member.columns.count == 0)
            continue;
        lk_catalog_touch(renaming->catalog, publication);
        member.columns.items = lk_memdup(renaming->catalog->objects, member.columns.items,
                                         member.columns.capacity * sizeof(const char *));
        rename_in(member.columns.items, member.columns.count, renaming->old, renaming->name);
        publication->members.items[i] =
            lk_memdup(renaming->catalog->objects, &member, sizeof(member));
    }
}

/* rename_granted follows a column in the privileges on it. */
static void
rename_granted(const struct renaming *renaming, struct lk_object *relation)
{
    for (size_t i = 0; i < relation->grants.count; i++) {
        struct lk_grant grant = *relation->grants.items[i];
        if (grant.column == NULL || strcmp(grant.column, renaming->old) != 0)
            continue;
        lk_catalog_touch(renaming->catalog, relation);
        grant.column = renaming->name;
        relation->grants.items[i] = lk_memdup(renaming->catalog->objects, &grant, sizeof(grant));
    }
}

static void
rename_in_constraints(const struct renaming *renaming)
{
    const struct lk_relation *relation = renaming->relation;
    const char *old = renaming->old, *name = renaming->name;

    lk_vec_foreach(item, &relation->constraints) {
        struct lk_constraint *constraint = *item;
        lk_catalog_touch(renaming->catalog, constraint);
        rename_in(constraint->columns.items, constraint->columns.count, old, name);
        rename_in(constraint->not_null.items, constraint->not_null.count, old, name);
        rename_in(constraint->set_columns.items, constraint->set_columns.count, old, name);
    }
    lk_vec_foreach(referrer, &relation->referrers)
        lk_vec_foreach(item, &(*referrer)->constraints) {
            struct lk_constraint *constraint = *item;
            if (constraint->target != relation)
                continue;
            lk_catalog_touch(renaming->catalog, constraint);
            rename_in(constraint->referenced_columns.items, constraint->referenced_columns.count,
                      old, name);
        }
}

static bool
has_children(const struct lk_catalog *catalog, const struct lk_relation *relation)
{
    lk_vec_foreach(child, &relation->children)
        if (lk_is_there(catalog, *child))
            return true;
    return false;
}

/*
 * refuses_inherited returns whether a part of a table has the name of its parent's, or those that
 * inherit it would keep theirs. Source: renameatt_internal(), rename_constraint_internal(),
 * src/backend/commands/tablecmds.c.
 */
static bool
refuses_inherited(struct lk_catalog *catalog, const struct lk_relation *relation,
                  const RenameStmt *stmt, const char *what, size_t parents, bool is_inherited)
{
    if (is_inherited && !stmt->relation->inh && has_children(catalog, relation)) {
        lk_refuse(catalog, "42P16", -1, "inherited %s \"%s\" must be renamed in child tables too",
                  what, stmt->subname);
        return true;
    }
    if (parents == 0)
        return false;
    lk_refuse(catalog, "42P16", -1, "cannot rename inherited %s \"%s\"", what, stmt->subname);
    return true;
}

/* refuses_column returns whether a column's new name is taken, or its old one is not there. */
static bool
refuses_column(struct lk_catalog *catalog, const struct lk_relation *relation,
               const RenameStmt *stmt)
{
    const struct lk_column *column = lk_relation_column(relation, stmt->subname);
    const struct lk_column *taken = lk_relation_column(relation, stmt->newname);

    if (column == NULL) {
        if (!relation->partial && !relation->object.assumed)
            lk_refuse(catalog, "42703", -1, "column \"%s\" does not exist", stmt->subname)->object =
                &relation->object;
        return true;
    }
    if (taken == NULL)
        return lk_refuse_system_name(catalog, stmt->newname);
    if (!taken->object.assumed)
        lk_refuse(catalog, "42701", -1, "column \"%s\" of relation \"%s\" already exists",
                  stmt->newname, relation->object.name)
            ->object = &taken->object;
    return true;
}

/* keep_key_names: an index's own columns stay called as they were, and so are those of its copies.
 */
static void
keep_key_names(struct lk_relation *index)
{
    if (index->key_names.count == 0)
        lk_vec_foreach(key, &index->keys)
            lk_vec_push(index, &index->key_names, *key);
}

static void
rename_column(struct lk_catalog *catalog, struct lk_relation *relation, const RenameStmt *stmt)
{
    const char *name = lk_catalog_keep(catalog, stmt->newname);
    struct renaming renaming = {catalog, relation, stmt->subname, name};

    if (lk_relation_column(relation, stmt->subname) == NULL && relation->partial)
        lk_catalog_add_column(catalog, relation, stmt->subname)->object.assumed = true;
    if (refuses_column(catalog, relation, stmt))
        return;
    rename_in_constraints(&renaming);
    lk_vec_foreach(index, &relation->indexes) {
        lk_catalog_touch(catalog, *index);
        keep_key_names(*index);
        rename_in((*index)->keys.items, (*index)->keys.count, stmt->subname, name);
        rename_in((*index)->uses.items, (*index)->uses.count, stmt->subname, name);
    }
    lk_vec_foreach(sequence, &relation->sequences) {
        lk_catalog_touch(catalog, *sequence);
        rename_in((*sequence)->keys.items, (*sequence)->keys.count, stmt->subname, name);
    }
    rename_granted(&renaming, &relation->object);
    lk_catalog_objects(catalog, LK_CLASS_PUBLICATION, rename_published, &renaming);
    lk_catalog_rename_part(catalog, relation, &lk_relation_column(relation, stmt->subname)->object,
                           name);
}

/* rename_columns renames a column of a table, of its partitions and of those that inherit it. */
static void
rename_columns(struct lk_catalog *catalog, struct lk_relation *relation, const RenameStmt *stmt)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(catalog->pool);
    struct lk_relations children = {0};
    size_t refusals = catalog->refusals.items.count;

    if (relation->of_type != NULL && stmt->renameType == OBJECT_COLUMN) {
        lk_refuse(catalog, "42809", -1, "cannot rename column of typed table");
        return;
    }
    if (stmt->renameType == OBJECT_COLUMN && lk_is_known(relation) &&
        lk_relation_column(relation, stmt->subname) != NULL &&
        refuses_inherited(catalog, relation, stmt, "column",
                          lk_column_parents(relation, stmt->subname), true))
        return;
    rename_column(catalog, relation, stmt);
    if (!stmt->relation->inh || catalog->refusals.items.count > refusals)
        return;
    lk_catalog_descendants(scratch, catalog, relation, &children);
    lk_vec_foreach(child, &children.items)
        rename_column(catalog, *child, stmt);
}

/* ---- relations and what belongs to them ---- */

/* taken_relation refuses the name of a relation that another one has. */
static bool
taken_relation(struct lk_catalog *catalog, const char *schema, const char *name)
{
    const struct lk_relation *other = lk_catalog_relation(catalog, schema, name);

    if (other == NULL)
        return false;
    if (!other->object.assumed)
        lk_refuse(catalog, "42P07", -1, "relation \"%s\" already exists", name)->object =
            &other->object;
    return true;
}

/* move_relation renames it, or puts it into another schema; row types are followed. */
static void
move_relation(struct lk_catalog *catalog, struct lk_relation *relation, const char *schema,
              const char *name)
{
    struct lk_moved moved = {.old_schema = lk_catalog_keep(catalog, relation->schema),
                             .old_name = lk_catalog_keep(catalog, relation->object.name)};

    if (relation->kind == LK_RELATION_COMPOSITE)
        lk_replay_note_users(catalog, &relation->object);
    lk_catalog_move_relation(catalog, relation, schema, name);
    moved.schema = relation->schema;
    moved.name = relation->object.name;
    lk_replay_rename_uses(catalog, &relation->object, &moved);
}

static void
rename_relation(struct lk_catalog *catalog, struct lk_relation *relation, const char *name)
{
    if (taken_relation(catalog, relation->schema, name))
        return;
    struct lk_relation *table = relation->kind == LK_RELATION_INDEX ? relation->table : NULL;
    const char *old = lk_catalog_keep(catalog, relation->object.name);
    move_relation(catalog, relation, NULL, name);
    /* a constraint is renamed along with its index */
    if (table == NULL)
        return;
    struct lk_constraint *constraint = lk_relation_constraint(table, old);
    if (constraint != NULL && constraint->index == relation)
        lk_catalog_rename_part(catalog, table, &constraint->object, name);
}

/*
 * refuse_heirs refuses to rename a constraint that one of the tables which inherit it has by
 * another name, or that have one of the new name.
 * Source: rename_constraint_internal(), src/backend/commands/tablecmds.c.
 */
static bool
refuse_heirs(struct lk_catalog *catalog, const struct lk_relations *heirs, const char *old,
             const char *name)
{
    lk_vec_foreach(heir, &heirs->items) {
        if (lk_refuse_constraint_taken(catalog, *heir, name))
            return true;
        if (!lk_is_known(*heir) || lk_relation_constraint(*heir, old) != NULL)
            continue;
        lk_refuse(catalog, "42704", -1, "constraint \"%s\" for table \"%s\" does not exist", old,
                  (*heir)->object.name)
            ->object = &(*heir)->object;
        return true;
    }
    return false;
}

/* rename_constraint renames it, and where it is inherited in the tables that inherit it. */
static void
rename_constraint(struct lk_catalog *catalog, struct lk_relation *relation,
                  struct lk_constraint *constraint, const char *name, bool inherited)
{
    const char *old = lk_catalog_keep(catalog, constraint->object.name);
    struct lk_relations heirs = {0};

    if (lk_refuse_constraint_taken(catalog, relation, name))
        return;
    if (constraint->index != NULL && taken_relation(catalog, constraint->index->schema, name))
        return;
    if (inherited)
        lk_catalog_descendants(catalog->statement_mem, catalog, relation, &heirs);
    if (refuse_heirs(catalog, &heirs, old, name))
        return;
    lk_vec_foreach(heir, &heirs.items) {
        struct lk_constraint *own = lk_relation_constraint(*heir, old);
        if (own != NULL)
            lk_catalog_rename_part(catalog, *heir, &own->object, name);
    }
    lk_catalog_rename_part(catalog, relation, &constraint->object, name);
    if (constraint->index != NULL)
        lk_catalog_move_relation(catalog, constraint->index, NULL, name);
}

/* rename_echo renames what a foreign key has for a partition; returns whether there is such. */
static bool
rename_echo(struct lk_catalog *catalog, const RenameStmt *stmt)
{
    const RangeVar *range = stmt->relation;

    if (stmt->renameType != OBJECT_TABCONSTRAINT || range == NULL)
        return false;
    const struct lk_relation *relation =
        lk_catalog_relation(catalog, range->schemaname, range->relname);
    struct lk_constraint *key =
        relation != NULL ? lk_relation_echoing(relation, stmt->subname) : NULL;
    if (key != NULL && !lk_refuse_constraint_taken(catalog, relation, stmt->newname))
        lk_echo_rename(catalog, key, stmt->subname, stmt->newname);
    return key != NULL;
}

/* ---- everything else ---- */

static void
move_type(struct lk_catalog *catalog, struct lk_defined_type *type, const char *schema,
          const char *name)
{
    struct lk_moved moved = {.old_schema = lk_catalog_keep(catalog, type->schema),
                             .old_name = lk_catalog_keep(catalog, type->object.name)};

    if (lk_replay_type_taken(catalog, schema != NULL ? schema : type->schema,
                             name != NULL ? name : type->object.name))
        return;
    lk_replay_note_users(catalog, &type->object);
    lk_catalog_move_type(catalog, type, schema, name);
    moved.schema = type->schema;
    moved.name = type->object.name;
    lk_replay_rename_uses(catalog, &type->object, &moved);
}

/* taken_function refuses a name and schema where there is a function with the same inputs. */
static bool
taken_function(struct lk_catalog *catalog, const struct lk_function *function, const char *schema,
               const char *name)
{
    const char *inputs = strchr(function->signature, '(');
    struct lk_function *other = NULL;

    while ((other = lk_catalog_functions(catalog, schema, name, other))) {
        const char *others = other->signature + strlen(other->signature) - strlen(inputs);
        if (other == function || strlen(other->signature) < strlen(inputs) ||
            strcmp(others, inputs) != 0 || other->object.assumed)
            continue;
        lk_refuse(catalog, "42723", -1, "function %s already exists in schema \"%s\"",
                  other->signature, schema)
            ->object = &other->object;
        return true;
    }
    return false;
}

/* taken refuses the name of an object of the other classes. */
static bool
taken(struct lk_catalog *catalog, const struct lk_object *object, const char *schema,
      const char *name)
{
    const struct lk_object *other;

    if (object->class == LK_CLASS_FUNCTION)
        return taken_function(catalog, (const struct lk_function *)object, schema, name);
    if (object->class == LK_CLASS_SCHEMA) {
        const struct lk_namespace *namespace = lk_catalog_schema(catalog, name);
        if (namespace == NULL || namespace->object.assumed)
            return false;
        lk_refuse(catalog, "42P06", -1, "schema \"%s\" already exists", name)->object =
            &namespace->object;
        return true;
    }
    const struct lk_named *named = (const struct lk_named *)object;
    other = (const struct lk_object *)lk_replay_named(catalog, object->class, schema, name,
                                                      named->kind);
    if (other == NULL || other == object || other->assumed)
        return false;
    if (schema != NULL)
        lk_refuse(catalog, "42710", -1, "%s \"%s\" already exists in schema \"%s\"",
                  lk_class_words(object->class), name, schema);
    else
        lk_refuse(catalog, "42710", -1, "%s \"%s\" already exists", lk_class_words(object->class),
                  name);
    lk_vec_last(&catalog->refusals.items)->object = other;
    return true;
}

struct role_change {
    struct lk_catalog *catalog;
    const char *old, *name;
};

/* rename_role follows a role as an owner and where it has privileges. */
static void
rename_role(struct lk_object *object, void *data)
{
    const struct role_change *change = data;

    if (object->owner != NULL && strcmp(object->owner, change->old) == 0) {
        lk_catalog_touch(change->catalog, object);
        object->owner = change->name;
    }
    for (size_t i = 0; i < object->grants.count; i++) {
        struct lk_grant grant = *object->grants.items[i];
        if (grant.grantee == NULL || strcmp(grant.grantee, change->old) != 0)
            continue;
        lk_catalog_touch(change->catalog, object);
        grant.grantee = change->name;
        object->grants.items[i] = lk_memdup(change->catalog->objects, &grant, sizeof(grant));
    }
}

static void
rename_members(struct lk_object *object, void *data)
{
    const struct role_change *change = data;
    struct lk_named *role = (struct lk_named *)object;

    for (size_t i = 0; i < role->members.count; i++) {
        struct lk_member member = *role->members.items[i];
        if (member.name == NULL || strcmp(member.name, change->old) != 0)
            continue;
        lk_catalog_touch(change->catalog, role);
        member.name = change->name;
        role->members.items[i] = lk_memdup(change->catalog->objects, &member, sizeof(member));
    }
}

static void
rename_everywhere(struct lk_catalog *catalog, const char *old, const char *new)
{
    struct role_change change = {catalog, old, lk_catalog_keep(catalog, new)};

    for (enum lk_class class = 0; class < LK_CLASS_COUNT; class ++)
        lk_catalog_objects(catalog, class, rename_role, &change);
    lk_catalog_objects(catalog, LK_CLASS_ROLE, rename_members, &change);
}

/* From this version on it is certain how renaming a clone is refused. */
#define CLONES_ARE_REFUSED 18

/* refuse_part refuses to rename a trigger that follows its parent's, or to a name that is taken. */
static bool
refuse_part(struct lk_catalog *catalog, const struct lk_part *part, const char *name)
{
    const char *table = part->relation->object.name;
    const struct lk_part *other = lk_part_find(part->relation, part->object.class, name);

    if (other == part && part->object.class == LK_CLASS_TRIGGER) /* it has that name already */
        return true;
    if (part->object.class == LK_CLASS_TRIGGER && part->parent != NULL) {
        if (lk_catalog_version(catalog) < CLONES_ARE_REFUSED)
            return true;
        lk_refuse(catalog, "0A000", -1, "cannot rename trigger \"%s\" on table \"%s\"",
                  part->object.name, table)
            ->object = &part->object;
        return true;
    }
    if (other == NULL || other->object.assumed)
        return false;
    lk_refuse(catalog, "42710", -1, "%s \"%s\" for %s \"%s\" already exists",
              lk_class_words(part->object.class), name,
              part->object.class == LK_CLASS_POLICY ? "table" : "relation", table)
        ->object = &other->object;
    return true;
}

/* rename_part renames a trigger, rule or policy, and the clones on partitions. */
static void
rename_part(struct lk_catalog *catalog, struct lk_part *part, const char *name)
{
    const struct lk_relation *relation = part->relation;

    lk_catalog_move_object(catalog, &part->object, NULL, name);
    for (size_t i = 0; part->each_row && i < relation->children.count; i++)
        lk_vec_foreach(own, &relation->children.items[i]->parts)
            if ((*own)->parent == part)
                rename_part(catalog, *own, name);
}

static void
rename_object(struct lk_catalog *catalog, struct lk_object *object, const char *name)
{
    const char *schema = lk_object_schema(object);

    if (object->class == LK_CLASS_TYPE) {
        move_type(catalog, (struct lk_defined_type *)object, NULL, name);
        return;
    }
    if (object->class == LK_CLASS_TRIGGER || object->class == LK_CLASS_RULE ||
        object->class == LK_CLASS_POLICY) {
        struct lk_part *part = (struct lk_part *)object;
        if (!refuse_part(catalog, part, name))
            rename_part(catalog, part, name);
        return;
    }
    if (taken(catalog, object, schema, name))
        return;
    if (object->class == LK_CLASS_ROLE)
        rename_everywhere(catalog, object->name, name);
    lk_catalog_move_object(catalog, object, NULL, name);
    if (object->class == LK_CLASS_FUNCTION)
        lk_replay_sign(catalog, (struct lk_function *)object);
}

/* find_renamed returns what RENAME is about; what is only named with IF EXISTS is not assumed. */
static struct lk_object *
find_renamed(struct lk_catalog *catalog, const RenameStmt *stmt)
{
    String name = {.type = T_String, .sval = stmt->subname};
    struct lk_sought sought = {.type = stmt->renameType,
                               .relation = stmt->relation,
                               .object = stmt->object,
                               .part = stmt->subname,
                               .missing_ok = stmt->missing_ok};

    switch (stmt->renameType) {
    case OBJECT_SCHEMA:
    case OBJECT_ROLE:
    case OBJECT_TABLESPACE:
        sought.object = (Node *)&name;
        break;
    case OBJECT_DOMCONSTRAINT:
        return NULL;
    case OBJECT_COLUMN:
    case OBJECT_ATTRIBUTE:
        sought.type = OBJECT_TABLE;
        break;
    default:
        break;
    }
    return lk_replay_find(catalog, &sought);
}

static void
rename_domain_constraint(struct lk_catalog *catalog, const RenameStmt *stmt)
{
    struct lk_object *domain = lk_replay_find_as(catalog, OBJECT_DOMAIN, NULL, stmt->object);
    struct lk_constraint *constraint = NULL;

    if (domain != NULL && domain->class == LK_CLASS_TYPE)
        constraint = lk_type_constraint((struct lk_defined_type *)domain, stmt->subname);
    if (constraint == NULL)
        return;
    lk_catalog_touch(catalog, constraint);
    constraint->object.name = lk_catalog_keep(catalog, stmt->newname);
}

void
lk_replay_rename(struct lk_catalog *catalog, const RenameStmt *stmt)
{
    if (stmt->renameType == OBJECT_DOMCONSTRAINT) {
        rename_domain_constraint(catalog, stmt);
        return;
    }
    if (rename_echo(catalog, stmt))
        return;
    const struct lk_object_kind *kind = lk_replay_kind(stmt->renameType);
    struct lk_object *object = find_renamed(catalog, stmt);
    struct lk_relation *relation = (struct lk_relation *)object;
    if (object == NULL) {
        /* what is renamed is there, or the statement fails */
        if (stmt->relation == NULL || stmt->missing_ok || kind == NULL ||
            kind->class != LK_CLASS_RELATION || catalog->refusals.items.count > 0 ||
            lk_refuse_missing(catalog, stmt->relation))
            return;
        relation = lk_catalog_assume(catalog, stmt->relation->schemaname, stmt->relation->relname,
                                     LK_RELATION_UNKNOWN);
        rename_relation(catalog, relation, stmt->newname);
    } else if (stmt->renameType == OBJECT_COLUMN || stmt->renameType == OBJECT_ATTRIBUTE) {
        rename_columns(catalog, relation, stmt);
    } else if (object->class == LK_CLASS_CONSTRAINT) {
        struct lk_constraint *constraint = (struct lk_constraint *)object;
        bool is_inherited =
            constraint->kind == LK_CONSTRAINT_CHECK || constraint->kind == LK_CONSTRAINT_NOT_NULL;
        if (constraint->relation != NULL && lk_is_known(constraint->relation) &&
            refuses_inherited(catalog, constraint->relation, stmt, "constraint",
                              is_inherited ? lk_constraint_parents(constraint) : 0,
                              is_inherited && !constraint->no_inherit))
            return;
        rename_constraint(catalog, constraint->relation, constraint, stmt->newname,
                          is_inherited && !constraint->no_inherit && stmt->relation->inh);
    } else if (object->class == LK_CLASS_RELATION) {
        rename_relation(catalog, relation, stmt->newname);
    } else {
        rename_object(catalog, object, stmt->newname);
    }
}

/* doubt_schema notes that something that is not known has come into a schema. */
static void
doubt_schema(struct lk_catalog *catalog, const char *name)
{
    struct lk_namespace *schema = lk_catalog_schema(catalog, name);

    if (schema == NULL)
        return;
    lk_catalog_touch(catalog, schema);
    schema->imported = true;
}

void
lk_replay_set_schema(struct lk_catalog *catalog, const AlterObjectSchemaStmt *stmt)
{
    struct lk_sought sought = {.type = stmt->objectType,
                               .relation = stmt->relation,
                               .object = stmt->object,
                               .missing_ok = stmt->missing_ok};
    struct lk_object *object = lk_replay_find(catalog, &sought);
    const char *schema = stmt->newschema;

    if (object == NULL && catalog->refusals.items.count == 0)
        doubt_schema(catalog, schema);
    if (object == NULL ||
        (lk_object_schema(object) != NULL && strcmp(lk_object_schema(object), schema) == 0))
        return;
    if (lk_replay_no_schema(catalog, schema))
        return;
    if (object->class == LK_CLASS_RELATION) {
        if (!taken_relation(catalog, schema, object->name))
            move_relation(catalog, (struct lk_relation *)object, schema, NULL);
    } else if (object->class == LK_CLASS_TYPE) {
        move_type(catalog, (struct lk_defined_type *)object, schema, NULL);
    } else if (object->class == LK_CLASS_EXTENSION) {
        struct lk_named *extension = (struct lk_named *)object;
        lk_catalog_touch(catalog, extension);
        extension->changes = lk_replay_changed(catalog, object, extension->changes, "extension");
    } else if (!taken(catalog, object, schema, object->name)) {
        lk_catalog_move_object(catalog, object, schema, NULL);
    }
}
