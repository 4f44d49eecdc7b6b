/*
 * rules/schema/replay_view.c
 *     Views, materialized views, and tables made of queries.
 */
#include "rules/schema/replay_view.h"
#include "rules/schema/replay_relation.h"

#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/seen.h"

/* schema_of returns the schema that a relation is created in. */
static const char *
schema_of(const struct lk_catalog *catalog, const RangeVar *range)
{
    if (range->relpersistence == RELPERSISTENCE_TEMP)
        return "pg_temp";
    return range->schemaname != NULL ? range->schemaname : lk_catalog_creation_schema(catalog);
}

static void
refuse_existing(struct lk_catalog *catalog, const RangeVar *range, const struct lk_relation *old)
{
    struct lk_refusal *refusal = lk_refuse(catalog, "42P07", range->location,
                                           "relation \"%s\" already exists", range->relname);

    refusal->object = &old->object;
    refusal->name = lk_relation_sql(catalog->statement_mem, old);
}

/* find_again returns the name that a result has twice, or NULL. */
static const char *
find_again(const struct lk_result *result)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_seen *seen = NULL;

    lk_vec_foreach(column, &result->columns)
        if (lk_seen_address(scratch, &seen, column->name)) /* names are interned */
            return column->name;
    return NULL;
}

/* refuse_result refuses a result that no relation can have. */
static void
refuse_result(struct lk_catalog *catalog, const struct lk_result *result)
{
    const char *again = find_again(result);

    if (again != NULL && !lk_replay_refused(catalog))
        lk_refuse(catalog, "42701", -1, "column \"%s\" specified more than once", again)->name =
            lk_quote_ident(catalog->statement_mem, again);
}

/* ---- CREATE OR REPLACE VIEW ---- */

/* refuse_column refuses another column in the place of one; it returns whether it did. */
static bool
refuse_column(struct lk_catalog *catalog, const struct lk_column *old,
              const struct lk_result_column *made)
{
    const char *name = old->object.name;
    TALLOC_CTX *mem = catalog->statement_mem;

    if (strcmp(name, made->name) != 0)
        lk_refuse(catalog, "42P16", -1, "cannot change name of view column \"%s\" to \"%s\"", name,
                  made->name)
            ->object = &old->object;
    else if (!old->type_known || !made->typed.type_known)
        return false;
    else if (!lk_type_equal(&old->type, &made->typed.type))
        lk_refuse(catalog, "42P16", -1,
                  "cannot change data type of view column \"%s\" from %s to %s", name,
                  lk_type_sql(mem, &old->type), lk_type_sql(mem, &made->typed.type))
            ->object = &old->object;
    else
        return false;
    return true;
}

/*
 * refuse_replacement refuses a query whose columns do not begin with those of the old one.
 * Source: checkViewColumns(), src/backend/commands/view.c.
 */
static void
refuse_replacement(struct lk_catalog *catalog, const struct lk_relation *view,
                   const struct lk_result *result)
{
    if (view->partial || !result->complete || lk_replay_refused(catalog))
        return;
    if (result->columns.count < view->columns.count) {
        lk_refuse(catalog, "42P16", -1, "cannot drop columns from view")->object = &view->object;
        return;
    }
    for (size_t i = 0; i < view->columns.count; i++)
        if (refuse_column(catalog, view->columns.items[i], &result->columns.items[i]))
            return;
}

/* set_options keeps WITH (...), the check option apart. */
static void
set_options(struct lk_catalog *catalog, struct lk_relation *view, const ViewStmt *stmt)
{
    struct lk_buf sql = lk_buf_init(catalog->statement_mem);
    ListCell *cell;

    view->check_option = stmt->withCheckOption == LOCAL_CHECK_OPTION      ? 'l'
                         : stmt->withCheckOption == CASCADED_CHECK_OPTION ? 'c'
                                                                          : 0;
    foreach(cell, stmt->options) {
        const DefElem *option = lfirst_node(DefElem, cell);
        const char *value = option->arg == NULL         ? "true"
                            : IsA(option->arg, Boolean) ? (boolVal(option->arg) ? "true" : "false")
                            : IsA(option->arg, Integer) ? (intVal(option->arg) ? "1" : "0")
                            : IsA(option->arg, String)  ? strVal(option->arg)
                            : IsA(option->arg, TypeName)
                                ? strVal(llast(((TypeName *)option->arg)->names))
                                : NULL;
        if (value == NULL)
            continue;
        if (strcmp(option->defname, "check_option") == 0) {
            view->check_option = value[0];
            continue;
        }
        lk_buf_sep(&sql, ", ");
        lk_buf_addf(&sql, "%s=%s", lk_quote_ident(catalog->statement_mem, option->defname), value);
    }
    view->options = stmt->options != NIL && sql.data != NULL && sql.data[0] != '\0'
                        ? lk_text_plain(catalog->objects, sql.data)
                        : NULL;
}

/* reads_temporary returns whether a query names what only this session has. */
static bool
reads_temporary(const struct lk_text *text)
{
    if (text != NULL)
        lk_vec_foreach(mention, &text->mentions)
            if (mention->object != NULL && mention->object->class == LK_CLASS_RELATION &&
                ((const struct lk_relation *)mention->object)->temporary)
                return true;
    return false;
}

/* find_old returns the relation that CREATE VIEW would replace; it refuses what it cannot be. */
static struct lk_relation *
find_old(struct lk_catalog *catalog, const ViewStmt *stmt, const char *schema)
{
    const RangeVar *range = stmt->view;
    struct lk_relation *old = lk_catalog_relation(catalog, schema, range->relname);

    if (old == NULL)
        return NULL;
    if (!stmt->replace) {
        if (!old->object.assumed)
            refuse_existing(catalog, range, old);
        return NULL;
    }
    if (old->kind == LK_RELATION_VIEW || old->kind == LK_RELATION_UNKNOWN)
        return old;
    if (!old->object.assumed)
        lk_refuse(catalog, "42809", range->location, "\"%s\" is not a view", range->relname)
            ->object = &old->object;
    return NULL;
}

void
lk_replay_create_view(struct lk_catalog *catalog, const ViewStmt *stmt)
{
    const RangeVar *range = stmt->view;
    struct lk_replay_query query = lk_replay_read_query(catalog, range, stmt->query, stmt->aliases);
    const char *schema = schema_of(catalog, range);

    if (range->schemaname == NULL && reads_temporary(query.text))
        schema = "pg_temp";
    struct lk_relation *view = find_old(catalog, stmt, schema);
    refuse_result(catalog, &query.result);
    if (view != NULL)
        refuse_replacement(catalog, view, &query.result);
    if (lk_replay_refused(catalog))
        return;
    if (view == NULL) {
        view = lk_catalog_add_relation(catalog, schema, range->relname, LK_RELATION_VIEW);
        lk_replay_created(catalog, &view->object);
    }
    lk_catalog_touch(catalog, view);
    view->kind = LK_RELATION_VIEW;
    set_options(catalog, view, stmt);
    lk_replay_columns(catalog, view, &query.result);
    lk_replay_set_query(catalog, view, &query, stmt->query);
}

/* ---- materialized views, CREATE TABLE AS, SELECT INTO ---- */

static void
create_of_query(struct lk_catalog *catalog, const IntoClause *into, Node *tree,
                enum lk_relation_kind kind, bool if_not_exists)
{
    const RangeVar *range = into->rel;
    const char *schema = schema_of(catalog, range);
    const struct lk_relation *old = lk_catalog_relation(catalog, schema, range->relname);

    if (old != NULL && if_not_exists)
        return;
    if (old != NULL && !old->object.assumed) {
        refuse_existing(catalog, range, old);
        return;
    }
    struct lk_replay_query query = lk_replay_read_query(catalog, range, tree, into->colNames);
    refuse_result(catalog, &query.result);
    if (lk_replay_refused(catalog))
        return;
    struct lk_relation *relation = lk_catalog_add_relation(catalog, schema, range->relname, kind);
    lk_replay_created(catalog, &relation->object);
    relation->until_commit = into->onCommit == ONCOMMIT_DROP;
    relation->unlogged = range->relpersistence == RELPERSISTENCE_UNLOGGED;
    relation->not_populated = kind == LK_RELATION_MATVIEW && into->skipData;
    relation->options = lk_options_changed(catalog, NULL, into->options, false, false);
    relation->tablespace = lk_catalog_keep(catalog, into->tableSpaceName);
    relation->method = lk_catalog_keep(catalog, into->accessMethod);
    lk_replay_columns(catalog, relation, &query.result);
    if (kind == LK_RELATION_MATVIEW)
        lk_replay_set_query(catalog, relation, &query, tree);
}

void
lk_replay_create_as(struct lk_catalog *catalog, const CreateTableAsStmt *stmt)
{
    create_of_query(catalog, stmt->into, stmt->query,
                    stmt->objtype == OBJECT_MATVIEW ? LK_RELATION_MATVIEW : LK_RELATION_TABLE,
                    stmt->if_not_exists);
}

void
lk_replay_select(struct lk_catalog *catalog, const SelectStmt *stmt)
{
    const SelectStmt *first = stmt;
    union { /* the analysis changes nothing, but does not say so */
        const SelectStmt *constant;
        Node *node;
    } tree = {.constant = stmt};

    while (first->op != SETOP_NONE)
        first = first->larg;
    if (first->intoClause != NULL) {
        create_of_query(catalog, first->intoClause, tree.node, LK_RELATION_TABLE, false);
        lk_replay_calls(catalog, tree.node);
        return;
    }
    lk_replay_set_config(catalog, stmt);
    lk_replay_setval(catalog, stmt);
    lk_replay_read(catalog, stmt);
}

/* has_key returns whether a view has an index that tells its rows apart, as far as is known. */
static bool
has_key(const struct lk_relation *view)
{
    lk_vec_foreach(item, &view->indexes) {
        const struct lk_relation *index = *item;
        bool keyed = index->unique && !index->has_predicate && index->valid;
        lk_vec_foreach(key, &index->keys)
            keyed &= *key != NULL; /* an expression */
        if (keyed || index->partial || index->object.assumed || index->object.doubtful)
            return true;
    }
    return false;
}

/* Source: ExecRefreshMatView(), src/backend/commands/matview.c. */
static bool
refuse_refresh(struct lk_catalog *catalog, const struct lk_relation *view,
               const RefreshMatViewStmt *stmt)
{
    if (view == NULL)
        return lk_refuse_missing(catalog, stmt->relation);
    if (!lk_is_known(view))
        return false;
    if (view->kind == LK_RELATION_INDEX || view->kind == LK_RELATION_SEQUENCE ||
        view->kind == LK_RELATION_VIEW)
        lk_refuse(catalog, "42809", stmt->relation->location,
                  "\"%s\" is not a table or materialized view", view->object.name)
            ->object = &view->object;
    else if (view->kind != LK_RELATION_MATVIEW)
        lk_refuse(catalog, "0A000", stmt->relation->location, "\"%s\" is not a materialized view",
                  view->object.name)
            ->object = &view->object;
    else if (stmt->concurrent && view->not_populated)
        lk_refuse(catalog, "0A000", -1,
                  "CONCURRENTLY cannot be used when the materialized view is not populated");
    else if (stmt->concurrent && stmt->skipData)
        lk_refuse(catalog, "42601", -1, "%s and %s options cannot be used together", "CONCURRENTLY",
                  "WITH NO DATA");
    else if (stmt->concurrent && !has_key(view))
        lk_refuse(catalog, "55000", -1, "cannot refresh materialized view \"%s.%s\" concurrently",
                  view->schema, view->object.name);
    return lk_replay_refused(catalog);
}

void
lk_replay_refresh(struct lk_catalog *catalog, const RefreshMatViewStmt *stmt)
{
    struct lk_relation *view =
        lk_catalog_relation(catalog, stmt->relation->schemaname, stmt->relation->relname);

    if (refuse_refresh(catalog, view, stmt) || view == NULL || view->kind != LK_RELATION_MATVIEW)
        return;
    lk_catalog_touch(catalog, view);
    view->not_populated = stmt->skipData;
}
