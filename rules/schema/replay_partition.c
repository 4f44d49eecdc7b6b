/*
 * rules/schema/replay_partition.c
 *     Partitions, and what they have because their parent has it: see replay_relation.h.
 */
#include "parser/pgparse.h"
#include "parser/tree.h"
#include "rules/schema/index_name.h"
#include "rules/schema/replay_part.h"
#include "rules/schema/replay_relation.h"

struct lk_text *
lk_partition_bound(struct lk_catalog *catalog, const PartitionBoundSpec *bound, uint32_t start)
{
    if (bound == NULL) /* of an index */
        return NULL;
    if (bound->is_default)
        return lk_text_plain(catalog->objects, "DEFAULT");
    struct lk_span span = lk_span_word(catalog, start, "for");
    struct lk_span list = lk_span_parens(catalog, span.end);
    if (span.end == 0 || list.end == 0)
        return NULL;
    if (bound->strategy == PARTITION_STRATEGY_RANGE)
        list = lk_span_parens(catalog, lk_span_behind(catalog, list.end + 1, "to"));
    span.end = lk_span_word_end(catalog, list.end); /* the closing parenthesis */
    return lk_replay_text(catalog, span);
}

/* strategy_of returns how a table is partitioned, 0 where that is not known. */
static char
strategy_of(const struct lk_relation *table)
{
    static const struct {
        const char *word;
        char strategy;
    } strategies[] = {{"list", PARTITION_STRATEGY_LIST},
                      {"range", PARTITION_STRATEGY_RANGE},
                      {"hash", PARTITION_STRATEGY_HASH}};

    for (size_t i = 0; table->partition_key != NULL && i < LK_ARRAY_SIZE(strategies); i++)
        if (strncasecmp(table->partition_key->sql, strategies[i].word,
                        strlen(strategies[i].word)) == 0)
            return strategies[i].strategy;
    return 0;
}

bool
lk_partition_refuse_bound(struct lk_catalog *catalog, const struct lk_relation *table,
                          const char *part, const PartitionBoundSpec *bound)
{
    char strategy = strategy_of(table);

    if (bound == NULL || strategy == 0)
        return false;
    if (bound->is_default && strategy == PARTITION_STRATEGY_HASH) {
        lk_refuse(catalog, "42P16", -1,
                  "a hash-partitioned table may not have a default partition");
        return true;
    }
    const struct lk_relation *rest = lk_catalog_default_partition(catalog, table);
    if (bound->is_default && rest != NULL && !rest->object.assumed && lk_is_known(table)) {
        lk_refuse(catalog, "42P17", bound->location,
                  "partition \"%s\" conflicts with existing default partition \"%s\"", part,
                  rest->object.name)
            ->object = &rest->object;
        return true;
    }
    if (bound->is_default)
        return false;
    if (bound->strategy == strategy)
        return lk_partition_refuse_values(catalog, table, bound);
    lk_refuse(catalog, "42P16", bound->location, "invalid bound specification for a %s partition",
              strategy == PARTITION_STRATEGY_LIST    ? "list"
              : strategy == PARTITION_STRATEGY_RANGE ? "range"
                                                     : "hash");
    return true;
}

void
lk_partition_become(struct lk_catalog *catalog, struct lk_relation *part, struct lk_relation *table,
                    const PartitionBoundSpec *bound)
{
    part->parent = table;
    part->is_default = bound != NULL && bound->is_default;
    part->limits = lk_partition_limits(catalog->objects, table, bound);
    lk_link(catalog, table, children, part);
    lk_depend(catalog, &part->object, &table->object, LK_DEPENDS_AUTO);
    if (!part->is_default)
        return;
    lk_catalog_touch(catalog, table);
    table->rest = part;
}

/* uses_generated returns whether an expression is of a generated column of a table. */
static bool
uses_generated(TALLOC_CTX *mem, const struct lk_relation *table, Node *expression)
{
    struct lk_tree_names names = {0};

    lk_tree_columns(mem, expression, &names);
    lk_vec_foreach(name, &names.items) {
        const struct lk_column *column = lk_relation_column(table, *name);
        if (column != NULL && column->generated)
            return true;
    }
    return false;
}

/*
 * refuse_expression refuses an expression that rows cannot be told apart by for good.
 * Source: ComputePartitionAttrs(), src/backend/commands/tablecmds.c.
 */
static bool
refuse_expression(struct lk_catalog *catalog, const struct lk_relation *table,
                  const PartitionElem *element, struct lk_typed *typed)
{
    size_t refusals = catalog->refusals.items.count;

    if (lk_refuse_inside(catalog, LK_IN_PARTITION_KEY, element->expr))
        return true;
    *typed = lk_analyze_expression(catalog, table, element->expr, (struct lk_mentions){0}, NULL);
    if (catalog->refusals.items.count > refusals)
        return true;
    if (uses_generated(catalog->statement_mem, table, element->expr)) {
        lk_refuse(catalog, "42P17", element->location,
                  "cannot use generated column in partition key");
        return true;
    }
    if (IsA(element->expr, A_Const) &&
        !IsA(&((const A_Const *)element->expr)->val, String)) { /* of no type yet */
        lk_refuse(catalog, "42P17", element->location,
                  "cannot use constant expression as partition key");
        return true;
    }
    if (lk_is_immutable(catalog, table, element->expr))
        return false;
    lk_refuse(catalog, "42P17", element->location,
              "functions in partition key expression must be marked IMMUTABLE");
    return true;
}

/* refuse_column refuses a column that rows cannot be told apart by. */
static bool
refuse_column(struct lk_catalog *catalog, const struct lk_relation *table,
              const PartitionElem *element)
{
    const struct lk_column *column = lk_relation_column(table, element->name);

    if (column != NULL && column->generated) {
        lk_refuse(catalog, "42P17", element->location,
                  "cannot use generated column in partition key");
        return true;
    }
    if (column != NULL || !lk_is_known(table))
        return false;
    if (lk_is_system_column(element->name)) {
        lk_refuse(catalog, "42P17", element->location,
                  "cannot use system column \"%s\" in partition key", element->name);
        return true;
    }
    lk_refuse(catalog, "42703", element->location,
              "column \"%s\" named in partition key does not exist", element->name)
        ->name = lk_catalog_keep(catalog, element->name);
    return true;
}

static bool
refuse_key(struct lk_catalog *catalog, const struct lk_relation *table, const PartitionSpec *spec)
{
    const char *method = spec->strategy == PARTITION_STRATEGY_HASH ? "hash" : "btree";
    ListCell *cell;

    if (spec->strategy == PARTITION_STRATEGY_LIST && list_length(spec->partParams) > 1) {
        lk_refuse(catalog, "42P17", -1,
                  "cannot use \"list\" partition strategy with more than one column");
        return true;
    }
    foreach(cell, spec->partParams) {
        const PartitionElem *element = lfirst_node(PartitionElem, cell);
        struct lk_key_words words = {element->collation, element->opclass, element->location};
        struct lk_typed typed = {0};
        if (element->expr != NULL ? refuse_expression(catalog, table, element, &typed)
                                  : refuse_column(catalog, table, element))
            return true;
        const struct lk_column *column =
            element->name != NULL ? lk_relation_column(table, element->name) : NULL;
        if (column != NULL)
            typed = (struct lk_typed){.type = column->type, .type_known = column->type_known};
        if (typed.type_known && lk_refuse_key(catalog, method, &typed.type, &words))
            return true;
    }
    return false;
}

void
lk_partition_key(struct lk_catalog *catalog, struct lk_relation *table, const PartitionSpec *spec)
{
    uint32_t start = lk_span_behind(catalog, lk_replay_offset(catalog, spec->location), "by");
    struct lk_span list = lk_span_parens(catalog, start);
    ListCell *cell;

    if (refuse_key(catalog, table, spec) || start == 0 || list.end == 0)
        return;
    struct lk_span span = {start, lk_span_word_end(catalog, list.end)};
    struct lk_text *text = lk_replay_text(catalog, span);
    foreach(cell, spec->partParams) {
        const PartitionElem *element = lfirst_node(PartitionElem, cell);
        uint32_t at = lk_replay_offset(catalog, element->location);
        struct lk_column *column =
            element->name != NULL ? lk_relation_column(table, element->name) : NULL;
        if (column != NULL && at >= span.start && at < span.end) {
            struct lk_span word = lk_span_first(text->sql + (at - span.start));
            uint32_t base = at - span.start;
            lk_text_mention(text, (struct lk_mention){
                                      .span = {base + word.start, base + word.end},
                                      .object = &column->object,
                                      .form = LK_MENTION_NAME,
                                  });
        } else if (element->expr != NULL) {
            lk_replay_mention(catalog, table, element->expr, text, span);
        }
    }
    table->partition_key = text;
}

const List *
lk_partition_params(TALLOC_CTX *mem, const struct lk_relation *table)
{
    const char *key = lk_text_sql(mem, table->partition_key);
    struct lk_pg_error error;

    if (key == NULL)
        return NIL;
    const char *sql = lk_fmt(mem, "CREATE TABLE t () PARTITION BY %s", key);
    struct lk_pg_trees *trees =
        lk_pg_parse(mem, sql, (struct lk_span){0, (uint32_t)strlen(sql)}, &error);
    if (trees == NULL)
        return NIL;
    return castNode(CreateStmt, linitial_node(RawStmt, trees->statements)->stmt)
        ->partspec->partParams;
}

/* Source: DefineIndex(), src/backend/commands/indexcmds.c. */
bool
lk_partition_refuse_unique(struct lk_catalog *catalog, const struct lk_relation *table,
                           const char *const *columns, size_t count, const char *what)
{
    const List *params = table->kind == LK_RELATION_PARTITIONED && table->partition_key != NULL
                             ? lk_partition_params(catalog->statement_mem, table)
                             : NIL;
    ListCell *cell;

    foreach(cell, params) {
        const PartitionElem *element = lfirst_node(PartitionElem, cell);
        const struct lk_column *key = NULL;
        bool in_key = false;
        if (element->name == NULL) {
            lk_refuse(catalog, "0A000", -1,
                      "unsupported %s constraint with partition key definition", what);
            return true;
        }
        key = lk_relation_column(table, element->name);
        for (size_t i = 0; i < count; i++)
            in_key |= columns[i] != NULL && strcmp(columns[i], element->name) == 0;
        if (in_key || key == NULL)
            continue;
        lk_refuse(catalog, "0A000", -1,
                  "unique constraint on partitioned table must include all partitioning columns");
        return true;
    }
    return false;
}

bool
lk_partition_is_key(const struct lk_relation *table, const struct lk_column *column)
{
    if (table->partition_key == NULL)
        return false;
    lk_vec_foreach(mention, &table->partition_key->mentions)
        if (mention->object == &column->object)
            return true;
    return false;
}

/* adopt makes an index of a partition follow one of its parent. */
static void
adopt(struct lk_catalog *catalog, struct lk_relation *child, struct lk_relation *index)
{
    struct lk_constraint *constraint = lk_index_constraint(index);
    struct lk_constraint *own = lk_index_constraint(child);

    lk_catalog_touch(catalog, child);
    child->parent = index;
    lk_link(catalog, index, children, child);
    lk_depend(catalog, &child->object, &index->object, LK_DEPENDS_AUTO);
    if (constraint == NULL || own == NULL)
        return;
    lk_catalog_touch(catalog, own);
    own->parent = constraint;
    own->inherited = true;
}

/* find_same returns an index of a partition that can follow one of its parent, or NULL; with
 * `valid` only a valid one.
 */
static struct lk_relation *
find_same(const struct lk_relation *part, const struct lk_relation *index, bool valid)
{
    const struct lk_constraint *wanted = lk_index_constraint(index);

    lk_vec_foreach(own, &part->indexes) {
        const struct lk_constraint *constraint = lk_index_constraint(*own);
        if ((*own)->parent != NULL || !lk_index_same(*own, index) || (valid && !(*own)->valid))
            continue;
        if (wanted == NULL || (constraint != NULL && constraint->kind == wanted->kind))
            return *own;
    }
    return NULL;
}

struct lk_relation *
lk_relation_matching_index(const struct lk_relation *relation, const struct lk_relation *index)
{
    return find_same(relation, index, true);
}

/* copy_index makes the index of a partition, with its constraint if there is one. */
static struct lk_relation *
copy_index(struct lk_catalog *catalog, struct lk_relation *part, const struct lk_relation *index)
{
    const struct lk_constraint *constraint = lk_index_constraint(index);
    const char *name = lk_index_choose_name(catalog, part, index, constraint);
    struct lk_relation *child = lk_index_copy(catalog, part, index, name);

    if (constraint == NULL)
        return child;
    struct lk_constraint *own = lk_constraint_copy(catalog, part, constraint, name);
    own->index = child;
    lk_depend(catalog, &child->object, &own->object, LK_DEPENDS_INTERNAL);
    if (own->kind == LK_CONSTRAINT_PRIMARY)
        lk_replay_set_not_null(catalog, part, own, true);
    return child;
}

void
lk_partition_index(struct lk_catalog *catalog, struct lk_relation *part, struct lk_relation *index,
                   bool attach)
{
    struct lk_relation *child = find_same(part, index, attach);

    if (part->kind == LK_RELATION_FOREIGN)
        return;
    if (child != NULL) { /* its partitions have theirs */
        adopt(catalog, child, index);
        index->valid &= child->valid;
        return;
    }
    child = copy_index(catalog, part, index);
    adopt(catalog, child, index);
    if (part->kind != LK_RELATION_PARTITIONED)
        return;
    lk_vec_foreach(below, &part->children)
        if ((*below)->parent == part && lk_is_there(catalog, *below))
            lk_partition_index(catalog, *below, child, attach);
    index->valid &= child->valid;
}

/* find_same_foreign returns a foreign key of a partition that can follow its parent's, or NULL. */
static struct lk_constraint *
find_same_foreign(const struct lk_relation *part, const struct lk_constraint *constraint)
{
    lk_vec_foreach(own, &part->constraints) {
        bool same =
            (*own)->kind == LK_CONSTRAINT_FOREIGN && (*own)->parent == NULL &&
            (*own)->target == constraint->target && (*own)->on_delete == constraint->on_delete &&
            (*own)->on_update == constraint->on_update && (*own)->match == constraint->match &&
            (*own)->deferrable == constraint->deferrable &&
            (*own)->deferred == constraint->deferred &&
            (*own)->columns.count == constraint->columns.count;
        for (size_t i = 0; same && i < constraint->columns.count; i++)
            same = strcmp((*own)->columns.items[i], constraint->columns.items[i]) == 0;
        if (same)
            return *own;
    }
    return NULL;
}

void
lk_partition_foreign(struct lk_catalog *catalog, struct lk_relation *part,
                     struct lk_constraint *constraint)
{
    struct lk_constraint *own = find_same_foreign(part, constraint);

    if (part->kind == LK_RELATION_FOREIGN)
        return;
    bool known = own != NULL;
    if (!known) {
        const char *name = constraint->object.name;
        if (lk_relation_constraint(part, name) != NULL || lk_relation_echoing(part, name) != NULL)
            name = lk_foreign_other_name(catalog, part, constraint, name);
        own = lk_constraint_copy(catalog, part, constraint, name);
    }
    lk_catalog_touch(catalog, own);
    own->parent = constraint;
    own->inherited = true;
    lk_depend(catalog, &own->object, &constraint->object, LK_DEPENDS_AUTO);
    lk_echo_forget(catalog, own);
    if (known || part->kind != LK_RELATION_PARTITIONED)
        return; /* its partitions have theirs */
    lk_vec_foreach(below, &part->children)
        if ((*below)->parent == part && lk_is_there(catalog, *below))
            lk_partition_foreign(catalog, *below, own);
}

void
lk_partition_follow(struct lk_catalog *catalog, struct lk_relation *part,
                    const struct lk_relation *table)
{
    lk_vec_foreach(index, &table->indexes) {
        lk_catalog_touch(catalog, *index);
        lk_partition_index(catalog, part, *index, true);
    }
    lk_vec_foreach(constraint, &table->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_FOREIGN)
            lk_partition_foreign(catalog, part, *constraint);
    lk_echo_partition(catalog, part, table);
    lk_replay_clone_triggers(catalog, part, table);
}
