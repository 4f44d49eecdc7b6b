/*
 * rules/effects/effects_partition.c
 *     What comes with a partition: indexes, foreign keys, and rows that have to lie in the bounds.
 *
 * Sources: measured on 15 and 18; ATExecAttachPartition(), ATExecDetachPartition() and
 * PartConstraintImpliedByRelConstraint(), src/backend/commands/tablecmds.c.
 */
#include "rules/effects/effects_private.h"

/* build_for notes an index of a table for a new partition, and for the partitions of that. */
static void
build_for(struct lk_gather *gather, const struct lk_relation *part, const struct lk_relation *index)
{
    if (lk_relation_matching_index(part, index) != NULL)
        return;
    lk_gather_build_known(gather, part, NULL, LK_WHY_INDEX_LIKE);
    lk_vec_foreach(child, &part->children)
        if ((*child)->parent == part)
            build_for(gather, *child, index);
}

/* build_missing notes the indexes of a table that a new partition does not have. */
static void
build_missing(struct lk_gather *gather, const struct lk_relation *table,
              const struct lk_relation *part)
{
    gather->family = false;
    lk_vec_foreach(index, &table->indexes)
        build_for(gather, part, *index);
}

/* ---- what the bounds ask of rows ---- */

/* check_rows notes that a relation, or those of its partitions that prove nothing, is read. */
static void
check_rows(struct lk_gather *gather, const struct lk_relation *relation,
           const struct lk_predicate *wanted, const char *why)
{
    struct lk_relations children = {0};

    if (relation == NULL || lk_relation_proves(gather->mem, relation, wanted))
        return;
    gather->family = false;
    lk_gather_scan_known(gather, relation, why);
    lk_catalog_descendants(gather->mem, gather->catalog, relation, &children);
    lk_vec_foreach(child, &children.items)
        if (!lk_relation_proves(gather->mem, *child, wanted))
            lk_gather_scan_known(gather, *child, why);
}

static void
add_wanted(struct lk_gather *gather, struct lk_predicate *all, const struct lk_predicate *one)
{
    struct lk_predicate *copy = lk_memdup(gather->mem, one, sizeof(*one));

    lk_vec_push(all, &all->args, copy);
}

/* wanted_of returns what a row of a new partition of `table` has to satisfy. */
static struct lk_predicate *
wanted_of(struct lk_gather *gather, const struct lk_relation *table,
          const PartitionBoundSpec *bound)
{
    struct lk_predicate *all = lk_new(gather->mem, struct lk_predicate);

    all->kind = LK_PREDICATE_AND;
    if (!bound->is_default)
        add_wanted(gather, all, lk_predicate_of_bound(gather->mem, table, bound));
    else /* what belongs to no other partition */
        lk_vec_foreach(child, &table->children)
            if ((*child)->bound != NULL)
                add_wanted(
                    gather, all,
                    lk_predicate_not(gather->mem, lk_predicate_of_partition(gather->mem, *child)));
    for (; table != NULL; table = table->parent)
        if (table->bound != NULL)
            add_wanted(gather, all, lk_predicate_of_partition(gather->mem, table));
    return all;
}

void
lk_gather_partition_rest(struct lk_gather *gather, const struct lk_relation *table,
                         const PartitionBoundSpec *bound)
{
    const struct lk_relation *rest =
        table != NULL ? lk_catalog_default_partition(gather->catalog, table) : NULL;

    if (rest == NULL)
        return;
    lk_gather_lock_known(gather, rest, LK_LOCK_ACCESS_EXCLUSIVE);
    check_rows(gather, rest,
               lk_predicate_not(gather->mem, lk_predicate_of_bound(gather->mem, table, bound)),
               "no row of it may belong to the new partition");
}

/* ---- ATTACH and DETACH ---- */

void
lk_gather_bounds(struct lk_gather *gather, const struct lk_relation *partition)
{
    bool maybe = gather->maybe;

    if (partition == NULL)
        return;
    gather->maybe = true;
    for (const struct lk_relation *at = partition->parent; at != NULL; at = at->parent)
        lk_gather_lock_known(gather, at, LK_LOCK_ACCESS_SHARE);
    gather->maybe = maybe;
}

void
lk_gather_attach(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    static const char why[] = "each row is checked against the partition's bounds";
    const PartitionCmd *partition = castNode(PartitionCmd, command->def);
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    const struct lk_relation *part = lk_gather_known(gather, partition->name);

    lk_gather_lock_range(gather, stmt->relation, gather->mode);
    lk_gather_bounds(gather, table);
    lk_gather_lock_family(gather, partition->name, LK_LOCK_ACCESS_EXCLUSIVE);
    if (stmt->objtype != OBJECT_TABLE) { /* an index, whose tables are compared */
        lk_gather_lock_known(gather, table != NULL ? table->table : NULL, LK_LOCK_ACCESS_SHARE);
        lk_gather_lock_known(gather, part != NULL ? part->table : NULL, LK_LOCK_ACCESS_SHARE);
        return;
    }
    lk_gather_inherited_keys(gather, table);
    gather->family = true;
    /* of several reasons to read a table the first one is kept */
    if (table == NULL || part == NULL)
        lk_gather_scan(gather, partition->name, why);
    else if (!partition->bound->is_default || table->children.count > 0 || table->partial)
        check_rows(gather, part, wanted_of(gather, table, partition->bound), why);
    if (table != NULL && part != NULL)
        build_missing(gather, table, part);
    lk_gather_partition_rest(gather, table, partition->bound);
}

/* forget_keys notes what is done to foreign keys to and from a partition that leaves `table`. */
static void
forget_keys(struct lk_gather *gather, const struct lk_relation *table,
            const struct lk_relation *part)
{
    struct lk_relations referrers = {0};

    for (const struct lk_relation *at = table; at != NULL; at = at->parent) {
        lk_catalog_referrers(gather->mem, gather->catalog, at, &referrers);
        lk_vec_foreach(constraint, &at->constraints)
            lk_gather_unlink(gather, *constraint, LK_LOCK_SHARE_ROW_EXCLUSIVE);
    }
    gather->family = false;
    lk_vec_foreach(referrer, &referrers.items) {
        lk_gather_lock_known(gather, *referrer, LK_LOCK_ACCESS_EXCLUSIVE);
        lk_gather_scan_known(gather, *referrer, "no row of it may refer to the partition");
    }
    lk_gather_lock_children(gather, part, LK_LOCK_ACCESS_EXCLUSIVE);
}

void
lk_gather_detach(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    const PartitionCmd *partition = castNode(PartitionCmd, command->def);
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    const struct lk_relation *rest =
        table != NULL ? lk_catalog_default_partition(gather->catalog, table) : NULL;
    bool weak = partition->concurrent || command->subtype == AT_DetachPartitionFinalize;

    lk_gather_lock_range(gather, stmt->relation, gather->mode);
    if (rest != NULL && partition->concurrent)
        return; /* refused before the partition is opened */
    lk_gather_lock_range(gather, partition->name, LK_LOCK_ACCESS_EXCLUSIVE);
    if (table == NULL)
        return;
    if (!weak)
        lk_gather_lock_known(gather, rest, LK_LOCK_ACCESS_EXCLUSIVE);
    forget_keys(gather, table, lk_gather_known(gather, partition->name));
}
