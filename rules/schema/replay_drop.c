/*
 * rules/schema/replay_drop.c
 *     DROP of everything, DROP OWNED, and what goes along.
 */
#include "rules/schema/replay_drop.h"
#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_part.h"
#include "rules/schema/replay_type.h"

/* ---- refusals ---- */

static const char *
relation_word(const struct lk_relation *relation)
{
    static const char *const words[] = {
        [LK_RELATION_TABLE] = "table",
        [LK_RELATION_PARTITIONED] = "table",
        [LK_RELATION_FOREIGN] = "foreign table",
        [LK_RELATION_VIEW] = "view",
        [LK_RELATION_MATVIEW] = "materialized view",
        [LK_RELATION_SEQUENCE] = "sequence",
        [LK_RELATION_INDEX] = "index",
        [LK_RELATION_COMPOSITE] = "type",
        [LK_RELATION_UNKNOWN] = "relation",
    };

    return words[relation->kind];
}

/* visible_name returns a name as the server shows it: with its schema where search_path needs it.
 */
static char *
visible_name(TALLOC_CTX *mem, const struct lk_catalog *catalog, const struct lk_object *object,
             const char *name)
{
    const char *schema = lk_object_schema(object);

    if (schema == NULL || strcmp(schema, "pg_temp") == 0)
        return lk_strdup(mem, name);
    for (size_t i = 0; i < catalog->search_path.count; i++)
        if (strcmp(catalog->search_path.names[i], schema) == 0)
            return lk_strdup(mem, name);
    return lk_fmt(mem, "%s.%s", lk_quote_ident(mem, schema), name);
}

static char *
relation_words(TALLOC_CTX *mem, const struct lk_catalog *catalog,
               const struct lk_relation *relation)
{
    return lk_fmt(
        mem, "%s %s", relation_word(relation),
        visible_name(mem, catalog, &relation->object, lk_quote_ident(mem, relation->object.name)));
}

char *
lk_replay_describe(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                   const struct lk_object *object)
{
    const struct lk_relation *relation = NULL;
    char *name = lk_object_sql(mem, object, LK_MENTION_NAME);

    switch (object->class) {
    case LK_CLASS_RELATION:
        return relation_words(mem, catalog, (const struct lk_relation *)object);
    case LK_CLASS_COLUMN:
        relation = ((const struct lk_column *)object)->relation;
        return lk_fmt(mem, "column %s of %s", object->name, relation_words(mem, catalog, relation));
    case LK_CLASS_CONSTRAINT:
        relation = ((const struct lk_constraint *)object)->relation;
        break;
    case LK_CLASS_TRIGGER:
    case LK_CLASS_RULE:
    case LK_CLASS_POLICY:
        relation = ((const struct lk_part *)object)->relation;
        break;
    case LK_CLASS_FUNCTION: {
        const struct lk_function *function = (const struct lk_function *)object;
        return lk_fmt(mem, "%s %s", function->kind == 'p' ? "procedure" : "function",
                      visible_name(mem, catalog, object, function->signature));
    }
    default:
        return lk_fmt(mem, "%s %s", lk_class_words(object->class),
                      visible_name(mem, catalog, object, name));
    }
    if (relation == NULL)
        return lk_fmt(mem, "%s %s", lk_class_words(object->class), object->name);
    return lk_fmt(mem, "%s %s on %s", lk_class_words(object->class), object->name,
                  relation_words(mem, catalog, relation));
}

/* is_sure returns whether it is certain that an object is there, and leans as it is known to. */
static bool
is_sure(const struct lk_object *object)
{
    return !object->assumed && !object->doubtful;
}

static bool
refuse_dependents(struct lk_catalog *catalog, const struct lk_dropping *dropping, size_t targets)
{
    TALLOC_CTX *mem = catalog->statement_mem;
    struct lk_objects sure = {0};

    lk_vec_foreach(object, &dropping->refused.items)
        if (is_sure(*object))
            lk_vec_push(mem, &sure.items, *object);
    if (sure.items.count == 0)
        return false;
    const struct lk_object *first = dropping->objects.items.items[0];
    struct lk_refusal *refusal;
    if (targets == 1)
        refusal =
            lk_refuse(catalog, "2BP01", -1, "cannot drop %s because other objects depend on it",
                      lk_replay_describe(mem, catalog, first));
    else
        refusal = lk_refuse(catalog, "2BP01", -1,
                            "cannot drop desired object(s) because other objects depend on them");
    refusal->object = first;
    refusal->dependents = sure;
    return true;
}

/* part_of returns what an object is only a part of, and that does not go; or NULL. */
static const struct lk_object *
part_of(const struct lk_object *object)
{
    lk_vec_foreach(dependency, &object->depends)
        if ((*dependency)->kind == LK_DEPENDS_INTERNAL)
            return (*dependency)->on;
    if (object->class != LK_CLASS_RELATION)
        return NULL;
    const struct lk_relation *relation = (const struct lk_relation *)object;
    if (relation->kind == LK_RELATION_SEQUENCE && relation->table != NULL &&
        relation->sequence != NULL && relation->sequence->of_identity && relation->keys.count > 0)
        return (const struct lk_object *)lk_relation_column(relation->table,
                                                            relation->keys.items[0]);
    if (relation->kind != LK_RELATION_INDEX || relation->table == NULL)
        return NULL;
    lk_vec_foreach(constraint, &relation->table->constraints)
        if ((*constraint)->index == relation)
            return &(*constraint)->object;
    return NULL;
}

/* relation_of returns the relation that a column or a constraint belongs to, or NULL. */
static const struct lk_relation *
relation_of(const struct lk_object *object)
{
    if (object->class == LK_CLASS_COLUMN)
        return ((const struct lk_column *)object)->relation;
    return object->class == LK_CLASS_CONSTRAINT ? ((const struct lk_constraint *)object)->relation
                                                : NULL;
}

/* refuse_parts refuses what can only be dropped as a whole. */
static bool
refuse_parts(struct lk_catalog *catalog, const struct lk_objects *targets)
{
    TALLOC_CTX *mem = catalog->statement_mem;

    lk_vec_foreach(object, &targets->items) {
        const struct lk_object *whole = part_of(*object);
        bool goes = false;
        if (whole == NULL || !is_sure(whole) || !is_sure(*object))
            continue;
        lk_vec_foreach(other, &targets->items)
            goes |= *other == whole || *other == (const struct lk_object *)relation_of(whole);
        if (goes)
            continue;
        lk_refuse(catalog, "2BP01", -1, "cannot drop %s because %s requires it",
                  lk_replay_describe(mem, catalog, *object),
                  lk_replay_describe(mem, catalog, whole))
            ->object = *object;
        return true;
    }
    return false;
}

/* ---- carrying it out ---- */

void
lk_replay_drop_default(struct lk_catalog *catalog, struct lk_object *object)
{
    lk_catalog_touch(catalog, object);
    if (object->class == LK_CLASS_COLUMN) {
        ((struct lk_column *)object)->has_default = false;
        ((struct lk_column *)object)->default_value = NULL;
    } else {
        ((struct lk_defined_type *)object)->default_value = NULL;
    }
}

struct leaving {
    struct lk_catalog *catalog;
    const struct lk_objects *gone;
};

static bool
is_gone(const struct leaving *leaving, const struct lk_object *object)
{
    return object != NULL && !lk_object_is_there(leaving->catalog, object);
}

/* leave takes what is gone out of a publication. */
static void
leave(struct lk_object *object, void *data)
{
    const struct leaving *leaving = data;
    struct lk_named *publication = (struct lk_named *)object;

    for (size_t i = publication->members.count; i-- > 0;) {
        struct lk_member *member = publication->members.items[i];
        if (!is_gone(leaving, member->object))
            continue;
        lk_catalog_touch(leaving->catalog, publication);
        lk_remove_pointer(&publication->members, member);
    }
}

static bool
is_whole(const struct lk_object *object)
{
    return object->class != LK_CLASS_COLUMN && object->class != LK_CLASS_CONSTRAINT &&
           object->class != LK_CLASS_TRIGGER && object->class != LK_CLASS_RULE &&
           object->class != LK_CLASS_POLICY;
}

/* remove_domain_constraint takes a constraint out of its domain. */
static void
remove_part(struct lk_catalog *catalog, struct lk_object *object)
{
    struct lk_constraint *constraint = (struct lk_constraint *)object;

    if (object->class == LK_CLASS_CONSTRAINT && constraint->domain != NULL) {
        lk_catalog_touch(catalog, constraint->domain);
        lk_remove_pointer(&constraint->domain->constraints, constraint);
    }
    if (lk_object_is_there(catalog, object))
        lk_catalog_drop_object(catalog, object);
    else
        lk_undepend(catalog, object);
}

void
lk_replay_remove(struct lk_catalog *catalog, const struct lk_dropping *dropping)
{
    struct leaving leaving = {catalog, &dropping->objects};

    lk_vec_foreach(object, &dropping->objects.items)
        if (is_whole(*object) && (*object)->class != LK_CLASS_SCHEMA)
            lk_catalog_drop_object(catalog, *object);
    lk_vec_foreach(object, &dropping->objects.items) {
        if (!is_whole(*object))
            remove_part(catalog, *object);
        else if ((*object)->class == LK_CLASS_SCHEMA)
            lk_catalog_drop_object(catalog, *object);
    }
    lk_vec_foreach(object, &dropping->defaults.items)
        lk_replay_drop_default(catalog, *object);
    lk_catalog_objects(catalog, LK_CLASS_PUBLICATION, leave, &leaving);
}

void
lk_replay_drop_along(struct lk_catalog *catalog, struct lk_dropping *dropping, bool cascade)
{
    size_t targets = dropping->objects.items.count, known;

    /* the users of a type are looked for once it is known that it goes */
    do {
        known = dropping->objects.items.count;
        lk_vec_foreach(object, &dropping->objects.items)
            lk_replay_note_users(catalog, *object);
        dropping->objects.items.count = targets;
        dropping->refused.items.count = dropping->defaults.items.count = 0;
        lk_depend_drop(catalog->statement_mem, catalog, cascade, dropping);
    } while (dropping->objects.items.count > known);
}

void
lk_replay_drop_objects(struct lk_catalog *catalog, struct lk_dropping *dropping, bool cascade)
{
    size_t targets = dropping->objects.items.count;

    if (targets == 0)
        return;
    if (refuse_parts(catalog, &dropping->objects))
        return;
    lk_replay_drop_along(catalog, dropping, cascade);
    if (!cascade && refuse_dependents(catalog, dropping, targets))
        return;
    lk_replay_remove(catalog, dropping);
}

void
lk_replay_drop(struct lk_catalog *catalog, const DropStmt *stmt)
{
    struct lk_dropping dropping = {0};
    size_t refusals = catalog->refusals.items.count;
    ListCell *cell;

    if (stmt->removeType == OBJECT_INDEX && stmt->concurrent && list_length(stmt->objects) > 1) {
        lk_refuse(catalog, "0A000", -1,
                  "DROP INDEX CONCURRENTLY does not support dropping multiple objects");
        return;
    }
    foreach(cell, stmt->objects) {
        struct lk_sought sought = {.type = stmt->removeType,
                                   .object = lfirst(cell),
                                   .missing_ok = stmt->missing_ok,
                                   .drop = true};
        struct lk_object *object = lk_replay_find(catalog, &sought);
        bool known = false;
        lk_vec_foreach(other, &dropping.objects.items)
            known |= *other == object;
        if (object != NULL && !known)
            lk_vec_push(catalog->statement_mem, &dropping.objects.items, object);
    }
    if (catalog->refusals.items.count == refusals)
        lk_replay_drop_objects(catalog, &dropping, stmt->behavior == DROP_CASCADE);
}

/* ---- roles ---- */

struct owned {
    struct lk_catalog *catalog;
    const char *role;
    const char *new_owner; /* REASSIGN */
    struct lk_objects objects;
    bool used; /* by something that is certain */
};

static void
collect_owned(struct lk_object *object, void *data)
{
    struct owned *owned = data;

    if (object->owner != NULL && strcmp(object->owner, owned->role) == 0)
        lk_vec_push(owned->catalog->statement_mem, &owned->objects.items, object);
    lk_vec_foreach(grant, &object->grants)
        if ((*grant)->grantee != NULL && strcmp((*grant)->grantee, owned->role) == 0)
            owned->used |= is_sure(object);
}

static void
collect_all(struct owned *owned)
{
    for (enum lk_class class = 0; class < LK_CLASS_COUNT; class ++)
        lk_catalog_objects(owned->catalog, class, collect_owned, owned);
    lk_vec_foreach(object, &owned->objects.items)
        owned->used |= is_sure(*object);
}

static void
revoke_all(struct lk_object *object, void *data)
{
    const struct owned *owned = data;

    for (size_t i = object->grants.count; i-- > 0;) {
        struct lk_grant *grant = object->grants.items[i];
        if (grant->grantee == NULL || strcmp(grant->grantee, owned->role) != 0)
            continue;
        lk_catalog_touch(owned->catalog, object);
        lk_remove_pointer(&object->grants, grant);
    }
}

/* is_only_for returns whether a policy is for one role and no other. */
static bool
is_only_for(struct lk_catalog *catalog, const struct lk_part *policy, const char *role)
{
    const char *roles = lk_text_sql(catalog->statement_mem, policy->roles);
    const char *name = lk_quote_ident(catalog->statement_mem, role);
    size_t length = strlen(name);

    for (const char *at = roles; at != NULL; at = strchr(at, ',')) {
        at += strspn(at, ", ");
        if (strncmp(at, name, length) != 0 || (at[length] != ',' && at[length] != '\0'))
            return false;
    }
    return roles != NULL;
}

/* drop_policies drops the policies that are for a role alone. */
static void
drop_policies(struct lk_object *object, void *data)
{
    const struct owned *owned = data;
    struct lk_relation *relation = (struct lk_relation *)object;

    for (size_t i = relation->parts.count; i-- > 0;)
        if (relation->parts.items[i]->object.class == LK_CLASS_POLICY &&
            is_only_for(owned->catalog, relation->parts.items[i], owned->role))
            lk_catalog_drop_part(owned->catalog, relation->parts.items[i]);
}

void
lk_replay_drop_owned(struct lk_catalog *catalog, const DropOwnedStmt *stmt)
{
    struct lk_dropping dropping = {0};
    ListCell *cell;

    foreach(cell, stmt->roles) {
        const char *role = lk_replay_role(catalog, lfirst_node(RoleSpec, cell));
        struct owned owned = {.catalog = catalog, .role = role};
        if (role == NULL)
            continue;
        for (enum lk_class class = 0; class < LK_CLASS_COUNT; class ++)
            lk_catalog_objects(catalog, class, revoke_all, &owned);
        lk_catalog_objects(catalog, LK_CLASS_RELATION, drop_policies, &owned);
        collect_all(&owned);
        lk_vec_foreach(object, &owned.objects.items)
            if ((*object)->class != LK_CLASS_TABLESPACE && (*object)->class != LK_CLASS_ROLE)
                lk_vec_push(catalog->statement_mem, &dropping.objects.items, *object);
    }
    lk_replay_drop_objects(catalog, &dropping, stmt->behavior == DROP_CASCADE);
}

void
lk_replay_reassign_owned(struct lk_catalog *catalog, const ReassignOwnedStmt *stmt)
{
    const char *owner = lk_replay_role(catalog, stmt->newrole);
    ListCell *cell;

    foreach(cell, stmt->roles) {
        const char *role = lk_replay_role(catalog, lfirst_node(RoleSpec, cell));
        struct owned owned = {.catalog = catalog, .role = role};
        if (role == NULL)
            continue;
        collect_all(&owned);
        lk_vec_foreach(object, &owned.objects.items)
            lk_replay_set_owner(catalog, *object, owner);
    }
}

void
lk_replay_drop_role(struct lk_catalog *catalog, const DropRoleStmt *stmt)
{
    struct lk_dropping dropping = {0};
    ListCell *cell;

    foreach(cell, stmt->roles) {
        const RoleSpec *spec = lfirst_node(RoleSpec, cell);
        struct owned owned = {.catalog = catalog, .role = spec->rolename};
        struct lk_object *role;
        if (spec->roletype != ROLESPEC_CSTRING)
            continue;
        collect_all(&owned);
        if (owned.used) {
            lk_refuse(catalog, "2BP01", -1,
                      "role \"%s\" cannot be dropped because some objects depend on it",
                      spec->rolename)
                ->dependents = owned.objects;
            return;
        }
        role = lk_catalog_object(catalog, LK_CLASS_ROLE, NULL, spec->rolename);
        if (role != NULL)
            lk_vec_push(catalog->statement_mem, &dropping.objects.items, role);
    }
    lk_replay_drop_objects(catalog, &dropping, true);
}

/* ---- what has a DROP statement of its own ---- */

/* drop_one drops an object of the database by its name. */
static void
drop_one(struct lk_catalog *catalog, ObjectType type, const char *name, bool missing_ok,
         bool cascade)
{
    String word = {.type = T_String, .sval = lk_strdup(catalog->statement_mem, name)};
    struct lk_sought sought = {
        .type = type, .object = (Node *)&word, .missing_ok = missing_ok, .drop = true};
    struct lk_object *object = lk_replay_find(catalog, &sought);
    struct lk_dropping dropping = {0};

    if (object == NULL)
        return;
    lk_vec_push(catalog->statement_mem, &dropping.objects.items, object);
    lk_replay_drop_objects(catalog, &dropping, cascade);
}

void
lk_replay_drop_subscription(struct lk_catalog *catalog, const DropSubscriptionStmt *stmt)
{
    drop_one(catalog, OBJECT_SUBSCRIPTION, stmt->subname, stmt->missing_ok,
             stmt->behavior == DROP_CASCADE);
}

void
lk_replay_drop_tablespace(struct lk_catalog *catalog, const DropTableSpaceStmt *stmt)
{
    drop_one(catalog, OBJECT_TABLESPACE, stmt->tablespacename, stmt->missing_ok, false);
}

void
lk_replay_drop_user_mapping(struct lk_catalog *catalog, const DropUserMappingStmt *stmt)
{
    struct lk_object *mapping =
        lk_catalog_object(catalog, LK_CLASS_USER_MAPPING, NULL,
                          lk_replay_mapping_name(catalog, stmt->user, stmt->servername));

    if (mapping != NULL)
        lk_catalog_drop_object(catalog, mapping);
}

/* ---- DISCARD ---- */

struct discarded {
    struct lk_catalog *catalog;
    struct lk_dropping *dropping;
};

static void
collect_temporary(struct lk_object *object, void *data)
{
    const struct discarded *discarded = data;

    if (strcmp(lk_object_schema(object), "pg_temp") == 0)
        lk_vec_push(discarded->catalog->statement_mem, &discarded->dropping->objects.items, object);
}

void
lk_replay_discard(struct lk_catalog *catalog, const DiscardStmt *stmt)
{
    struct lk_dropping dropping = {0};
    struct discarded discarded = {catalog, &dropping};

    if (stmt->target == DISCARD_ALL) {
        lk_catalog_set_role(catalog, NULL, true, false);
        lk_catalog_reset_search_path(catalog, false);
    }
    if (stmt->target != DISCARD_ALL && stmt->target != DISCARD_TEMP)
        return;
    for (enum lk_class class = 0; class < LK_CLASS_COUNT; class ++)
        if (lk_class_has_schema(class))
            lk_catalog_objects(catalog, class, collect_temporary, &discarded);
    lk_depend_drop(catalog->statement_mem, catalog, true, &dropping);
    lk_replay_remove(catalog, &dropping);
}
