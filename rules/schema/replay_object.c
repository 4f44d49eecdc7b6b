/*
 * rules/schema/replay_object.c
 *     What can be said of any object: COMMENT, SECURITY LABEL, OWNER TO, DEPENDS ON EXTENSION.
 */
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_find.h"

const char *
lk_replay_role(struct lk_catalog *catalog, const RoleSpec *role)
{
    if (role == NULL || role->roletype == ROLESPEC_PUBLIC)
        return NULL;
    if (role->roletype != ROLESPEC_CSTRING)
        return lk_catalog_role(catalog);
    return lk_catalog_keep(catalog, role->rolename);
}

void
lk_replay_comment(struct lk_catalog *catalog, const CommentStmt *stmt)
{
    struct lk_sought sought = {.type = stmt->objtype, .object = stmt->object, .strict = true};
    struct lk_object *object = lk_replay_find(catalog, &sought);

    if (object == NULL)
        return;
    lk_catalog_touch(catalog, object);
    /* an empty one is none */
    object->comment = stmt->comment != NULL && stmt->comment[0] != '\0'
                          ? lk_catalog_keep(catalog, stmt->comment)
                          : NULL;
}

void
lk_replay_security_label(struct lk_catalog *catalog, const SecLabelStmt *stmt)
{
    size_t refusals = catalog->refusals.items.count;
    struct lk_object *object = lk_replay_find_as(catalog, stmt->objtype, NULL, stmt->object);
    const char *provider = stmt->provider != NULL ? stmt->provider : "";

    catalog->refusals.items.count = refusals; /* no provider is loaded: that is seen first */
    if (object == NULL)
        return;
    lk_catalog_touch(catalog, object);
    for (size_t i = object->labels.count; i-- > 0;) {
        struct lk_label *label = object->labels.items[i];
        if (strcmp(label->provider != NULL ? label->provider : "", provider) == 0)
            lk_remove_pointer(&object->labels, label);
    }
    if (stmt->label == NULL)
        return;
    struct lk_label *label = lk_new(catalog->objects, struct lk_label);
    label->provider = lk_strdup(label, stmt->provider);
    label->label = lk_strdup(label, stmt->label);
    lk_vec_push(object, &object->labels, label);
}

void
lk_replay_set_owner(struct lk_catalog *catalog, struct lk_object *object, const char *owner)
{
    lk_catalog_touch(catalog, object);
    object->owner = owner;
    /* what the new owner was granted comes with the ownership now */
    for (size_t i = object->grants.count; owner != NULL && i-- > 0;) {
        struct lk_grant *grant = object->grants.items[i];
        if (grant->grantee != NULL && strcmp(grant->grantee, owner) == 0)
            lk_remove_pointer(&object->grants, grant);
    }
}

void
lk_replay_owner(struct lk_catalog *catalog, const AlterOwnerStmt *stmt)
{
    struct lk_object *object =
        lk_replay_find_as(catalog, stmt->objectType, stmt->relation, stmt->object);

    if (object == NULL)
        return;
    lk_replay_set_owner(catalog, object, lk_replay_role(catalog, stmt->newowner));
}

void
lk_replay_depends(struct lk_catalog *catalog, const AlterObjectDependsStmt *stmt)
{
    const RangeVar *range = stmt->relation;
    struct lk_sought sought = {.type = stmt->objectType, .relation = range, .object = stmt->object};
    struct lk_object *extension =
        lk_catalog_object(catalog, LK_CLASS_EXTENSION, NULL, strVal(stmt->extname));

    if (stmt->objectType == OBJECT_TRIGGER) { /* the trigger's name, and its table in `relation` */
        sought.object = NULL;
        sought.part = strVal(linitial((const List *)stmt->object));
    }
    struct lk_object *object = lk_replay_find(catalog, &sought);
    if (object == NULL || extension == NULL)
        return;
    if (stmt->remove)
        lk_depend_not(catalog, object, extension);
    else
        lk_depend(catalog, object, extension, LK_DEPENDS_AUTO);
}
