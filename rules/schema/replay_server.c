/*
 * rules/schema/replay_server.c
 *     Objects of the database and the cluster: languages, access methods, foreign servers and their
 *     users, tablespaces, event triggers, extensions, subscriptions.
 */
#include "parser/pgparse.h"
#include "rules/schema/builtin.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_clauses.h"
#include "rules/schema/replay_named.h"

/* make creates an object of the database. */
static struct lk_named *
make(struct lk_catalog *catalog, ObjectType type, const char *name, bool if_not_exists)
{
    const struct lk_object_kind *kind = lk_replay_kind(type);

    return lk_replay_make(catalog, &(struct lk_making){.class = kind->class,
                                                       .name = {NULL, name},
                                                       .keyword = kind->keyword,
                                                       .if_not_exists = if_not_exists});
}

void
lk_replay_create_language(struct lk_catalog *catalog, const CreatePLangStmt *stmt)
{
    struct lk_named *language =
        lk_replay_make(catalog, &(struct lk_making){.class = LK_CLASS_LANGUAGE,
                                                    .name = {NULL, stmt->plname},
                                                    .keyword = "language",
                                                    .replace = stmt->replace});

    if (language == NULL)
        return;
    lk_replay_lean_on_function(catalog, &language->object, stmt->plhandler);
    if (stmt->plinline != NIL)
        lk_replay_lean_on_function(catalog, &language->object, stmt->plinline);
    if (stmt->plvalidator != NIL)
        lk_replay_lean_on_function(catalog, &language->object, stmt->plvalidator);
}

void
lk_replay_create_access_method(struct lk_catalog *catalog, const CreateAmStmt *stmt)
{
    struct lk_named *method = make(catalog, OBJECT_ACCESS_METHOD, stmt->amname, false);

    if (method != NULL)
        lk_replay_lean_on_function(catalog, &method->object, stmt->handler_name);
}

/* ---- foreign data ---- */

static void
lean_on_handlers(struct lk_catalog *catalog, struct lk_named *wrapper, const List *options)
{
    ListCell *cell;

    foreach(cell, options) {
        const DefElem *option = lfirst_node(DefElem, cell);
        if (option->arg != NULL && IsA(option->arg, List))
            lk_replay_lean_on_function(catalog, &wrapper->object, (const List *)option->arg);
    }
}

void
lk_replay_create_wrapper(struct lk_catalog *catalog, const CreateFdwStmt *stmt)
{
    struct lk_named *wrapper = make(catalog, OBJECT_FDW, stmt->fdwname, false);

    if (wrapper != NULL)
        lean_on_handlers(catalog, wrapper, stmt->func_options);
}

void
lk_replay_alter_wrapper(struct lk_catalog *catalog, const AlterFdwStmt *stmt)
{
    struct lk_named *wrapper = lk_replay_change(catalog, OBJECT_FDW, stmt->fdwname);

    if (wrapper != NULL)
        lean_on_handlers(catalog, wrapper, stmt->func_options);
}

void
lk_replay_create_server(struct lk_catalog *catalog, const CreateForeignServerStmt *stmt)
{
    if (lk_catalog_object(catalog, LK_CLASS_FOREIGN_SERVER, NULL, stmt->servername) == NULL &&
        lk_replay_refuse_absent(catalog, OBJECT_FDW, stmt->fdwname))
        return;
    struct lk_named *server =
        make(catalog, OBJECT_FOREIGN_SERVER, stmt->servername, stmt->if_not_exists);

    if (server != NULL)
        lk_replay_lean_on_named(catalog, &server->object, LK_CLASS_FOREIGN_DATA_WRAPPER, NULL,
                                stmt->fdwname);
}

void
lk_replay_alter_server(struct lk_catalog *catalog, const AlterForeignServerStmt *stmt)
{
    lk_replay_change(catalog, OBJECT_FOREIGN_SERVER, stmt->servername);
}

char *
lk_replay_mapping_name(struct lk_catalog *catalog, const RoleSpec *user, const char *server)
{
    TALLOC_CTX *mem = catalog->statement_mem;
    const char *role = user->roletype == ROLESPEC_PUBLIC    ? "PUBLIC"
                       : user->roletype == ROLESPEC_CSTRING ? lk_quote_ident(mem, user->rolename)
                                                            : "CURRENT_USER";

    return lk_fmt(mem, "FOR %s SERVER %s", role, lk_quote_ident(mem, server));
}

void
lk_replay_create_user_mapping(struct lk_catalog *catalog, const CreateUserMappingStmt *stmt)
{
    if (lk_replay_refuse_absent(catalog, OBJECT_FOREIGN_SERVER, stmt->servername))
        return;
    struct lk_named *mapping = lk_replay_make(
        catalog, &(struct lk_making){
                     .class = LK_CLASS_USER_MAPPING,
                     .name = {NULL, lk_replay_mapping_name(catalog, stmt->user, stmt->servername)},
                     .if_not_exists = stmt->if_not_exists});

    if (mapping != NULL)
        lk_replay_lean_on_named(catalog, &mapping->object, LK_CLASS_FOREIGN_SERVER, NULL,
                                stmt->servername);
}

void
lk_replay_alter_user_mapping(struct lk_catalog *catalog, const AlterUserMappingStmt *stmt)
{
    struct lk_named *mapping = (struct lk_named *)lk_catalog_object(
        catalog, LK_CLASS_USER_MAPPING, NULL,
        lk_replay_mapping_name(catalog, stmt->user, stmt->servername));

    if (mapping == NULL)
        return;
    lk_catalog_touch(catalog, mapping);
    mapping->changes = lk_replay_changed(catalog, &mapping->object, mapping->changes, NULL);
}

/* Which tables there are on the other side is not known: the schema may hold any from now on. */
void
lk_replay_import_schema(struct lk_catalog *catalog, const ImportForeignSchemaStmt *stmt)
{
    struct lk_namespace *schema = lk_catalog_schema(catalog, stmt->local_schema);

    if (stmt->list_type == FDW_IMPORT_SCHEMA_LIMIT_TO) {
        ListCell *cell;
        foreach(cell, stmt->table_list)
            lk_catalog_assume(catalog, stmt->local_schema, lfirst_node(RangeVar, cell)->relname,
                              LK_RELATION_FOREIGN);
        return;
    }
    if (schema == NULL)
        return;
    lk_catalog_touch(catalog, schema);
    schema->imported = true;
}

/* ---- tablespaces, event triggers, subscriptions ---- */

void
lk_replay_create_tablespace(struct lk_catalog *catalog, const CreateTableSpaceStmt *stmt)
{
    if (stmt->location[0] != '/' && stmt->location[0] != '\0') {
        lk_refuse(catalog, "42P17", -1, "tablespace location must be an absolute path");
        return;
    }
    if (stmt->location[0] == '\0' &&
        lk_catalog_object(catalog, LK_CLASS_TABLESPACE, NULL, stmt->tablespacename) != NULL)
        return; /* refused, whatever allow_in_place_tablespaces says */
    struct lk_named *tablespace = make(catalog, OBJECT_TABLESPACE, stmt->tablespacename, false);

    if (tablespace != NULL && stmt->owner != NULL)
        tablespace->object.owner = lk_replay_role(catalog, stmt->owner);
}

void
lk_replay_alter_tablespace(struct lk_catalog *catalog, const AlterTableSpaceOptionsStmt *stmt)
{
    lk_replay_change(catalog, OBJECT_TABLESPACE, stmt->tablespacename);
}

void
lk_replay_create_event_trigger(struct lk_catalog *catalog, const CreateEventTrigStmt *stmt)
{
    struct lk_named *trigger = make(catalog, OBJECT_EVENT_TRIGGER, stmt->trigname, false);
    struct lk_qname name = lk_qname_of_list(stmt->funcname);
    struct lk_function *function = NULL;

    if (trigger == NULL)
        return;
    while ((function = lk_catalog_functions(catalog, name.schema, name.name, function)) != NULL)
        if (function->arguments.count == 0)
            break;
    if (function == NULL)
        return;
    lk_depend(catalog, &trigger->object, &function->object, LK_DEPENDS_NORMAL);
    struct lk_span whole = catalog->statement->span;
    struct lk_span span = lk_replay_name(catalog, "function");
    if (span.end == span.start)
        span = lk_replay_name(catalog, "procedure");
    if (span.end > span.start)
        lk_text_mention(trigger->definition, (struct lk_mention){.span = {span.start - whole.start,
                                                                          span.end - whole.start},
                                                                 .object = &function->object});
}

void
lk_replay_alter_event_trigger(struct lk_catalog *catalog, const AlterEventTrigStmt *stmt)
{
    lk_replay_change(catalog, OBJECT_EVENT_TRIGGER, stmt->trigname);
}

void
lk_replay_create_subscription(struct lk_catalog *catalog, const CreateSubscriptionStmt *stmt)
{
    if (!lk_refuse_clauses(catalog, LK_CLAUSES_SUBSCRIPTION, stmt->options))
        make(catalog, OBJECT_SUBSCRIPTION, stmt->subname, false);
}

void
lk_replay_alter_subscription(struct lk_catalog *catalog, const AlterSubscriptionStmt *stmt)
{
    const struct lk_object *known =
        lk_catalog_object(catalog, LK_CLASS_SUBSCRIPTION, NULL, stmt->subname);

    if (known == NULL || stmt->kind != ALTER_SUBSCRIPTION_OPTIONS ||
        !lk_refuse_clauses(catalog, LK_CLAUSES_SUBSCRIPTION_SET, stmt->options))
        lk_replay_change(catalog, OBJECT_SUBSCRIPTION, stmt->subname);
}

/* ---- extensions ---- */

/* goes_anywhere returns whether it is known that an extension goes where others are created. */
static bool
goes_anywhere(const char *extension)
{
    static const char *const fixed[] = {"adminpack", "pltcl", "pltclu"}; /* to pg_catalog */

    for (size_t i = 0; i < LK_ARRAY_SIZE(fixed); i++)
        if (strcmp(fixed[i], extension) == 0)
            return false;
    return lk_extension_provides(extension, "type", "") != LK_PROVIDES_UNKNOWN;
}

/* say_schema adds to the statement that makes an extension where search_path has put it. */
static void
say_schema(struct lk_catalog *catalog, struct lk_named *extension, struct lk_namespace *schema)
{
    const char *sql = lk_text_sql(catalog->statement_mem, extension->definition);
    uint32_t end = (uint32_t)strlen(sql) + (uint32_t)strlen(" SCHEMA ");

    extension->definition =
        lk_text_plain(catalog->objects, lk_fmt(catalog->statement_mem, "%s SCHEMA ", sql));
    lk_text_mention(extension->definition,
                    (struct lk_mention){.span = {end, end}, .object = &schema->object});
}

void
lk_replay_create_extension(struct lk_catalog *catalog, const CreateExtensionStmt *stmt)
{
    struct lk_named *extension;
    bool given = false;
    ListCell *cell;

    if (strcmp(stmt->extname, "plpgsql") == 0) /* it is there from the start */
        return;
    extension = make(catalog, OBJECT_EXTENSION, stmt->extname, stmt->if_not_exists);
    if (extension == NULL)
        return;
    struct lk_namespace *schema =
        goes_anywhere(stmt->extname)
            ? lk_catalog_schema(catalog, lk_catalog_creation_schema(catalog))
            : NULL;
    foreach(cell, stmt->options) {
        const DefElem *option = lfirst_node(DefElem, cell);
        if (strcmp(option->defname, "schema") != 0)
            continue;
        schema = lk_catalog_schema(catalog, strVal(option->arg));
        given = true;
    }
    if (schema == NULL)
        return;
    lk_depend(catalog, &extension->object, &schema->object, LK_DEPENDS_NORMAL);
    if (!given && strcmp(schema->object.name, "public") != 0)
        say_schema(catalog, extension, schema);
}

void
lk_replay_alter_extension(struct lk_catalog *catalog, const AlterExtensionStmt *stmt)
{
    lk_replay_change(catalog, OBJECT_EXTENSION, stmt->extname);
}

void
lk_replay_extension_contents(struct lk_catalog *catalog, const AlterExtensionContentsStmt *stmt)
{
    struct lk_object *extension =
        lk_catalog_object(catalog, LK_CLASS_EXTENSION, NULL, stmt->extname);
    struct lk_object *object = lk_replay_find_as(catalog, stmt->objtype, NULL, stmt->object);

    if (extension == NULL || object == NULL)
        return;
    if (stmt->action > 0)
        lk_depend(catalog, object, extension, LK_DEPENDS_INTERNAL);
    else
        lk_depend_not(catalog, object, extension);
}
