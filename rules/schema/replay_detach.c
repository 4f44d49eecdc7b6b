/*
 * rules/schema/replay_detach.c
 *     DETACH PARTITION: see replay_relation.h.
 */
#include "parser/base/buf.h"
#include "parser/lexer.h"
#include "parser/pgparse.h"
#include "rules/schema/predicate.h"
#include "rules/schema/replay_part.h"
#include "rules/schema/replay_relation.h"

/* ---- what CONCURRENTLY leaves behind: a CHECK of the bounds ---- */

struct items {
    LK_VEC(const char *) items; /* texts between commas */
};

/* items_in adds the items in the next parentheses of a text, and returns where those end. */
static uint32_t
items_in(TALLOC_CTX *mem, const char *text, uint32_t start, struct items *ret)
{
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){start, (uint32_t)strlen(text)});
    uint32_t from = 0;
    int depth = 0;

    for (;;) {
        struct lk_token token = lk_lex_code(&lexer);
        if (token.kind == LK_TOKEN_END)
            return token.span.end;
        bool opens = lk_token_is_symbol(text, token, '(') || lk_token_is_symbol(text, token, '[');
        bool closes = lk_token_is_symbol(text, token, ')') || lk_token_is_symbol(text, token, ']');
        depth += opens - closes;
        if ((closes && depth == 0) || (depth == 1 && lk_token_is_symbol(text, token, ','))) {
            lk_vec_push(mem, &ret->items, lk_strndup(mem, text + from, token.span.start - from));
            from = token.span.end;
        }
        if (opens && depth == 1)
            from = token.span.end;
        if (closes && depth == 0)
            return token.span.end;
    }
}

/* keys_of adds the columns and expressions that a table is partitioned by; false: not known. */
static bool
keys_of(TALLOC_CTX *mem, const struct lk_relation *table, struct items *ret)
{
    const char *key = lk_text_sql(mem, table->partition_key);
    const List *params = lk_partition_params(mem, table);

    if (params == NIL)
        return false;
    items_in(mem, key, 0, ret);
    for (size_t i = 0; i < ret->items.count && i < (size_t)list_length(params); i++) {
        const PartitionElem *element = list_nth_node(PartitionElem, params, (int)i);
        if (element->name != NULL)
            ret->items.items[i] = lk_quote_ident(mem, element->name);
        else if (element->collation != NIL || element->opclass != NIL)
            return false;
    }
    return ret->items.count == (size_t)list_length(params);
}

static bool
is_limit(const char *item, const char *word)
{
    const char *start = item + strspn(item, " \t\r\n");

    return strncasecmp(start, word, strlen(word)) == 0 &&
           start[strlen(word) + strspn(start + strlen(word), " \t\r\n")] == '\0';
}

static bool
is_open(const char *item)
{
    return is_limit(item, "minvalue") || is_limit(item, "maxvalue");
}

/*
 * add_limit adds that a row is not below, or is below, a list of values; nothing where the first
 * one is no value. Behind one that is none the others do not matter.
 */
static void
add_limit(struct lk_buf *buf, const struct items *keys, const struct items *values, bool lower)
{
    size_t count = 0;

    while (count < values->items.count && count < keys->items.count &&
           !is_open(values->items.items[count]))
        count++;
    if (count == 0)
        return;
    bool all = count == values->items.count;
    bool equal = lower ? all || is_limit(values->items.items[count], "minvalue")
                       : !all && is_limit(values->items.items[count], "maxvalue");
    lk_buf_add(buf, " AND (");
    for (size_t i = 0; i < count; i++) {
        lk_buf_add(buf, i > 0 ? " OR (" : "(");
        for (size_t k = 0; k < i; k++)
            lk_buf_addf(buf, "%s = %s AND ", keys->items.items[k], values->items.items[k]);
        lk_buf_addf(buf, "%s %s%s %s)", keys->items.items[i], lower ? ">" : "<",
                    i + 1 == count && equal ? "=" : "", values->items.items[i]);
    }
    lk_buf_addc(buf, ')');
}

static void
add_list(struct lk_buf *buf, const char *key, const struct items *values)
{
    const char *separator = "";
    bool null = false;
    struct lk_buf list = lk_buf_init(buf->mem);

    lk_vec_foreach(value, &values->items) {
        if (is_limit(*value, "null")) {
            null = true;
            continue;
        }
        lk_buf_addf(&list, "%s%s", separator, *value);
        separator = ", ";
    }
    if (list.len == 0)
        lk_buf_addf(buf, "%s IS NULL", key);
    else
        lk_buf_addf(buf, "%s IS %sNULL %s %s IN (%s)", key, null ? "" : "NOT ", null ? "OR" : "AND",
                    key, list.data);
}

/*
 * bound_sql returns what the bounds say of a partition's rows; NULL where nothing is made of it: of
 * HASH and DEFAULT, and where the key or the bounds are not known.
 * Source: get_qual_from_partbound(), src/backend/partitioning/partbounds.c.
 */
static const char *
bound_sql(TALLOC_CTX *mem, const struct lk_relation *part)
{
    const char *bound = lk_text_sql(mem, part->bound);
    struct items keys = {0}, first = {0}, second = {0};
    struct lk_buf sql = lk_buf_init(mem);

    if (bound == NULL || part->is_default || !keys_of(mem, part->parent, &keys))
        return NULL;
    uint32_t end = items_in(mem, bound, 0, &first);
    items_in(mem, bound, end, &second);
    switch (part->parent->partition_key->sql[0] | 0x20) {
    case 'l':
        add_list(&sql, keys.items.items[0], &first);
        break;
    case 'r':
        lk_vec_foreach(key, &keys.items)
            lk_buf_addf(&sql, "%s%s IS NOT NULL", sql.len > 0 ? " AND " : "", *key);
        add_limit(&sql, &keys, &first, true);
        add_limit(&sql, &keys, &second, false);
        break;
    default:
        return NULL;
    }
    return sql.data;
}

/*
 * keep_bound gives a partition a CHECK that says what its bounds say, unless others do so.
 * Source: DetachAddConstraintIfNeeded(), src/backend/commands/tablecmds.c.
 */
static void
keep_bound(struct lk_catalog *catalog, struct lk_relation *part)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(catalog->pool);
    const char *condition = bound_sql(scratch, part);

    if (condition == NULL ||
        lk_relation_proves(scratch, part, lk_predicate_of_partition(scratch, part)))
        return;
    lk_replay_sql(catalog, lk_fmt(scratch, "ALTER TABLE ONLY %s ADD CHECK (%s)",
                                  lk_relation_sql(scratch, part), condition));
}

/* ---- the rest ---- */

/* let_go makes the indexes and constraints of a partition ones of its own. */
static void
let_go(struct lk_catalog *catalog, struct lk_relation *part, const struct lk_relation *table)
{
    lk_vec_foreach(index, &part->indexes) {
        struct lk_relation *above = (*index)->parent;
        if (above == NULL || above->table != table)
            continue;
        lk_catalog_touch(catalog, above);
        lk_remove_pointer(&above->children, *index);
        lk_catalog_touch(catalog, *index);
        (*index)->parent = NULL;
        lk_depend_not(catalog, &(*index)->object, &above->object);
    }
    lk_vec_foreach(constraint, &part->constraints) {
        if ((*constraint)->parent == NULL || (*constraint)->parent->relation != table)
            continue;
        lk_catalog_touch(catalog, *constraint);
        lk_depend_not(catalog, &(*constraint)->object, &(*constraint)->parent->object);
        (*constraint)->parent = NULL;
        (*constraint)->inherited = false;
        if ((*constraint)->kind == LK_CONSTRAINT_FOREIGN)
            lk_echo_key(catalog, *constraint);
    }
    lk_vec_foreach(column, &part->columns) {
        if (!(*column)->identity || lk_catalog_sequence(catalog, part, (*column)->object.name))
            continue;
        lk_catalog_touch(catalog, *column);
        (*column)->identity = (*column)->always = false;
    }
}

/*
 * refuse_rest refuses CONCURRENTLY where there is a default partition.
 * Source: ATExecDetachPartition(), src/backend/commands/tablecmds.c.
 */
static bool
refuse_rest(struct lk_catalog *catalog, const struct lk_relation *table)
{
    const struct lk_relation *rest = lk_catalog_default_partition(catalog, table);

    if (rest == NULL || rest->object.assumed || !lk_is_known(table))
        return false;
    lk_refuse(catalog, "55000", -1,
              "cannot detach partitions concurrently when a default partition exists")
        ->object = &rest->object;
    return true;
}

/*
 * refuse_second refuses CONCURRENTLY while a partition is half detached.
 * Source: MarkInheritDetached(), src/backend/commands/tablecmds.c.
 */
static bool
refuse_second(struct lk_catalog *catalog, const struct lk_relation *table)
{
    const struct lk_relation *leaving = lk_catalog_leaving_partition(catalog, table);

    if (leaving == NULL)
        return false;
    lk_refuse(catalog, "55000", -1,
              "partition \"%s\" already pending detach in partitioned table \"%s.%s\"",
              leaving->object.name, table->schema, table->object.name)
        ->object = &leaving->object;
    return true;
}

/*
 * refuse_state refuses FINALIZE of what is not half detached, and all but that of what is.
 * Source: DeleteInheritsTuple(), src/backend/catalog/pg_inherits.c.
 */
static bool
refuse_state(struct lk_catalog *catalog, const struct lk_relation *table,
             const struct lk_relation *part, bool finalize)
{
    if (part->detaching == finalize || !lk_is_known(part) || !lk_is_known(table))
        return false;
    lk_refuse(catalog, "55000", -1,
              finalize ? "cannot complete detaching partition \"%s\""
                       : "cannot detach partition \"%s\"",
              part->object.name)
        ->object = &part->object;
    return true;
}

void
lk_partition_leave(struct lk_catalog *catalog, struct lk_relation *part)
{
    struct lk_relation *table = part->parent;

    lk_catalog_touch(catalog, part);
    part->detaching = true;
    lk_catalog_touch(catalog, table);
    lk_remove_pointer(&table->children, part);
    table->leaving = part;
}

void
lk_partition_return(struct lk_catalog *catalog, struct lk_relation *part)
{
    lk_catalog_touch(catalog, part);
    part->detaching = false;
    lk_link(catalog, part->parent, children, part);
}

/* Versions that are known to refuse a table without partitions in words, or like other actions. */
#define NOT_PARTITIONED_UNTIL 15
#define NOT_PARTITIONED_FROM 18

/* refuse_plain refuses a table that has no partitions. */
static bool
refuse_plain(struct lk_catalog *catalog, const struct lk_relation *table)
{
    unsigned version = lk_catalog_version(catalog);

    if (table->kind != LK_RELATION_TABLE || !lk_is_known(table))
        return false;
    if (version > 0 && version <= NOT_PARTITIONED_UNTIL)
        lk_refuse(catalog, "42P17", -1, "table \"%s\" is not partitioned", table->object.name)
            ->object = &table->object;
    else if (version >= NOT_PARTITIONED_FROM)
        lk_refuse(catalog, "42809", -1,
                  "ALTER action DETACH PARTITION cannot be performed on relation \"%s\"",
                  table->object.name)
            ->object = &table->object;
    return true;
}

void
lk_partition_detach(struct lk_catalog *catalog, struct lk_relation *table,
                    const PartitionCmd *command, bool finalize)
{
    const RangeVar *range = command->name;
    struct lk_relation *part = lk_catalog_relation(catalog, range->schemaname, range->relname);

    if (!finalize && refuse_plain(catalog, table))
        return;
    if (part == NULL) {
        lk_refuse_missing(catalog, range);
        return;
    }
    if (part->parent != table) {
        if (lk_is_known(part) && lk_is_known(table))
            lk_refuse(catalog, "42P01", range->location,
                      "relation \"%s\" is not a partition of relation \"%s\"", part->object.name,
                      table->object.name);
        return;
    }
    if (command->concurrent ? refuse_rest(catalog, table) || refuse_second(catalog, table)
                            : refuse_state(catalog, table, part, finalize))
        return;
    if ((command->concurrent || finalize) && !part->detaching)
        keep_bound(catalog, part); /* before it has left, that is */
    lk_catalog_touch(catalog, part);
    part->parent = NULL;
    part->is_default = false;
    part->bound = NULL;
    part->detaching = false;
    lk_catalog_touch(catalog, table);
    lk_remove_pointer(&table->children, part);
    lk_depend_not(catalog, &part->object, &table->object);
    let_go(catalog, part, table);
    lk_echo_leave(catalog, part, table);
    lk_replay_drop_clones(catalog, part);
    lk_inherit_leave(catalog, part);
}
