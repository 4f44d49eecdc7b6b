/*
 * rules/schema/analyze_scope.c
 *     Which columns a name means where it stands.
 *
 * Source: colNameToVar() and refnameNamespaceItem(), src/backend/parser/parse_relation.c.
 */
#include "parser/pgparse.h"
#include "rules/schema/analyze_private.h"

/* From how many listed columns on a hash table pays, and how many an analysis makes at most. */
#define NAMES_MIN 24
#define COLUMNS_MAX 200000

struct name_entry {
    const char *name;
    size_t index;
    bool again;
    UT_hash_handle hh;
};

struct lk_scope_names {
    struct name_entry *entries;
};

struct lk_scope_item *
lk_scope_item(struct lk_analysis *an, struct lk_scope *scope, const char *name)
{
    struct lk_scope_item *item = lk_new(an->mem, struct lk_scope_item);

    item->name = name;
    item->listed = true;
    item->aliased = true;
    lk_vec_push(an->mem, &scope->items, item);
    return item;
}

/* list_sequence lists what SELECT * shows of a sequence. */
static void
list_sequence(struct lk_analysis *an, struct lk_scope_item *item)
{
    item->listed = item->complete = true;
    lk_item_add(an, item,
                (struct lk_scope_column){.name = "last_value", .operand = lk_operand_of("int8")});
    lk_item_add(an, item,
                (struct lk_scope_column){.name = "log_cnt", .operand = lk_operand_of("int8")});
    lk_item_add(an, item,
                (struct lk_scope_column){.name = "is_called", .operand = lk_operand_of("bool")});
}

struct lk_scope_item *
lk_scope_relation(struct lk_analysis *an, struct lk_scope *scope,
                  const struct lk_relation *relation, const char *name)
{
    struct lk_scope_item *item = lk_scope_item(an, scope, name);

    item->aliased = false;
    item->relation = relation;
    item->listed = relation == NULL;
    item->complete = relation != NULL && !relation->partial;
    if (relation != NULL && relation->kind == LK_RELATION_SEQUENCE)
        list_sequence(an, item);
    return item;
}

bool
lk_analysis_room(struct lk_analysis *an)
{
    an->incomplete |= an->columns >= COLUMNS_MAX;
    return an->columns < COLUMNS_MAX && an->columns++ < COLUMNS_MAX;
}

void
lk_item_add(struct lk_analysis *an, struct lk_scope_item *item, struct lk_scope_column column)
{
    if (lk_analysis_room(an))
        lk_vec_push(an->mem, &item->columns, column);
    else
        item->complete = false;
}

static struct lk_scope_column
relation_column(struct lk_column *column)
{
    return (struct lk_scope_column){
        .name = column->object.name, .operand = lk_operand_of_column(column), .column = column};
}

size_t
lk_item_count(const struct lk_scope_item *item)
{
    return item->listed ? item->columns.count : item->relation->columns.count;
}

struct lk_scope_column
lk_item_column(const struct lk_scope_item *item, size_t index)
{
    return item->listed ? item->columns.items[index]
                        : relation_column(item->relation->columns.items[index]);
}

void
lk_item_list(struct lk_analysis *an, struct lk_scope_item *item)
{
    size_t count = lk_item_count(item);

    if (item->listed)
        return;
    for (size_t i = 0; i < count; i++)
        lk_item_add(an, item, lk_item_column(item, i));
    item->listed = true;
}

static int
free_names(struct lk_scope_names *names)
{
    HASH_CLEAR(hh, names->entries);
    return 0;
}

static struct name_entry *
find_name(const struct lk_scope_names *names, const char *name)
{
    struct name_entry *entry = NULL;

    HASH_FIND_STR(names->entries, name, entry);
    return entry;
}

static void
enter_names(struct lk_analysis *an, struct lk_scope_item *item)
{
    struct lk_scope_names *names = lk_new(an->mem, struct lk_scope_names);

    talloc_set_destructor(names, free_names);
    for (size_t i = 0; i < item->columns.count; i++) {
        const char *name = item->columns.items[i].name;
        struct name_entry *known = find_name(names, name);
        if (known != NULL) {
            known->again = true;
            continue;
        }
        struct name_entry *entry = lk_new(names, struct name_entry);
        entry->name = name;
        entry->index = i;
        HASH_ADD_KEYPTR(hh, names->entries, entry->name, strlen(entry->name), entry);
    }
    item->names = names;
}

unsigned
lk_item_find(struct lk_analysis *an, struct lk_scope_item *item, const char *name,
             struct lk_scope_column *ret)
{
    unsigned count = 0;

    if (!item->listed) {
        struct lk_column *column = lk_relation_column(item->relation, name);
        if (column != NULL)
            *ret = relation_column(column);
        return column != NULL;
    }
    if (item->columns.count >= NAMES_MIN) {
        if (item->names == NULL)
            enter_names(an, item);
        const struct name_entry *entry = find_name(item->names, name);
        if (entry != NULL)
            *ret = item->columns.items[entry->index];
        return entry == NULL ? 0 : 1 + entry->again;
    }
    lk_vec_foreach(column, &item->columns) {
        if (strcmp(column->name, name) != 0)
            continue;
        if (count++ == 0)
            *ret = *column;
    }
    return LK_MIN(count, 2U);
}

static const struct {
    const char *name;
    const char *type;
} system_columns[] = {
    {"ctid", "tid"}, {"xmin", "xid"}, {"cmin", "cid"},
    {"xmax", "xid"}, {"cmax", "cid"}, {"tableoid", "oid"},
};

/* find_system returns the type of a system column of a relation's, or NULL. */
static const char *
find_system(const struct lk_scope_item *item, const char *name)
{
    if (item->plain)
        return NULL;
    if (item->relation == NULL ? !item->system
                               : item->relation->kind == LK_RELATION_VIEW ||
                                     item->relation->kind == LK_RELATION_COMPOSITE)
        return NULL;
    for (size_t i = 0; i < LK_ARRAY_SIZE(system_columns); i++)
        if (strcmp(system_columns[i].name, name) == 0)
            return system_columns[i].type;
    return NULL;
}

enum outcome {
    OUTCOME_NONE,    /* there is certainly none */
    OUTCOME_UNKNOWN, /* there may be one */
    OUTCOME_FOUND,
    OUTCOME_AMBIGUOUS,
};

struct found {
    enum outcome outcome;
    struct lk_scope_item *item;
    struct lk_scope_column column;
    bool qualify; /* bare as it is, it might mean another column one day */
};

static enum outcome
find_in_item(struct lk_analysis *an, struct lk_scope_item *item, const char *name,
             struct lk_scope_column *ret)
{
    unsigned count = lk_item_find(an, item, name, ret);
    const char *system = count == 0 ? find_system(item, name) : NULL;

    if (system != NULL) {
        *ret = (struct lk_scope_column){.name = name, .operand = lk_operand_of(system)};
        count = 1;
    }
    if (count > 0)
        return count == 1 ? OUTCOME_FOUND : OUTCOME_AMBIGUOUS;
    return item->complete ? OUTCOME_NONE : OUTCOME_UNKNOWN;
}

/* find_in_level looks for a bare name among the items of one query. */
static struct found
find_in_level(struct lk_analysis *an, const struct lk_scope *scope, const char *name)
{
    struct found found = {.outcome = OUTCOME_NONE};

    lk_vec_foreach(item, &scope->items) {
        struct lk_scope_column column;
        if ((*item)->columns_hidden || (*item)->hidden)
            continue;
        enum outcome outcome = find_in_item(an, *item, name, &column);
        if (outcome == OUTCOME_FOUND && scope->items.count > 1 && column.column == NULL &&
            find_system(*item, name) != NULL) /* a join hides it, which is not noted */
            outcome = OUTCOME_UNKNOWN;
        if (outcome == OUTCOME_FOUND && found.outcome == OUTCOME_FOUND)
            found.outcome = OUTCOME_AMBIGUOUS;
        if (outcome == OUTCOME_AMBIGUOUS || found.outcome == OUTCOME_AMBIGUOUS) {
            found.outcome = OUTCOME_AMBIGUOUS;
            break;
        }
        if (outcome == OUTCOME_FOUND)
            found = (struct found){outcome, *item, column, scope->items.count > 1};
        else if (found.outcome == OUTCOME_NONE)
            found.outcome = outcome;
    }
    return found;
}

static struct found
find_bare(struct lk_analysis *an, const struct lk_scope *scope, const char *name)
{
    struct found found = find_in_level(an, scope, name);
    bool qualify = false;

    while (found.outcome == OUTCOME_NONE && scope->outer != NULL) {
        scope = scope->outer;
        qualify = true;
        found = find_in_level(an, scope, name);
    }
    found.qualify |= qualify;
    return found;
}

bool
lk_scope_has(struct lk_analysis *an, const struct lk_scope *scope, const char *name)
{
    return find_in_level(an, scope, name).outcome != OUTCOME_NONE;
}

/* is_named returns whether an item can be named so; `schema` may be NULL. */
static bool
is_named(const struct lk_scope_item *item, const char *schema, const char *name)
{
    if (item->hidden || item->name == NULL || strcmp(item->name, name) != 0)
        return false;
    return schema == NULL || (!item->aliased && item->relation != NULL &&
                              strcmp(item->relation->schema, schema) == 0);
}

/* find_item looks for what is called so, from the inside out. */
static struct lk_scope_item *
find_item(struct lk_analysis *an, const struct lk_scope *scope, const char *schema,
          const char *name)
{
    struct lk_scope_item *found = NULL;

    for (; scope != NULL && found == NULL; scope = scope->outer)
        lk_vec_foreach(item, &scope->items) {
            if (!is_named(*item, schema, name))
                continue;
            if (found != NULL) { /* ambiguous, or refused for being there twice */
                an->incomplete = true;
                break;
            }
            found = *item;
        }
    return found;
}

/* is_hidden_item returns whether there is something of that name that cannot be named here. */
static bool
is_hidden_item(const struct lk_scope *scope, const char *name)
{
    for (; scope != NULL; scope = scope->outer)
        lk_vec_foreach(item, &scope->items)
            if (((*item)->name != NULL && strcmp((*item)->name, name) == 0) ||
                ((*item)->relation != NULL && strcmp((*item)->relation->object.name, name) == 0))
                return true;
    return false;
}

/* refuse notes what is certain; no more than once per statement. */
static void
refuse_column(struct lk_analysis *an, const ColumnRef *ref, const char *sqlstate,
              const struct lk_scope_item *item)
{
    const char *name = strVal(llast(ref->fields));
    struct lk_refusal *refusal;

    if (strcmp(sqlstate, "42702") == 0)
        refusal = lk_analysis_refuse(an, sqlstate, ref->location,
                                     "column reference \"%s\" is ambiguous", name);
    else if (item != NULL)
        refusal = lk_analysis_refuse(an, sqlstate, ref->location, "column %s.%s does not exist",
                                     item->name, name);
    else
        refusal =
            lk_analysis_refuse(an, sqlstate, ref->location, "column \"%s\" does not exist", name);
    if (refusal != NULL)
        refusal->name = lk_quote_ident(an->catalog->statement_mem, name);
}

/* row_of returns what a reference to all of an item yields. */
static struct lk_operand
row_of(struct lk_analysis *an, const ColumnRef *ref, const struct lk_scope_item *item)
{
    lk_mention_row(an, ref, item);
    if (item->relation != NULL)
        return lk_operand_of_rows(item->relation);
    /* of a function of one column it is that column */
    return (struct lk_operand){0};
}

static struct lk_operand
bare_ref(struct lk_analysis *an, const struct lk_scope *scope, const ColumnRef *ref)
{
    const char *name = strVal(linitial(ref->fields));
    struct found found = find_bare(an, scope, name);

    if (found.outcome == OUTCOME_FOUND) {
        lk_mention_column(an, ref, &found.column, found.item, found.qualify);
        return found.column.operand;
    }
    if (found.outcome == OUTCOME_AMBIGUOUS)
        refuse_column(an, ref, "42702", NULL);
    if (found.outcome == OUTCOME_NONE) {
        const struct lk_scope_item *item = find_item(an, scope, NULL, name);
        if (item != NULL)
            return row_of(an, ref, item);
        refuse_column(an, ref, "42703", NULL);
    }
    an->incomplete = true;
    return (struct lk_operand){0};
}

/* value_of_domain returns what VALUE is of, if that is what a reference is. */
static struct lk_operand
value_of_domain(struct lk_analysis *an, const ColumnRef *ref)
{
    const Node *first = linitial(ref->fields);
    struct lk_operand operand = {0};

    if (an->value != NULL && an->value->name != NULL && list_length(ref->fields) == 1 &&
        IsA(first, String) && strcmp(strVal(first), "value") == 0) {
        operand.typed = (struct lk_typed){.type = *an->value, .type_known = true};
        lk_operand_canonical(&operand);
        return operand;
    }
    an->incomplete = true;
    return operand;
}

struct lk_operand
lk_scope_column_ref(struct lk_analysis *an, const struct lk_scope *scope, const ColumnRef *ref)
{
    int count = list_length(ref->fields);
    struct lk_scope_column column;

    if (an->alone && scope->items.count == 0 && scope->outer == NULL)
        return value_of_domain(an, ref);
    if (!IsA(llast(ref->fields), String)) { /* `t.*` is the whole row outside of a target list */
        struct lk_qname qname = lk_qname_of_first(ref->fields, count - 1);
        const struct lk_scope_item *item =
            count > 1 ? find_item(an, scope, qname.schema, qname.name) : NULL;
        return item != NULL ? row_of(an, ref, item) : (struct lk_operand){0};
    }
    if (count == 1)
        return bare_ref(an, scope, ref);
    struct lk_qname qname = lk_qname_of_first(ref->fields, count - 1);
    struct lk_scope_item *item = find_item(an, scope, qname.schema, qname.name);
    if (item == NULL) {
        if (count == 2)
            lk_analysis_refuse(an, "42P01", ref->location,
                               is_hidden_item(scope, qname.name)
                                   ? "invalid reference to FROM-clause entry for table \"%s\""
                                   : "missing FROM-clause entry for table \"%s\"",
                               qname.name);
        an->incomplete = true;
        return (struct lk_operand){0};
    }
    switch (find_in_item(an, item, strVal(llast(ref->fields)), &column)) {
    case OUTCOME_FOUND:
        lk_mention_column(an, ref, &column, item, false);
        return column.operand;
    case OUTCOME_AMBIGUOUS:
        refuse_column(an, ref, "42702", item);
        break;
    case OUTCOME_NONE: /* t.f may also mean f(t) */
        if (!lk_catalog_has_function(an->catalog, strVal(llast(ref->fields))))
            refuse_column(an, ref, "42703", item);
        break;
    case OUTCOME_UNKNOWN:
        break;
    }
    an->incomplete = true;
    return (struct lk_operand){0};
}

static void
star_of_item(struct lk_analysis *an, struct lk_scope_item *item, struct lk_star *star)
{
    size_t count = lk_item_count(item);

    star->complete &= item->complete;
    for (size_t i = 0; i < count; i++) {
        if (!lk_analysis_room(an)) {
            star->complete = false;
            return;
        }
        struct lk_scope_column column = lk_item_column(item, i);
        if (column.item == NULL && item->name != NULL)
            column.item = item;
        lk_vec_push(an->mem, &star->columns, column);
    }
}

struct lk_star
lk_scope_star(struct lk_analysis *an, const struct lk_scope *scope, const ColumnRef *ref)
{
    struct lk_star star = {.complete = true, .qualified = true};
    int count = list_length(ref->fields);

    if (count > 1) {
        struct lk_qname qname = lk_qname_of_first(ref->fields, count - 1);
        struct lk_scope_item *item = find_item(an, scope, qname.schema, qname.name);
        if (item == NULL)
            star.complete = false;
        else
            star_of_item(an, item, &star);
        return star;
    }
    star.qualified = scope->items.count > 1;
    lk_vec_foreach(item, &scope->items)
        if (!(*item)->hidden && !(*item)->columns_hidden)
            star_of_item(an, *item, &star);
    return star;
}
