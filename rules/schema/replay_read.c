/*
 * rules/schema/replay_read.c
 *     What reads and writes rows: nothing comes of it in the catalog, but the names in it have to
 * be there.
 */
#include "parser/tree.h"
#include "rules/schema/analyze.h"
#include "rules/schema/replay_clauses.h"
#include "rules/schema/replay_relation.h"

/* check analyzes a statement for what the server refuses of it. */
static void
check(struct lk_catalog *catalog, Node *tree)
{
    switch (nodeTag(tree)) {
    case T_SelectStmt:
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_MergeStmt:
        lk_analyze_query(catalog->statement_mem, catalog, tree, (struct lk_mentions){0});
        break;
    default:
        break;
    }
}

void
lk_replay_read(struct lk_catalog *catalog, const void *statement)
{
    union { /* the analysis changes nothing, but does not say so */
        const void *constant;
        Node *node;
    } tree = {.constant = statement};

    check(catalog, tree.node);
    if (catalog->refusals.items.count == 0)
        lk_replay_calls(catalog, tree.node);
}

void
lk_replay_insert(struct lk_catalog *catalog, const InsertStmt *stmt)
{
    lk_replay_read(catalog, stmt);
}

void
lk_replay_update(struct lk_catalog *catalog, const UpdateStmt *stmt)
{
    lk_replay_read(catalog, stmt);
    if (catalog->refusals.items.count == 0)
        lk_replay_catalog_row(catalog, stmt);
}

void
lk_replay_delete(struct lk_catalog *catalog, const DeleteStmt *stmt)
{
    lk_replay_read(catalog, stmt);
}

void
lk_replay_merge(struct lk_catalog *catalog, const MergeStmt *stmt)
{
    lk_replay_read(catalog, stmt);
}

/* read_inner follows a statement inside of another. */
static void
read_inner(struct lk_catalog *catalog, Node *inner)
{
    if (inner != NULL &&
        (!IsA(inner, SelectStmt) || ((const SelectStmt *)inner)->intoClause == NULL))
        lk_replay_read(catalog, inner);
}

void
lk_replay_explain(struct lk_catalog *catalog, const ExplainStmt *stmt)
{
    read_inner(catalog, stmt->query);
    if (catalog->refusals.items.count > 0 ||
        lk_refuse_clauses(catalog, LK_CLAUSES_EXPLAIN, stmt->options))
        return;
    if (IsA(stmt->query, CreateTableAsStmt) && lk_tree_option_is_on(stmt->options, "analyze"))
        lk_replay_create_as(catalog, castNode(CreateTableAsStmt, stmt->query));
}

void
lk_replay_prepare(struct lk_catalog *catalog, const PrepareStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->argtypes)
        if (lk_refuse_type(catalog, lfirst_node(TypeName, cell)))
            return;
    catalog->parameters = true;
    check(catalog, stmt->query);
    catalog->parameters = false;
}

void
lk_replay_declare(struct lk_catalog *catalog, const DeclareCursorStmt *stmt)
{
    read_inner(catalog, stmt->query);
}

/* refuse_columns refuses a list of columns that a relation does not have. */
static void
refuse_columns(struct lk_catalog *catalog, const RangeVar *range, const List *names)
{
    const struct lk_relation *relation =
        lk_catalog_relation(catalog, range->schemaname, range->relname);
    ListCell *cell;

    if (relation == NULL || !lk_is_known(relation))
        return;
    foreach(cell, names)
        if (!lk_is_system_column(strVal(lfirst(cell))) &&
            lk_refuse_column(catalog, relation, strVal(lfirst(cell))))
            return;
}

/* From this version on FORCE_NULL and its kind take a star. */
#define COPY_HAS_STAR 17

/* refuse_copy_options refuses options of COPY from or to what is there. */
static bool
refuse_copy_options(struct lk_catalog *catalog, const CopyStmt *stmt)
{
    const RangeVar *range = stmt->relation;
    ListCell *cell;

    foreach(cell, stmt->options) {
        const Node *value = lfirst_node(DefElem, cell)->arg;
        if (value != NULL && IsA(value, A_Star) && lk_catalog_version(catalog) < COPY_HAS_STAR)
            return false; /* that is seen first */
    }
    return lk_catalog_relation(catalog, range->schemaname, range->relname) != NULL &&
           lk_refuse_clauses(catalog, LK_CLAUSES_COPY, stmt->options);
}

void
lk_replay_copy(struct lk_catalog *catalog, const CopyStmt *stmt)
{
    if (stmt->relation == NULL)
        read_inner(catalog, stmt->query);
    else if (!lk_refuse_missing(catalog, stmt->relation) && !refuse_copy_options(catalog, stmt))
        refuse_columns(catalog, stmt->relation, stmt->attlist);
}

static void
refuse_missing(struct lk_catalog *catalog, const List *ranges)
{
    ListCell *cell;

    foreach(cell, ranges)
        if (lk_refuse_missing(catalog, lfirst_node(RangeVar, cell)))
            return;
}

/* key_to returns a foreign key of a table that points to another one, or to one it is a part of. */
static struct lk_constraint *
key_to(const struct lk_relation *referrer, const struct lk_relation *target)
{
    lk_vec_foreach(constraint, &referrer->constraints)
        for (const struct lk_relation *at = target; at != NULL; at = at->parent)
            if ((*constraint)->kind == LK_CONSTRAINT_FOREIGN && (*constraint)->target == at &&
                !(*constraint)->object.assumed && !(*constraint)->not_enforced)
                return *constraint;
    return NULL;
}

/*
 * lk_replay_truncate refuses tables that others point to which are not emptied with them.
 * Source: heap_truncate_check_FKs(), src/backend/catalog/heap.c.
 */
/* restart_sequences has those that tables own go on from their start. */
static void
restart_sequences(struct lk_catalog *catalog, const List *ranges)
{
    ListCell *cell;

    foreach(cell, ranges) {
        const RangeVar *range = lfirst_node(RangeVar, cell);
        const struct lk_relation *table =
            lk_catalog_relation(catalog, range->schemaname, range->relname);
        if (table == NULL)
            continue;
        lk_vec_foreach(sequence, &table->sequences)
            if ((*sequence)->table == table && (*sequence)->sequence != NULL)
                lk_sequence_move(catalog, *sequence, &(*sequence)->sequence->start);
    }
}

void
lk_replay_truncate(struct lk_catalog *catalog, const TruncateStmt *stmt)
{
    TALLOC_CTX *scratch = catalog->statement_mem;
    struct lk_relations emptied = {0};
    ListCell *cell;

    refuse_missing(catalog, stmt->relations);
    if (stmt->restart_seqs)
        restart_sequences(catalog, stmt->relations);
    if (catalog->refusals.items.count > 0 || stmt->behavior == DROP_CASCADE)
        return;
    foreach(cell, stmt->relations) {
        const RangeVar *range = lfirst_node(RangeVar, cell);
        struct lk_relation *table = lk_catalog_relation(catalog, range->schemaname, range->relname);
        /* nothing is said of others: privileges and kinds are looked at before */
        if (table == NULL || !lk_is_known(table) ||
            (table->kind != LK_RELATION_TABLE && table->kind != LK_RELATION_PARTITIONED) ||
            (table->kind == LK_RELATION_PARTITIONED && !range->inh))
            return;
        lk_vec_push(scratch, &emptied.items, table);
        if (range->inh)
            lk_catalog_descendants(scratch, catalog, table, &emptied);
    }
    lk_vec_foreach(table, &emptied.items) {
        struct lk_relations referrers = {0};
        for (const struct lk_relation *at = *table; at != NULL; at = at->parent)
            lk_catalog_referrers(scratch, catalog, at, &referrers);
        lk_vec_foreach(referrer, &referrers.items) {
            struct lk_constraint *key = key_to(*referrer, *table);
            bool also = false;
            lk_vec_foreach(other, &emptied.items)
                also |= *other == *referrer;
            if (also || key == NULL || (*referrer)->object.assumed)
                continue;
            struct lk_refusal *refusal =
                lk_refuse(catalog, "0A000", -1,
                          "cannot truncate a table referenced in a foreign key constraint");
            refusal->object = &(*table)->object;
            lk_vec_push(catalog->statement_mem, &refusal->dependents.items, &key->object);
            return;
        }
    }
}

void
lk_replay_lock(struct lk_catalog *catalog, const LockStmt *stmt)
{
    refuse_missing(catalog, stmt->relations);
}
