/*
 * rules/schema/replay_grant.c
 *     GRANT and REVOKE on objects, and ALTER DEFAULT PRIVILEGES.
 *
 * An owner's own privileges are not kept: they come with the ownership.
 */
#include <ctype.h>

#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_find.h"

static const struct {
    ObjectType type;
    const char *all;
    const char *of_public;
    const char *plural;
} privileges[] = {
#define LK_PRIVILEGES(type, all, of_public, plural) {type, all, of_public, plural},
#include "rules/schema/privileges.def"
#undef LK_PRIVILEGES
};

/* An ACL in the making. */
struct granting {
    struct lk_catalog *catalog;
    const GrantStmt *stmt;
    const char *word; /* a single privilege */
    const char *column;
};

static size_t
row_of(ObjectType type)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(privileges); i++)
        if (privileges[i].type == type)
            return i;
    return SIZE_MAX;
}

/* kind_of returns the row of privileges.def for an object, or SIZE_MAX. */
static size_t
kind_of(const struct lk_object *object)
{
    switch (object->class) {
    case LK_CLASS_RELATION:
        if (((const struct lk_relation *)object)->kind == LK_RELATION_COMPOSITE)
            return row_of(OBJECT_TYPE);
        return row_of(((const struct lk_relation *)object)->kind == LK_RELATION_SEQUENCE
                          ? OBJECT_SEQUENCE
                          : OBJECT_TABLE);
    case LK_CLASS_FUNCTION:
        return row_of(OBJECT_FUNCTION);
    case LK_CLASS_TYPE:
        return row_of(OBJECT_TYPE);
    case LK_CLASS_SCHEMA:
        return row_of(OBJECT_SCHEMA);
    case LK_CLASS_LANGUAGE:
        return row_of(OBJECT_LANGUAGE);
    case LK_CLASS_FOREIGN_DATA_WRAPPER:
        return row_of(OBJECT_FDW);
    case LK_CLASS_FOREIGN_SERVER:
        return row_of(OBJECT_FOREIGN_SERVER);
    case LK_CLASS_TABLESPACE:
        return row_of(OBJECT_TABLESPACE);
    default:
        return SIZE_MAX;
    }
}

const char *
lk_privileges_of_public(const struct lk_object *object)
{
    size_t row = kind_of(object);

    if (object->class == LK_CLASS_DEFAULT_PRIVILEGES)
        for (row = 0; row < LK_ARRAY_SIZE(privileges); row++)
            if (privileges[row].plural == ((const struct lk_named *)object)->kind)
                break;
    return row < LK_ARRAY_SIZE(privileges) ? privileges[row].of_public : NULL;
}

/* ---- one privilege ---- */

static bool
same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static size_t
find_grant(const struct lk_object *object, const char *grantee, const char *word,
           const char *column)
{
    for (size_t i = 0; i < object->grants.count; i++) {
        const struct lk_grant *grant = object->grants.items[i];
        if (same(grant->grantee, grantee) && strcmp(grant->privilege, word) == 0 &&
            same(grant->column, column))
            return i;
    }
    return SIZE_MAX;
}

/* give adds a privilege, or the right to grant it; what others hold is replaced, not changed. */
static void
give(struct lk_catalog *catalog, struct lk_object *object, struct lk_grant wanted)
{
    size_t at = find_grant(object, wanted.grantee, wanted.privilege, wanted.column);
    struct lk_grant *grant;

    if (at != SIZE_MAX && object->grants.items[at]->grantable >= wanted.grantable)
        return;
    lk_catalog_touch(catalog, object);
    grant = lk_memdup(catalog->objects, &wanted, sizeof(wanted));
    grant->grantee = lk_strdup(grant, wanted.grantee);
    grant->privilege = lk_strdup(grant, wanted.privilege);
    grant->column = lk_strdup(grant, wanted.column);
    if (at != SIZE_MAX)
        object->grants.items[at] = grant;
    else
        lk_vec_push(object, &object->grants, grant);
}

/* take removes a privilege, or only the right to grant it. */
static void
take(struct lk_catalog *catalog, struct lk_object *object, struct lk_grant wanted, bool option)
{
    size_t at = find_grant(object, wanted.grantee, wanted.privilege, wanted.column);

    if (at == SIZE_MAX)
        return;
    lk_catalog_touch(catalog, object);
    struct lk_grant *grant = object->grants.items[at];
    if (!option) {
        lk_remove_pointer(&object->grants, grant);
        return;
    }
    grant = lk_memdup(catalog->objects, grant, sizeof(*grant));
    grant->grantable = false;
    object->grants.items[at] = grant;
}

/* each calls a function for each word of a list. */
static void
each(struct granting *granting, const char *words, struct lk_object *object,
     void (*visit)(struct granting *granting, struct lk_object *object))
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);

    while (words != NULL && *words != '\0') {
        size_t length = strcspn(words, " ");
        granting->word = lk_strndup(scratch, words, length);
        visit(granting, object);
        words += length + (words[length] == ' ');
    }
}

static void
give_public(struct granting *granting, struct lk_object *object)
{
    give(granting->catalog, object, (struct lk_grant){.privilege = granting->word});
}

/* spell_out writes what PUBLIC has by default among the privileges: from now on they are told. */
static void
spell_out(struct lk_catalog *catalog, struct lk_object *object, const char *of_public)
{
    struct granting granting = {.catalog = catalog};

    if (object->granted)
        return;
    lk_catalog_touch(catalog, object);
    object->granted = true;
    each(&granting, of_public, object, give_public);
}

/* change_one grants or revokes one privilege, for all grantees. */
static void
change_one(struct granting *granting, struct lk_object *object)
{
    const GrantStmt *stmt = granting->stmt;
    ListCell *cell;

    foreach(cell, stmt->grantees) {
        const RoleSpec *role = lfirst_node(RoleSpec, cell);
        const char *grantee = lk_replay_role(granting->catalog, role);
        struct lk_grant wanted = {grantee, granting->word, granting->column, stmt->grant_option};
        if ((grantee == NULL && role->roletype != ROLESPEC_PUBLIC) ||
            (grantee != NULL && same(grantee, object->owner)))
            continue;
        if (stmt->is_grant) {
            give(granting->catalog, object, wanted);
            continue;
        }
        take(granting->catalog, object, wanted, stmt->grant_option);
        if (granting->column != NULL)
            continue;
        /* what goes for the table goes for its columns, too */
        for (size_t i = object->grants.count; i-- > 0;) {
            wanted.column = object->grants.items[i]->column;
            if (wanted.column != NULL)
                take(granting->catalog, object, wanted, stmt->grant_option);
            if (i > object->grants.count)
                i = object->grants.count;
        }
    }
}

/* has_word returns whether a list of privileges has one. */
static bool
has_word(const char *words, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = words; (at = strstr(at, word)) != NULL; at += length)
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

static char *
in_capitals(TALLOC_CTX *mem, const char *word)
{
    char *ret = lk_strdup(mem, word);

    for (char *c = ret; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    return ret;
}

/* change_privilege carries out an item of the list of privileges; NULL: ALL of them. */
static void
change_privilege(struct granting *granting, struct lk_object *object, const char *all,
                 const AccessPriv *privilege)
{
    struct lk_catalog *catalog = granting->catalog;
    bool every = privilege == NULL || privilege->priv_name == NULL;
    const char *words = every ? all : in_capitals(catalog->statement_mem, privilege->priv_name);
    const List *columns = privilege != NULL ? privilege->cols : NIL;
    ListCell *cell;

    if (columns != NIL && every)
        words = privileges[row_of(OBJECT_COLUMN)].all;
    else if (every && object->class == LK_CLASS_RELATION && lk_catalog_version(catalog) >= 17 &&
             has_word(all, "TRUNCATE"))
        words = lk_fmt(catalog->statement_mem, "%s MAINTAIN", all);
    else if (!every && object->class == LK_CLASS_RELATION && !has_word(all, words) &&
             has_word(all, "USAGE"))
        return; /* GRANT ... ON TABLE of a sequence gives what there is of a sequence's */
    if (columns == NIL) {
        each(granting, words, object, change_one);
        return;
    }
    foreach(cell, columns) {
        granting->column = strVal(lfirst(cell));
        each(granting, words, object, change_one);
    }
    granting->column = NULL;
}

static void
change_object(struct lk_catalog *catalog, const GrantStmt *stmt, struct lk_object *object,
              size_t row)
{
    struct granting granting = {.catalog = catalog, .stmt = stmt};
    ListCell *cell;

    if (row == SIZE_MAX)
        return;
    spell_out(catalog, object, privileges[row].of_public);
    if (stmt->privileges == NIL)
        change_privilege(&granting, object, privileges[row].all, NULL);
    foreach(cell, stmt->privileges)
        change_privilege(&granting, object, privileges[row].all, lfirst_node(AccessPriv, cell));
}

/* ---- GRANT ---- */

struct in_schema {
    struct lk_catalog *catalog;
    const GrantStmt *stmt;
    const char *schema;
};

/* is_meant returns whether ALL TABLES, SEQUENCES, FUNCTIONS ... IN SCHEMA has an object. */
static bool
is_meant(const struct lk_object *object, ObjectType type)
{
    if (object->class == LK_CLASS_FUNCTION) {
        bool procedure = ((const struct lk_function *)object)->kind == 'p';
        return type == OBJECT_ROUTINE || (type == OBJECT_PROCEDURE) == procedure;
    }
    switch (((const struct lk_relation *)object)->kind) {
    case LK_RELATION_SEQUENCE:
        return type == OBJECT_SEQUENCE;
    case LK_RELATION_INDEX:
    case LK_RELATION_COMPOSITE:
        return false;
    default:
        return type == OBJECT_TABLE;
    }
}

static void
change_in_schema(struct lk_object *object, void *data)
{
    const struct in_schema *in_schema = data;

    if (strcmp(lk_object_schema(object), in_schema->schema) == 0 &&
        is_meant(object, in_schema->stmt->objtype))
        change_object(in_schema->catalog, in_schema->stmt, object, kind_of(object));
}

void
lk_replay_grant(struct lk_catalog *catalog, const GrantStmt *stmt)
{
    bool relations = stmt->objtype == OBJECT_TABLE || stmt->objtype == OBJECT_SEQUENCE;
    ListCell *cell;

    foreach(cell, stmt->objects) {
        if (stmt->targtype == ACL_TARGET_ALL_IN_SCHEMA) {
            struct in_schema in_schema = {catalog, stmt, strVal(lfirst(cell))};
            lk_catalog_objects(catalog, relations ? LK_CLASS_RELATION : LK_CLASS_FUNCTION,
                               change_in_schema, &in_schema);
            continue;
        }
        struct lk_object *object = lk_replay_find_as(catalog, stmt->objtype, NULL, lfirst(cell));
        if (object != NULL)
            change_object(catalog, stmt, object, kind_of(object));
    }
}

/* ---- default privileges ---- */

/* defaults_name returns what the privileges of a role's future objects are called. */
static char *
defaults_name(TALLOC_CTX *mem, const char *role, const char *schema, ObjectType type)
{
    return lk_fmt(mem, "%s/%s/%d", role != NULL ? role : "", schema != NULL ? schema : "",
                  type == OBJECT_ROUTINE || type == OBJECT_PROCEDURE ? OBJECT_FUNCTION : type);
}

/*
 * is_usual returns whether privileges are those that the server gives by itself: it keeps no
 * others. Source: SetDefaultACL(), src/backend/catalog/aclchk.c.
 */
static bool
is_usual(const struct lk_object *defaults, size_t row)
{
    const char *of_public = privileges[row].of_public;

    if (of_public == NULL)
        return defaults->grants.count == 0;
    return defaults->grants.count == 1 && defaults->grants.items[0]->grantee == NULL &&
           !defaults->grants.items[0]->grantable;
}

static void
change_defaults(struct lk_catalog *catalog, const GrantStmt *action, const char *role,
                const char *schema)
{
    ObjectType type = action->objtype == OBJECT_ROUTINE || action->objtype == OBJECT_PROCEDURE
                          ? OBJECT_FUNCTION
                          : action->objtype;
    size_t row = row_of(type);
    char *name = defaults_name(catalog->statement_mem, role, schema, type);
    struct lk_namespace *place = schema != NULL ? lk_catalog_schema(catalog, schema) : NULL;
    struct lk_object *defaults =
        lk_catalog_object(catalog, LK_CLASS_DEFAULT_PRIVILEGES, NULL, name);

    if (row == SIZE_MAX || lk_replay_no_schema(catalog, schema))
        return;
    if (defaults == NULL) {
        struct lk_named *named =
            lk_catalog_add_named(catalog, LK_CLASS_DEFAULT_PRIVILEGES, NULL, name);
        named->kind = privileges[row].plural;
        defaults = &named->object;
        defaults->owner = lk_strdup(named, role);
        /* those of a schema come on top of what there is anyhow */
        defaults->granted = schema != NULL;
        if (place != NULL)
            lk_depend(catalog, defaults, &place->object, LK_DEPENDS_AUTO);
    }
    change_object(catalog, action, defaults, row);
    if (schema != NULL ? defaults->grants.count == 0 : is_usual(defaults, row))
        lk_catalog_drop_object(catalog, defaults);
}

static const List *
option(const AlterDefaultPrivilegesStmt *stmt, const char *name)
{
    ListCell *cell;

    foreach(cell, stmt->options)
        if (strcmp(lfirst_node(DefElem, cell)->defname, name) == 0)
            return castNode(List, lfirst_node(DefElem, cell)->arg);
    return NIL;
}

static void
change_defaults_of_role(struct lk_catalog *catalog, const AlterDefaultPrivilegesStmt *stmt,
                        const char *role)
{
    const List *schemas = option(stmt, "schemas");
    ListCell *cell;

    if (schemas == NIL)
        change_defaults(catalog, stmt->action, role, NULL);
    foreach(cell, schemas)
        change_defaults(catalog, stmt->action, role, strVal(lfirst(cell)));
}

void
lk_replay_default_privileges(struct lk_catalog *catalog, const AlterDefaultPrivilegesStmt *stmt)
{
    const List *roles = option(stmt, "roles");
    ListCell *cell;

    if (roles == NIL)
        change_defaults_of_role(catalog, stmt, NULL);
    foreach(cell, roles)
        change_defaults_of_role(catalog, stmt,
                                lk_replay_role(catalog, lfirst_node(RoleSpec, cell)));
}

/* give_defaults gives a new object the privileges that its owner's objects get. */
static void
give_defaults(struct lk_catalog *catalog, struct lk_object *object, size_t row, const char *schema)
{
    const struct lk_object *defaults = lk_catalog_object(
        catalog, LK_CLASS_DEFAULT_PRIVILEGES, NULL,
        defaults_name(catalog->statement_mem, object->owner, schema, privileges[row].type));

    if (defaults == NULL)
        return;
    if (schema == NULL) /* these hold instead of the server's own */
        object->granted = true;
    else
        spell_out(catalog, object, privileges[row].of_public);
    lk_vec_foreach(grant, &defaults->grants)
        give(catalog, object, **grant);
}

void
lk_replay_created(struct lk_catalog *catalog, struct lk_object *object)
{
    size_t row = kind_of(object);

    if (row == SIZE_MAX || catalog->spaces[LK_CLASS_DEFAULT_PRIVILEGES] == NULL)
        return;
    give_defaults(catalog, object, row, NULL);
    if (lk_object_schema(object) != NULL)
        give_defaults(catalog, object, row, lk_object_schema(object));
}
