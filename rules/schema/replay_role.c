/*
 * rules/schema/replay_role.c
 *     Roles and who is a member of which.
 *
 * Roles are the cluster's: one that the history does not create is taken to be there, and nothing
 * is kept of it.
 */
#include "parser/pgparse.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_clauses.h"
#include "rules/schema/replay_named.h"
#include "rules/schema/replay_setting.h"

static struct lk_named *
find_role(const struct lk_catalog *catalog, const char *name)
{
    return name != NULL ? (struct lk_named *)lk_catalog_object(catalog, LK_CLASS_ROLE, NULL, name)
                        : NULL;
}

static size_t
find_membership(const struct lk_named *role, const char *in)
{
    for (size_t i = 0; i < role->members.count; i++)
        if (strcmp(role->members.items[i]->name, in) == 0)
            return i;
    return SIZE_MAX;
}

/* options_of returns the options of a membership as SQL: "ADMIN TRUE, INHERIT FALSE"; NULL: none.
 */
static struct lk_text *
options_of(struct lk_catalog *catalog, const List *options)
{
    char *sql = NULL;
    ListCell *cell;

    foreach(cell, options) {
        const DefElem *option = lfirst_node(DefElem, cell);
        bool on = option->arg == NULL || !IsA(option->arg, Boolean) || boolVal(option->arg);
        sql = lk_fmt(catalog->statement_mem, "%s%s%s %s", sql != NULL ? sql : "",
                     sql != NULL ? ", " : "", option->defname, on ? "TRUE" : "FALSE");
    }
    return sql != NULL ? lk_text_plain(catalog->objects, sql) : NULL;
}

/* join makes a role a member of another; once more with other options changes those. */
static void
join(struct lk_catalog *catalog, struct lk_named *role, const char *in, struct lk_text *options)
{
    size_t known;

    if (role == NULL || in == NULL)
        return;
    known = find_membership(role, in);
    if (known != SIZE_MAX && options == NULL)
        return;
    struct lk_member *member = lk_new(catalog->objects, struct lk_member);
    member->name = lk_strdup(member, in);
    member->options = options;
    lk_catalog_touch(catalog, role);
    if (known != SIZE_MAX)
        role->members.items[known] = member;
    else
        lk_vec_push(role, &role->members, member);
}

/* leave ends a membership, or only what one of its options allows. */
static void
leave(struct lk_catalog *catalog, struct lk_named *role, const char *in, bool options)
{
    size_t known = role != NULL && in != NULL ? find_membership(role, in) : SIZE_MAX;

    if (known == SIZE_MAX)
        return;
    lk_catalog_touch(catalog, role);
    struct lk_member *member = role->members.items[known];
    if (!options) {
        lk_remove_pointer(&role->members, member);
        return;
    }
    struct lk_member *plain = lk_new(catalog->objects, struct lk_member);
    plain->name = lk_strdup(plain, in);
    role->members.items[known] = plain;
}

/* follow_option carries out IN ROLE, ROLE and ADMIN of CREATE ROLE. */
static void
follow_option(struct lk_catalog *catalog, struct lk_named *role, const DefElem *option)
{
    bool into = strcmp(option->defname, "addroleto") == 0;
    bool admin = strcmp(option->defname, "adminmembers") == 0;
    ListCell *cell;

    if (!into && !admin && strcmp(option->defname, "rolemembers") != 0)
        return;
    foreach(cell, castNode(List, option->arg)) {
        const char *other = lk_replay_role(catalog, lfirst_node(RoleSpec, cell));
        if (into)
            join(catalog, role, other, NULL);
        else
            join(catalog, find_role(catalog, other), role->object.name,
                 admin ? lk_text_plain(catalog->objects, "admin TRUE") : NULL);
    }
}

void
lk_replay_create_role(struct lk_catalog *catalog, const CreateRoleStmt *stmt)
{
    static const char *const keywords[] = {
        [ROLESTMT_ROLE] = "role", [ROLESTMT_USER] = "user", [ROLESTMT_GROUP] = "group"};
    if (lk_refuse_repeated(catalog, stmt->options, NULL))
        return;
    struct lk_named *role =
        lk_replay_make(catalog, &(struct lk_making){.class = LK_CLASS_ROLE,
                                                    .name = {NULL, stmt->role},
                                                    .keyword = keywords[stmt->stmt_type]});
    ListCell *cell;

    if (role == NULL)
        return;
    foreach(cell, stmt->options)
        follow_option(catalog, role, lfirst_node(DefElem, cell));
}

/* change_role appends ALTER ROLE or USER to the changes of a role that the history made. */
static void
change_role(struct lk_catalog *catalog, const RoleSpec *spec)
{
    struct lk_named *role = find_role(catalog, lk_replay_role(catalog, spec));
    struct lk_span span = lk_replay_name(catalog, "role");

    if (role == NULL)
        return;
    lk_catalog_touch(catalog, role);
    role->changes = lk_replay_changed(catalog, &role->object, role->changes,
                                      span.end > span.start ? "role" : "user");
}

void
lk_replay_alter_role(struct lk_catalog *catalog, const AlterRoleStmt *stmt)
{
    const DefElem *first = stmt->options != NIL ? linitial_node(DefElem, stmt->options) : NULL;
    ListCell *cell;

    if (first == NULL || strcmp(first->defname, "rolemembers") != 0) {
        change_role(catalog, stmt->role);
        return;
    }
    /* ALTER GROUP ... ADD USER, DROP USER */
    foreach(cell, castNode(List, first->arg)) {
        struct lk_named *member =
            find_role(catalog, lk_replay_role(catalog, lfirst_node(RoleSpec, cell)));
        if (stmt->action > 0)
            join(catalog, member, lk_replay_role(catalog, stmt->role), NULL);
        else
            leave(catalog, member, lk_replay_role(catalog, stmt->role), false);
    }
}

void
lk_replay_alter_role_set(struct lk_catalog *catalog, const AlterRoleSetStmt *stmt)
{
    if (stmt->role != NULL && !lk_refuse_setting(catalog, stmt->setstmt, false))
        change_role(catalog, stmt->role);
}

void
lk_replay_grant_role(struct lk_catalog *catalog, const GrantRoleStmt *stmt)
{
    ListCell *granted, *grantee;

    foreach(granted, stmt->granted_roles) {
        const char *in = lfirst_node(AccessPriv, granted)->priv_name;
        foreach(grantee, stmt->grantee_roles) {
            struct lk_named *role =
                find_role(catalog, lk_replay_role(catalog, lfirst_node(RoleSpec, grantee)));
            if (stmt->is_grant)
                join(catalog, role, in, options_of(catalog, stmt->opt));
            else
                leave(catalog, role, in, stmt->opt != NIL);
        }
    }
}
