/*
 * rules/schema/replay_publication.c
 *     Publications and what they publish.
 */
#include "parser/base/buf.h"
#include "parser/lexer.h"
#include "rules/schema/analyze.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_clauses.h"
#include "rules/schema/replay_named.h"
#include "rules/schema/replay_relation.h"

/* ---- members ---- */

static struct lk_span
condition_span(const struct lk_catalog *catalog, const PublicationTable *table)
{
    struct lk_lexer lexer = lk_lexer_at(
        catalog->text, (struct lk_span){lk_replay_offset(catalog, table->relation->location),
                                        catalog->statement->span.end});
    struct lk_span span = {0, 0};
    struct lk_token token;
    int depth = 0;

    do
        token = lk_lex_code(&lexer);
    while (token.kind != LK_TOKEN_END && !lk_token_is(catalog->text, token, "where"));
    for (token = lk_lex_code(&lexer); token.kind != LK_TOKEN_END; token = lk_lex_code(&lexer)) {
        if (lk_token_is_symbol(catalog->text, token, '(') && depth++ == 0)
            span.start = span.end = token.span.end;
        if (lk_token_is_symbol(catalog->text, token, ')') && --depth == 0) {
            span.end = token.span.start;
            break;
        }
    }
    return span;
}

static struct lk_member *
table_member(struct lk_catalog *catalog, const PublicationTable *table)
{
    const RangeVar *range = table->relation;
    struct lk_relation *relation = lk_catalog_relation(catalog, range->schemaname, range->relname);
    struct lk_member *member = lk_new(catalog->objects, struct lk_member);
    ListCell *cell;

    member->object = relation != NULL ? &relation->object : NULL;
    if (relation == NULL)
        member->name = lk_strdup(member, range->relname);
    foreach(cell, table->columns)
        lk_vec_push(member, &member->columns, lk_strdup(member, strVal(lfirst(cell))));
    if (table->whereClause != NULL) {
        struct lk_span span = condition_span(catalog, table);
        member->condition = lk_replay_text(catalog, span);
        lk_analyze_expression(catalog, relation, table->whereClause,
                              (struct lk_mentions){member->condition, span.start}, NULL);
    }
    return member;
}

static struct lk_member *
schema_member(struct lk_catalog *catalog, const char *name)
{
    struct lk_namespace *schema = lk_catalog_schema(catalog, name);
    struct lk_member *member;

    if (lk_replay_no_schema(catalog, name))
        return NULL;
    member = lk_new(catalog->objects, struct lk_member);
    member->object = schema != NULL ? &schema->object : NULL;
    if (schema == NULL)
        member->name = lk_strdup(member, name);
    return member;
}

/* member_of returns what an item of FOR, ADD, SET or DROP publishes. */
static struct lk_member *
member_of(struct lk_catalog *catalog, const PublicationObjSpec *item)
{
    switch (item->pubobjtype) {
    case PUBLICATIONOBJ_TABLES_IN_SCHEMA:
        return schema_member(catalog, item->name);
    case PUBLICATIONOBJ_TABLES_IN_CUR_SCHEMA:
        return schema_member(catalog, lk_catalog_creation_schema(catalog));
    default:
        return item->pubtable != NULL ? table_member(catalog, item->pubtable) : NULL;
    }
}

static size_t
find_member(const struct lk_named *publication, const struct lk_member *wanted)
{
    for (size_t i = 0; i < publication->members.count; i++) {
        const struct lk_member *member = publication->members.items[i];
        if (member->object == wanted->object &&
            (wanted->object != NULL || strcmp(member->name, wanted->name) == 0))
            return i;
    }
    return SIZE_MAX;
}

static void
refuse_member(struct lk_catalog *catalog, const struct lk_named *publication,
              const struct lk_member *member, bool is_there)
{
    bool schema;

    if (member->object == NULL || publication->object.assumed)
        return;
    schema = member->object->class == LK_CLASS_SCHEMA;
    if (is_there)
        lk_refuse(catalog, "42710", -1, "%s \"%s\" is already member of publication \"%s\"",
                  schema ? "schema" : "relation", member->object->name, publication->object.name);
    else if (schema)
        lk_refuse(catalog, "42704", -1, "tables from schema \"%s\" are not part of the publication",
                  member->object->name);
    else
        lk_refuse(catalog, "42704", -1, "relation \"%s\" is not part of the publication",
                  member->object->name);
    lk_vec_last(&catalog->refusals.items)->object = &publication->object;
}

static void
add_members(struct lk_catalog *catalog, struct lk_named *publication, const List *items)
{
    size_t first = publication->members.count;
    ListCell *cell;

    foreach(cell, items) {
        struct lk_member *member = member_of(catalog, lfirst_node(PublicationObjSpec, cell));
        size_t known = member != NULL ? find_member(publication, member) : SIZE_MAX;
        if (member == NULL)
            continue;
        if (known < first) {
            refuse_member(catalog, publication, member, true);
            publication->members.count = first;
            return;
        }
        if (known == SIZE_MAX)
            lk_vec_push(publication, &publication->members, member);
    }
}

static void
drop_members(struct lk_catalog *catalog, struct lk_named *publication, const List *items)
{
    ListCell *cell;

    foreach(cell, items) {
        struct lk_member *member = member_of(catalog, lfirst_node(PublicationObjSpec, cell));
        size_t known = member != NULL ? find_member(publication, member) : SIZE_MAX;
        if (member == NULL)
            continue;
        if (known == SIZE_MAX) {
            refuse_member(catalog, publication, member, false);
            return;
        }
        member = publication->members.items[known];
        lk_remove_pointer(&publication->members, member);
    }
}

/* refuse_tables refuses tables that are not there. */
static bool
refuse_tables(struct lk_catalog *catalog, const List *items)
{
    ListCell *cell;

    foreach(cell, items) {
        const PublicationTable *table = lfirst_node(PublicationObjSpec, cell)->pubtable;
        if (table != NULL && lk_refuse_missing(catalog, table->relation))
            return true;
    }
    return false;
}

/* ---- statements ---- */

/* options_text returns CREATE PUBLICATION with its options, and of what it publishes ALL TABLES. */
static struct lk_text *
options_text(struct lk_catalog *catalog, struct lk_named *publication,
             const CreatePublicationStmt *stmt)
{
    struct lk_buf sql = lk_buf_init(catalog->statement_mem);
    struct lk_span whole = catalog->statement->span;
    struct lk_lexer lexer = lk_lexer_at(catalog->text, whole);
    uint32_t with = whole.end;
    int depth = 0;

    for (struct lk_token token = lk_lex_code(&lexer); token.kind != LK_TOKEN_END;
         token = lk_lex_code(&lexer)) {
        depth += lk_token_is_symbol(catalog->text, token, '(');
        depth -= lk_token_is_symbol(catalog->text, token, ')');
        if (depth == 0 && lk_token_is(catalog->text, token, "with"))
            with = token.span.start;
    }
    lk_buf_add(&sql, "CREATE PUBLICATION ");
    uint32_t at = (uint32_t)sql.len;
    if (stmt->for_all_tables)
        lk_buf_add(&sql, " FOR ALL TABLES");
    if (stmt->options != NIL && with < whole.end) {
        lk_buf_addc(&sql, ' ');
        lk_buf_addn(&sql, catalog->text + with, whole.end - with);
    }
    struct lk_text *text = lk_text_plain(catalog->objects, sql.data);
    lk_text_mention(text, (struct lk_mention){.span = {at, at}, .object = &publication->object});
    return text;
}

void
lk_replay_create_publication(struct lk_catalog *catalog, const CreatePublicationStmt *stmt)
{
    const struct lk_object *known =
        lk_catalog_object(catalog, LK_CLASS_PUBLICATION, NULL, stmt->pubname);

    if (known == NULL && (lk_refuse_clauses(catalog, LK_CLAUSES_PUBLICATION, stmt->options) ||
                          (stmt->options == NIL && refuse_tables(catalog, stmt->pubobjects))))
        return;
    struct lk_named *publication =
        lk_replay_make(catalog, &(struct lk_making){.class = LK_CLASS_PUBLICATION,
                                                    .name = {NULL, stmt->pubname},
                                                    .keyword = "publication"});
    if (publication == NULL)
        return;
    publication->definition = options_text(catalog, publication, stmt);
    publication->all_tables = stmt->for_all_tables;
    add_members(catalog, publication, stmt->pubobjects);
}

/* refuse_change refuses to change what FOR ALL TABLES publishes, and conditions of what goes. */
static bool
refuse_change(struct lk_catalog *catalog, const struct lk_named *publication,
              const AlterPublicationStmt *stmt)
{
    ListCell *cell;

    if (publication->all_tables && !publication->object.assumed) {
        lk_refuse(catalog, "55000", -1, "publication \"%s\" is defined as FOR ALL TABLES",
                  publication->object.name);
        return true;
    }
    foreach(cell, stmt->pubobjects) {
        const PublicationObjSpec *item = lfirst_node(PublicationObjSpec, cell);
        if (stmt->action != AP_DropObjects || item->pubtable == NULL ||
            item->pubtable->whereClause == NULL)
            continue;
        lk_refuse(catalog, "42601", -1,
                  "cannot use a WHERE clause when removing a table from a publication");
        return true;
    }
    return false;
}

void
lk_replay_alter_publication(struct lk_catalog *catalog, const AlterPublicationStmt *stmt)
{
    struct lk_named *publication;

    if (stmt->options != NIL) { /* SET (...) */
        const struct lk_object *known =
            lk_catalog_object(catalog, LK_CLASS_PUBLICATION, NULL, stmt->pubname);
        if (known == NULL || !lk_refuse_clauses(catalog, LK_CLAUSES_PUBLICATION, stmt->options))
            lk_replay_change(catalog, OBJECT_PUBLICATION, stmt->pubname);
        return;
    }
    publication =
        (struct lk_named *)lk_catalog_object(catalog, LK_CLASS_PUBLICATION, NULL, stmt->pubname);
    if (publication == NULL)
        lk_replay_refuse_absent(catalog, OBJECT_PUBLICATION, stmt->pubname);
    if (publication == NULL || refuse_change(catalog, publication, stmt) ||
        refuse_tables(catalog, stmt->pubobjects))
        return;
    lk_catalog_touch(catalog, publication);
    switch (stmt->action) {
    case AP_AddObjects:
        add_members(catalog, publication, stmt->pubobjects);
        break;
    case AP_DropObjects:
        drop_members(catalog, publication, stmt->pubobjects);
        break;
    case AP_SetObjects:
        publication->members.count = 0;
        add_members(catalog, publication, stmt->pubobjects);
        break;
    default:
        break;
    }
}
