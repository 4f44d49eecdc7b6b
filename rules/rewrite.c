/*
 * rules/rewrite.c
 *     The user's own SQL taken apart and put together again: see rewrite.h.
 */
#include "rules/rewrite.h"

#include "parser/base/buf.h"
#include "parser/lexer.h"
#include "parser/pgparse.h"
#include "parser/tree.h"
#include "rules/schema/index_name.h"
#include "rules/suggest.h"

/* written returns a part of a file as it can be written elsewhere. */
static char *
written(const struct lk_check *check, const struct lk_source *source, uint32_t start, uint32_t end)
{
    return lk_source_text(check->mem, source, (struct lk_span){start, end});
}

char *
lk_statement_text(const struct lk_check *check)
{
    struct lk_span span = check->statement->span;

    return written(check, check->source, span.start, span.end);
}

char *
lk_marked_text(const struct lk_check *check)
{
    const struct lk_call *call = check->call;

    if (call == NULL)
        return lk_statement_text(check);
    while (call->outer != NULL)
        call = call->outer;
    struct lk_span span = call->from->span;
    return written(check, call->source, span.start, span.end);
}

char *
lk_statement_insert(const struct lk_check *check, const char *word, const char *insertion)
{
    const char *text = check->source->text;
    struct lk_span span = check->statement->span;
    struct lk_lexer lexer = lk_lexer_at(text, span);

    for (;;) {
        struct lk_token token = lk_lex_code(&lexer);
        if (token.kind == LK_TOKEN_END)
            return lk_statement_text(check);
        if (lk_token_is(text, token, word))
            return lk_fmt(check->mem, "%s%s%s",
                          written(check, check->source, span.start, token.span.end), insertion,
                          written(check, check->source, token.span.end, span.end));
    }
}

/* makes_room returns whether dropping a constraint makes room for another one: see lk_room_text. */
static bool
makes_room(const struct lk_relation *table, const char *dropped, const char *name, bool key)
{
    const struct lk_constraint *known =
        table == NULL || !key ? NULL : lk_relation_constraint(table, dropped);

    return strcmp(dropped, name) == 0 || (known != NULL && known->kind == LK_CONSTRAINT_PRIMARY);
}

char *
lk_room_text(const struct lk_check *check, const char *name, bool key)
{
    const AlterTableStmt *stmt = castNode(AlterTableStmt, check->statement->tree);
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    struct lk_buf buf = lk_buf_init(check->mem);
    size_t index = 0;
    ListCell *cell;

    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        struct lk_span span = lk_alter_span(check, stmt, index++);
        if (command->subtype == AT_DropConstraint && makes_room(table, command->name, name, key))
            lk_buf_addf(&buf, "%.*s, ", (int)(span.end - span.start),
                        check->source->text + span.start);
    }
    return buf.data;
}

/* nesting returns 1 for what opens a parenthesis or bracket, -1 for what closes one. */
static int
nesting(const char *text, struct lk_token token)
{
    if (lk_token_is_symbol(text, token, '(') || lk_token_is_symbol(text, token, '['))
        return 1;
    return lk_token_is_symbol(text, token, ')') || lk_token_is_symbol(text, token, ']') ? -1 : 0;
}

/* clause_end returns where the clause that starts at `start` ends: see lk_constraint_text. */
static uint32_t
clause_end(const struct lk_check *check, uint32_t start)
{
    const char *text = check->source->text;
    uint32_t end = start;
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){start, check->statement->span.end});
    int depth = 0;

    for (;;) {
        struct lk_token token = lk_lex_code(&lexer);
        if (token.kind == LK_TOKEN_END || (depth == 0 && (lk_token_is_symbol(text, token, ',') ||
                                                          lk_token_is_symbol(text, token, ')'))))
            return end;
        depth += nesting(text, token);
        end = token.span.end;
    }
}

/* constraint_start returns where a constraint starts behind CONSTRAINT name. */
static uint32_t
constraint_start(const struct lk_check *check, const Constraint *constraint)
{
    const char *text = check->source->text;
    uint32_t start = lk_statement_offset(check->statement, constraint->location);
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){start, check->statement->span.end});
    struct lk_token token = lk_lex_code(&lexer);

    if (!lk_token_is(text, token, "constraint"))
        return start;
    lk_lex_code(&lexer);
    return lk_lex_code(&lexer).span.start;
}

char *
lk_constraint_text(const struct lk_check *check, const Constraint *constraint)
{
    uint32_t start = constraint_start(check, constraint);

    return written(check, check->source, start, clause_end(check, start));
}

const char *
lk_constraint_columns(const struct lk_check *check, const Constraint *constraint)
{
    struct lk_tree_names columns = {0};

    switch (constraint->contype) {
    case CONSTR_FOREIGN:
        return lk_joined_names(check, constraint->fk_attrs);
    case CONSTR_UNIQUE:
        return lk_joined_names(check, constraint->keys);
    case CONSTR_CHECK:
        lk_tree_columns(check->mem, constraint->raw_expr, &columns);
        return columns.items.count == 1 ? columns.items.items[0] : "";
    default:
        return "";
    }
}

char *
lk_check_text(const struct lk_check *check, const Constraint *constraint)
{
    const char *text = check->source->text;
    uint32_t start = constraint_start(check, constraint), end = start;
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){start, check->statement->span.end});
    int depth = 0;

    lk_lex_code(&lexer); /* CHECK */
    do {
        struct lk_token token = lk_lex_code(&lexer);
        depth += nesting(text, token);
        end = token.span.end;
        if (token.kind == LK_TOKEN_END)
            break;
    } while (depth > 0);
    return lk_fmt(check->mem, "%s%s", written(check, check->source, start, end),
                  constraint->is_no_inherit ? " NO INHERIT" : "");
}

static bool
is_attribute(const Constraint *constraint)
{
    return constraint->contype == CONSTR_ATTR_DEFERRABLE ||
           constraint->contype == CONSTR_ATTR_NOT_DEFERRABLE ||
           constraint->contype == CONSTR_ATTR_DEFERRED ||
           constraint->contype == CONSTR_ATTR_IMMEDIATE;
}

/* action_sql returns what happens to the referencing rows, or "" for the default. */
static const char *
action_sql(char action)
{
    switch (action) {
    case FKCONSTR_ACTION_RESTRICT:
        return "RESTRICT";
    case FKCONSTR_ACTION_CASCADE:
        return "CASCADE";
    case FKCONSTR_ACTION_SETNULL:
        return "SET NULL";
    case FKCONSTR_ACTION_SETDEFAULT:
        return "SET DEFAULT";
    default:
        return "";
    }
}

const char *
lk_column_attributes(const ColumnDef *definition, const Constraint *constraint)
{
    bool behind = false, deferrable = false, deferred = false;
    ListCell *cell;

    foreach(cell, definition->constraints) {
        const Constraint *other = lfirst_node(Constraint, cell);
        if (!is_attribute(other))
            behind = other == constraint;
        deferrable |= behind && other->contype == CONSTR_ATTR_DEFERRABLE;
        deferred |= behind && other->contype == CONSTR_ATTR_DEFERRED;
    }
    return deferred ? " DEFERRABLE INITIALLY DEFERRED" : deferrable ? " DEFERRABLE" : "";
}

char *
lk_foreign_key_text(const struct lk_check *check, const ColumnDef *definition,
                    const Constraint *constraint)
{
    struct lk_buf buf = lk_buf_init(check->mem);

    lk_buf_addf(&buf, "FOREIGN KEY (%s) REFERENCES %s",
                lk_quote_ident(check->mem, definition->colname),
                lk_range_sql(check->mem, constraint->pktable));
    if (constraint->pk_attrs != NIL)
        lk_buf_addf(&buf, " (%s)", lk_columns_sql(check->mem, constraint->pk_attrs));
    if (constraint->fk_matchtype == FKCONSTR_MATCH_FULL)
        lk_buf_add(&buf, " MATCH FULL");
    if (action_sql(constraint->fk_upd_action)[0] != '\0')
        lk_buf_addf(&buf, " ON UPDATE %s", action_sql(constraint->fk_upd_action));
    if (action_sql(constraint->fk_del_action)[0] != '\0')
        lk_buf_addf(&buf, " ON DELETE %s", action_sql(constraint->fk_del_action));
    if (constraint->fk_del_set_cols != NIL)
        lk_buf_addf(&buf, " (%s)", lk_columns_sql(check->mem, constraint->fk_del_set_cols));
    lk_buf_add(&buf, lk_column_attributes(definition, constraint));
    return buf.data;
}

/* part_end returns where a column's constraint that starts at `from` ends, `end` at the latest. */
static uint32_t
part_end(const struct lk_check *check, const ColumnDef *definition, uint32_t from, uint32_t end)
{
    ListCell *cell;

    foreach(cell, definition->constraints) {
        const Constraint *other = lfirst_node(Constraint, cell);
        uint32_t at = lk_statement_offset(check->statement, other->location);
        if (at > from && at < end && !is_attribute(other))
            end = at;
    }
    if (definition->collClause != NULL) {
        uint32_t at = lk_statement_offset(check->statement, definition->collClause->location);
        if (at > from && at < end)
            end = at;
    }
    return end;
}

char *
lk_trimmed(char *text)
{
    size_t length = strlen(text);

    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
        text[--length] = '\0';
    return text;
}

char *
lk_column_without(const struct lk_check *check, const ColumnDef *definition,
                  const Constraint *constraint)
{
    uint32_t start = lk_statement_offset(check->statement, definition->location);
    uint32_t end = clause_end(check, start);
    uint32_t from = lk_statement_offset(check->statement, constraint->location);
    uint32_t next = part_end(check, definition, from, end);

    return lk_trimmed(lk_fmt(check->mem, "%s%s", written(check, check->source, start, from),
                             written(check, check->source, next, end)));
}

struct lk_span
lk_column_part_span(const struct lk_check *check, const ColumnDef *definition,
                    const Constraint *constraint)
{
    uint32_t start = lk_statement_offset(check->statement, constraint->location);
    uint32_t end = clause_end(check, lk_statement_offset(check->statement, definition->location));

    return (struct lk_span){start, part_end(check, definition, start, end)};
}

char *
lk_column_part(const struct lk_check *check, const ColumnDef *definition,
               const Constraint *constraint)
{
    uint32_t start = constraint_start(check, constraint);
    uint32_t end = part_end(check, definition, start, clause_end(check, start));

    return lk_trimmed(written(check, check->source, start, end));
}

char *
lk_column_bare(const struct lk_check *check, const ColumnDef *definition)
{
    uint32_t start = lk_statement_offset(check->statement, definition->location);
    uint32_t end = clause_end(check, start), first = end;
    const char *collation = "";
    struct lk_type type;
    ListCell *cell;

    if (lk_type_of(check->mem, definition->typeName, &type) && type.serial)
        return lk_fmt(check->mem, "%s %s", lk_quote_ident(check->mem, definition->colname),
                      lk_type_sql(check->mem, &type));
    foreach(cell, definition->constraints)
        first = LK_MIN(
            first, lk_statement_offset(check->statement, lfirst_node(Constraint, cell)->location));
    if (definition->collClause != NULL &&
        lk_statement_offset(check->statement, definition->collClause->location) > first)
        collation =
            lk_fmt(check->mem, " COLLATE %s",
                   lk_qname_sql(check->mem, lk_qname_of_list(definition->collClause->collname)));
    return lk_fmt(check->mem, "%s%s", lk_trimmed(written(check, check->source, start, first)),
                  collation);
}

/* skip_name moves behind a qualified name, and the star that may follow it. */
static void
skip_name(struct lk_lexer *lexer)
{
    struct lk_lexer ahead;
    struct lk_token token;

    lk_lex_code(lexer);
    for (;;) {
        ahead = *lexer;
        token = lk_lex_code(&ahead);
        if (lk_token_is_symbol(lexer->text, token, '.'))
            lk_lex_code(&ahead);
        else if (!lk_token_is_symbol(lexer->text, token, '*'))
            return;
        *lexer = ahead;
    }
}

char *
lk_alter_sql(const struct lk_check *check, const AlterTableStmt *stmt)
{
    return lk_fmt(check->mem, "ALTER TABLE %s%s", stmt->missing_ok ? "IF EXISTS " : "",
                  lk_range_sql(check->mem, stmt->relation));
}

struct lk_span
lk_alter_span(const struct lk_check *check, const AlterTableStmt *stmt, size_t index)
{
    const char *text = check->source->text;
    uint32_t start = lk_statement_offset(check->statement, stmt->relation->location);
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){start, check->statement->span.end});
    struct lk_span span = {0};
    int depth = 0;

    skip_name(&lexer);
    for (;;) {
        struct lk_token token = lk_lex_code(&lexer);
        bool comma = depth == 0 && lk_token_is_symbol(text, token, ',');
        if (token.kind == LK_TOKEN_END || (comma && index-- == 0))
            return span;
        if (comma) {
            span = (struct lk_span){0};
            continue;
        }
        if (span.end == 0)
            span.start = token.span.start;
        span.end = token.span.end;
        depth += nesting(text, token);
    }
}

char *
lk_joined_names(const struct lk_check *check, const List *names)
{
    struct lk_buf text = lk_buf_init(check->mem);
    ListCell *cell;

    foreach(cell, names) {
        lk_buf_sep(&text, "_");
        lk_buf_add(&text, strVal(lfirst(cell)));
    }
    return text.data;
}

char *
lk_made_name(const struct lk_check *check, struct lk_qname table, const char *columns,
             const char *label)
{
    const struct lk_relation *relation =
        lk_catalog_relation(check->catalog, table.schema, table.name);
    const char *schema = relation != NULL ? relation->schema : table.schema;
    const char *second = columns[0] != '\0' ? columns : NULL;
    char *name = lk_new_array(check->mem, char, LK_NAME_SIZE);
    unsigned pass = 0;

    do
        lk_object_name(name, table.name, second, label, pass++);
    while (lk_relation_constraint(relation, name) != NULL ||
           lk_catalog_relation(check->catalog, schema, name) != NULL);
    return name;
}

char *
lk_index_made_name(const struct lk_check *check, const IndexStmt *stmt, struct lk_qname table)
{
    const char **columns =
        lk_index_column_names(check->mem, stmt->indexParams, stmt->indexIncludingParams);

    return lk_made_name(check, table, lk_index_joined(check->mem, columns), "idx");
}

char *
lk_index_name(const struct lk_check *check, const IndexStmt *stmt)
{
    if (stmt->idxname != NULL)
        return lk_strdup(check->mem, stmt->idxname);
    return lk_index_made_name(check, stmt, lk_qname_of_range(stmt->relation));
}

char *
lk_index_on(const struct lk_check *check, const IndexStmt *stmt, const char *name,
            const char *table)
{
    const char *text = check->source->text;
    uint32_t start = lk_statement_offset(check->statement, stmt->relation->location);
    uint32_t end = check->statement->span.end;
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){start, end});

    skip_name(&lexer);
    return lk_fmt(check->mem, "CREATE %sINDEX CONCURRENTLY %s ON %s%s",
                  stmt->unique ? "UNIQUE " : "", lk_quote_ident(check->mem, name), table,
                  written(check, check->source, lexer.pos, end));
}

static int
compare_names(const void *a, const void *b)
{
    const struct lk_relation *const *left = a, *const *right = b;

    return strcmp((*left)->object.name, (*right)->object.name);
}

struct lk_partitions
lk_partitions_of(const struct lk_check *check, const RangeVar *table)
{
    const struct lk_relation *parent = lk_subject(check, table);
    struct lk_relations children = {0};
    struct lk_partitions found = {0};

    if (parent == NULL)
        return found;
    lk_catalog_descendants(check->mem, check->catalog, parent, &children);
    lk_vec_foreach(child, &children.items)
        if ((*child)->parent == parent)
            lk_vec_push(check->mem, &found.items, *child);
    if (found.items.count > 0)
        qsort(found.items.items, found.items.count, sizeof(*found.items.items), compare_names);
    return found;
}
