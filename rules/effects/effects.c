/*
 * rules/effects/effects.c
 *     Locks of statements other than ALTER TABLE: see effects.h.
 *
 * Source of the modes: measured on PostgreSQL 15 and 18, and documentation 13.3.
 */
#include "rules/effects/effects.h"

#include "parser/tree.h"
#include "rules/effects/effects_private.h"

static const struct {
    const char *name;
    const char *sql;
    const char *blocks;
} modes[] = {
#define LK_LOCK_MODE(name, spelling, blocks) {spelling, #name, blocks},
#include "rules/effects/lock_modes.def"
#undef LK_LOCK_MODE
};

const char *
lk_lock_name(enum lk_lock_mode mode)
{
    return modes[mode].name;
}

const char *
lk_lock_sql(enum lk_lock_mode mode)
{
    static const char *const names[LK_LOCK_COUNT] = {
        [LK_LOCK_NONE] = "no",
        [LK_LOCK_ACCESS_SHARE] = "ACCESS SHARE",
        [LK_LOCK_ROW_SHARE] = "ROW SHARE",
        [LK_LOCK_ROW_EXCLUSIVE] = "ROW EXCLUSIVE",
        [LK_LOCK_SHARE_UPDATE_EXCLUSIVE] = "SHARE UPDATE EXCLUSIVE",
        [LK_LOCK_SHARE] = "SHARE",
        [LK_LOCK_SHARE_ROW_EXCLUSIVE] = "SHARE ROW EXCLUSIVE",
        [LK_LOCK_EXCLUSIVE] = "EXCLUSIVE",
        [LK_LOCK_ACCESS_EXCLUSIVE] = "ACCESS EXCLUSIVE",
    };

    return names[mode];
}

const char *
lk_lock_blocks(enum lk_lock_mode mode)
{
    return modes[mode].blocks;
}

bool
lk_lock_is_strong(enum lk_lock_mode mode)
{
    return mode >= LK_LOCK_SHARE;
}

/* partition_of notes what a partition brings to the parent's DEFAULT one and foreign keys. */
static void
partition_of(struct lk_gather *gather, const RangeVar *parent, const PartitionBoundSpec *bound)
{
    const struct lk_relation *table = lk_gather_known(gather, parent);

    lk_gather_inherited_keys(gather, table);
    lk_gather_partition_rest(gather, table, bound);
}

static void
create_table(struct lk_gather *gather, const CreateStmt *stmt)
{
    ListCell *cell;
    enum lk_lock_mode parent =
        stmt->partbound != NULL ? LK_LOCK_ACCESS_EXCLUSIVE : LK_LOCK_SHARE_UPDATE_EXCLUSIVE;

    if (stmt->if_not_exists && lk_gather_known(gather, stmt->relation) != NULL)
        return;
    foreach(cell, stmt->inhRelations) {
        lk_gather_lock_range(gather, lfirst_node(RangeVar, cell), parent);
        if (stmt->partbound != NULL)
            partition_of(gather, lfirst_node(RangeVar, cell), stmt->partbound);
    }
    lk_gather_references(gather, stmt->tableElts);
    lk_gather_references(gather, stmt->constraints);
    foreach(cell, stmt->tableElts)
        if (IsA(lfirst(cell), TableLikeClause))
            lk_gather_lock_range(gather, ((TableLikeClause *)lfirst(cell))->relation,
                                 LK_LOCK_ACCESS_SHARE);
}

/* index_name returns an index's qualified name; NULL for one that the server chooses. */
static const char *
index_name(const struct lk_gather *gather, const struct lk_relation *table, const char *name)
{
    const char *schema =
        table != NULL ? table->schema : lk_catalog_creation_schema(gather->catalog);

    return name == NULL ? NULL : lk_qname_sql(gather->mem, (struct lk_qname){schema, name});
}

static void
create_index(struct lk_gather *gather, const IndexStmt *stmt)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    enum lk_lock_mode mode = stmt->concurrent ? LK_LOCK_SHARE_UPDATE_EXCLUSIVE : LK_LOCK_SHARE;

    lk_gather_lock_range(gather, stmt->relation, mode);
    gather->family = stmt->relation->inh && table != NULL && !stmt->concurrent &&
                     table->kind == LK_RELATION_PARTITIONED;
    if (gather->family)
        lk_gather_lock_children(gather, table, mode);
    if (stmt->if_not_exists && stmt->idxname != NULL && table != NULL &&
        lk_catalog_relation(gather->catalog, table->schema, stmt->idxname) != NULL)
        return;
    lk_gather_build(gather, stmt->relation, index_name(gather, table, stmt->idxname),
                    "the index is built");
}

static void
rename_object(struct lk_gather *gather, const RenameStmt *stmt)
{
    const struct lk_relation *relation;
    enum lk_lock_mode mode = LK_LOCK_ACCESS_EXCLUSIVE;

    if (stmt->relation == NULL)
        return;
    relation = lk_gather_known(gather, stmt->relation);
    if (stmt->renameType == OBJECT_ATTRIBUTE) { /* of a composite type, and its tables */
        if (stmt->behavior == DROP_CASCADE)
            lk_gather_lock_children(gather, relation, mode);
        return;
    }
    /* an index by that word, and not a table that ALTER INDEX is let to rename */
    if (stmt->renameType == OBJECT_INDEX &&
        (relation == NULL || relation->kind == LK_RELATION_INDEX))
        mode = LK_LOCK_SHARE_UPDATE_EXCLUSIVE;
    if (relation == NULL && stmt->missing_ok)
        return;
    if (stmt->renameType == OBJECT_COLUMN || stmt->renameType == OBJECT_TABCONSTRAINT ||
        (stmt->renameType == OBJECT_TRIGGER && relation != NULL &&
         relation->kind == LK_RELATION_PARTITIONED))
        lk_gather_lock_family(gather, stmt->relation, mode);
    else
        lk_gather_lock_range(gather, stmt->relation, mode);
}

static void
create_trigger(struct lk_gather *gather, const CreateTrigStmt *stmt)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);

    lk_gather_lock_range(gather, stmt->relation, LK_LOCK_SHARE_ROW_EXCLUSIVE);
    if (table != NULL && table->kind == LK_RELATION_PARTITIONED && stmt->row)
        lk_gather_lock_children(gather, table, LK_LOCK_SHARE_ROW_EXCLUSIVE);
}

static void
alter_sequence(struct lk_gather *gather, const AlterSeqStmt *stmt)
{
    if (!stmt->missing_ok || lk_gather_known(gather, stmt->sequence) != NULL)
        lk_gather_lock_range(gather, stmt->sequence, LK_LOCK_SHARE_ROW_EXCLUSIVE);
}

/* create_rule locks the table, and those that its actions write: they are analyzed, not run. */
static void
create_rule(struct lk_gather *gather, const RuleStmt *stmt)
{
    ListCell *cell;

    lk_gather_lock_range(gather, stmt->relation, LK_LOCK_ACCESS_EXCLUSIVE);
    foreach(cell, stmt->actions)
        lk_gather_analyzed(gather, lfirst(cell));
}

/* set_schema moves a relation, and the sequences that its columns own. */
static void
set_schema(struct lk_gather *gather, const AlterObjectSchemaStmt *stmt)
{
    const struct lk_relation *relation;

    if (stmt->relation == NULL)
        return;
    relation = lk_gather_known(gather, stmt->relation);
    if (relation == NULL && stmt->missing_ok)
        return;
    lk_gather_lock_range(gather, stmt->relation, LK_LOCK_ACCESS_EXCLUSIVE);
    if (relation == NULL)
        return;
    lk_vec_foreach(column, &relation->columns)
        lk_gather_lock_known(gather,
                             lk_catalog_sequence(gather->catalog, relation, (*column)->object.name),
                             LK_LOCK_ACCESS_EXCLUSIVE);
}

static void
lock_ranges(struct lk_gather *gather, const List *ranges, enum lk_lock_mode mode)
{
    ListCell *cell;

    foreach(cell, ranges)
        if (IsA(lfirst(cell), RangeVar))
            lk_gather_lock_range(gather, lfirst(cell), mode);
}

/* comment_on locks the relation that a COMMENT is on, or is on a part of. */
static void
comment_on(struct lk_gather *gather, const CommentStmt *stmt)
{
    bool relation = stmt->objtype == OBJECT_TABLE || stmt->objtype == OBJECT_VIEW ||
                    stmt->objtype == OBJECT_MATVIEW || stmt->objtype == OBJECT_INDEX ||
                    stmt->objtype == OBJECT_SEQUENCE || stmt->objtype == OBJECT_FOREIGN_TABLE;
    bool part = stmt->objtype == OBJECT_COLUMN;

    if (!(relation || part) || !IsA(stmt->object, List))
        return;
    const List *words = (const List *)stmt->object;
    if (part && list_length(words) < 2)
        return;
    lk_gather_lock(gather, lk_qname_of_first(words, list_length(words) - (part ? 1 : 0)),
                   LK_LOCK_SHARE_UPDATE_EXCLUSIVE);
}

/* gather_on_relation notes the locks of statements that just lock the relation they name. */
static bool
gather_on_relation(struct lk_gather *gather, const Node *tree)
{
    switch (nodeTag(tree)) {
#define LK_ON_RELATION(title, type, field, mode)                                                   \
    case T_##type:                                                                                 \
        if (((const type *)tree)->field != NULL)                                                   \
            lk_gather_lock_range(gather, ((const type *)tree)->field, LK_LOCK_##mode);             \
        return true;
#include "rules/effects/on_relation.def"
#undef LK_ON_RELATION
    default:
        return false;
    }
}

static void gather_statement(struct lk_gather *gather, const Node *tree);

/* gather_table notes the effects of statements on tables and on what stands on them. */
static void
gather_table(struct lk_gather *gather, const Node *tree)
{
    ListCell *cell;

    switch (nodeTag(tree)) {
    case T_CreateStmt:
        create_table(gather, (const CreateStmt *)tree);
        break;
    case T_CreateForeignTableStmt:
        create_table(gather, &((const CreateForeignTableStmt *)tree)->base);
        break;
    case T_AlterTableStmt:
        lk_gather_alter_table(gather, (const AlterTableStmt *)tree);
        break;
    case T_IndexStmt:
        create_index(gather, (const IndexStmt *)tree);
        break;
    case T_DropStmt:
        lk_gather_drop(gather, (const DropStmt *)tree);
        break;
    case T_RenameStmt:
        rename_object(gather, (const RenameStmt *)tree);
        break;
    case T_CommentStmt:
        comment_on(gather, (const CommentStmt *)tree);
        break;
    case T_TruncateStmt:
        lk_gather_truncate(gather, (const TruncateStmt *)tree);
        break;
    case T_CreateTrigStmt:
        create_trigger(gather, (const CreateTrigStmt *)tree);
        break;
    case T_CreateSchemaStmt:
        foreach(cell, ((const CreateSchemaStmt *)tree)->schemaElts)
            gather_statement(gather, lfirst(cell));
        break;
    case T_RuleStmt:
        create_rule(gather, (const RuleStmt *)tree);
        break;
    case T_AlterObjectSchemaStmt:
        set_schema(gather, (const AlterObjectSchemaStmt *)tree);
        break;
    case T_AlterSeqStmt:
        alter_sequence(gather, (const AlterSeqStmt *)tree);
        break;
    case T_CreateStatsStmt:
        lock_ranges(gather, ((const CreateStatsStmt *)tree)->relations,
                    LK_LOCK_SHARE_UPDATE_EXCLUSIVE);
        break;
    case T_ViewStmt:
        lk_gather_lock_known(gather, lk_gather_known(gather, ((const ViewStmt *)tree)->view),
                             LK_LOCK_ACCESS_EXCLUSIVE);
        break;
    default:
        break;
    }
}

static void
gather_statement(struct lk_gather *gather, const Node *tree)
{
    if (!gather_on_relation(gather, tree) && !lk_gather_query(gather, tree) &&
        !lk_gather_object(gather, tree) && !lk_gather_maintenance(gather, tree))
        gather_table(gather, tree);
}

/* gather_with goes into the data-modifying statements of a WITH clause. */
static void
gather_with(struct lk_gather *gather, const Node *tree)
{
    ListCell *cell;

    foreach(cell, lk_tree_ctes(tree))
        gather_statement(gather, lfirst_node(CommonTableExpr, cell)->ctequery);
}

static bool
only_validates(const Node *tree)
{
    ListCell *cell;

    if (!IsA(tree, AlterTableStmt))
        return false;
    foreach(cell, ((const AlterTableStmt *)tree)->cmds)
        if (lfirst_node(AlterTableCmd, cell)->subtype != AT_ValidateConstraint)
            return false;
    return true;
}

/* qualify returns a relation's name with the schema it is known to be in. */
static char *
qualify(const struct lk_gather *gather, const RangeVar *range)
{
    const struct lk_relation *relation =
        lk_catalog_relation(gather->catalog, range->schemaname, range->relname);

    return lk_qname_sql(
        gather->mem,
        (struct lk_qname){relation != NULL ? relation->schema : range->schemaname, range->relname});
}

/* name_objects notes what a CONCURRENTLY form works on: what a failure leaves half done. */
static void
name_objects(struct lk_gather *gather, const Node *tree)
{
    struct lk_effects *effects = gather->effects;

    if (IsA(tree, IndexStmt)) {
        const IndexStmt *stmt = (const IndexStmt *)tree;
        const struct lk_relation *table = lk_catalog_relation(
            gather->catalog, stmt->relation->schemaname, stmt->relation->relname);
        const char *schema = table != NULL ? table->schema : stmt->relation->schemaname;
        effects->indexed_table = qualify(gather, stmt->relation);
        if (stmt->idxname != NULL)
            effects->created_index =
                lk_qname_sql(gather->mem, (struct lk_qname){schema, stmt->idxname});
    } else if (IsA(tree, DropStmt)) {
        const List *words = linitial_node(List, ((const DropStmt *)tree)->objects);
        effects->dropped_index = lk_qname_sql(gather->mem, lk_qname_of_list(words));
    } else if (IsA(tree, AlterTableStmt)) {
        const AlterTableCmd *command =
            linitial_node(AlterTableCmd, ((const AlterTableStmt *)tree)->cmds);
        effects->detached = qualify(gather, castNode(PartitionCmd, command->def)->name);
    }
}

struct lk_effects
lk_effects_of(TALLOC_CTX *mem, const struct lk_catalog *catalog, const struct Node *tree)
{
    struct lk_effects effects = {0};
    struct lk_gather gather = {.mem = mem, .catalog = catalog, .effects = &effects};

    gather_with(&gather, tree);
    gather_statement(&gather, tree);
    lk_gather_blocked(&gather);
    talloc_free(gather.locked);
    talloc_free(gather.rewritten);
    talloc_free(gather.scanned);
    talloc_free(gather.blocked);
    effects.refuses_transaction = lk_refuses_transaction(catalog, tree);
    effects.concurrently = lk_is_concurrently(tree);
    effects.validates = only_validates(tree);
    if (effects.concurrently)
        name_objects(&gather, tree);
    return effects;
}
