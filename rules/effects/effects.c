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

/* ---- gathering ---- */

static void
add_lock(struct lk_gather *gather, const char *relation, enum lk_lock_mode mode, bool is_new)
{
    lk_vec_foreach(lock, &gather->effects->locks) {
        if (strcmp(lock->relation, relation) == 0) {
            lock->mode = LK_MAX(lock->mode, mode);
            return;
        }
    }
    *lk_vec_add(gather->mem, &gather->effects->locks) = (struct lk_lock){relation, mode, is_new};
}

void
lk_gather_lock_known(struct lk_gather *gather, const struct lk_relation *relation,
                     enum lk_lock_mode mode)
{
    if (relation != NULL)
        add_lock(gather, lk_relation_sql(gather->mem, relation), mode,
                 relation->temporary || lk_object_is_new(gather->catalog, &relation->object));
}

void
lk_gather_lock(struct lk_gather *gather, struct lk_qname name, enum lk_lock_mode mode)
{
    const struct lk_relation *relation =
        lk_catalog_relation(gather->catalog, name.schema, name.name);

    if (relation != NULL)
        lk_gather_lock_known(gather, relation, mode);
    else
        add_lock(gather, lk_catalog_resolved(gather->mem, gather->catalog, name.schema, name.name),
                 mode, false);
}

void
lk_gather_lock_range(struct lk_gather *gather, const RangeVar *range, enum lk_lock_mode mode)
{
    lk_gather_lock(gather, lk_qname_of_range(range), mode);
}

/* work_on returns the name of a relation to be worked through, or NULL if its rows are elsewhere.
 */
static char *
work_on(struct lk_gather *gather, const RangeVar *range)
{
    const struct lk_relation *relation =
        lk_catalog_relation(gather->catalog, range->schemaname, range->relname);

    if (relation != NULL &&
        (relation->kind == LK_RELATION_FOREIGN || relation->kind == LK_RELATION_VIEW))
        return NULL;
    return lk_catalog_resolved(gather->mem, gather->catalog, range->schemaname, range->relname);
}

/* add_once adds a name to a vector of names unless it is there. */
#define add_once(mem, names, name)                                                                 \
    do {                                                                                           \
        bool known_ = false;                                                                       \
        lk_vec_foreach(old_, (names))                                                              \
            known_ |= strcmp(*old_, (name)) == 0;                                                  \
        if (!known_)                                                                               \
            lk_vec_push((mem), (names), (name));                                                   \
    } while (0)

void
lk_effects_merge(TALLOC_CTX *mem, struct lk_effects *effects, const struct lk_effects *from)
{
    struct lk_gather gather = {mem, NULL, effects};

    lk_vec_foreach(lock, &from->locks)
        add_lock(&gather, lock->relation, lock->mode, lock->is_new);
    lk_vec_foreach(relation, &from->rewrites)
        add_once(mem, &effects->rewrites, *relation);
    lk_vec_foreach(relation, &from->scans)
        add_once(mem, &effects->scans, *relation);
}

void
lk_gather_rewrite(struct lk_gather *gather, const RangeVar *range)
{
    char *name = work_on(gather, range);

    if (name != NULL)
        add_once(gather->mem, &gather->effects->rewrites, name);
}

void
lk_gather_scan(struct lk_gather *gather, const RangeVar *range)
{
    char *name = work_on(gather, range);

    if (name != NULL)
        add_once(gather->mem, &gather->effects->scans, name);
}

/* ---- statements ---- */

static void
create_table(struct lk_gather *gather, const CreateStmt *stmt)
{
    ListCell *cell;
    enum lk_lock_mode parent =
        stmt->partbound != NULL ? LK_LOCK_ACCESS_EXCLUSIVE : LK_LOCK_SHARE_UPDATE_EXCLUSIVE;

    if (stmt->if_not_exists && lk_catalog_relation(gather->catalog, stmt->relation->schemaname,
                                                   stmt->relation->relname) != NULL)
        return;
    foreach(cell, stmt->inhRelations)
        lk_gather_lock_range(gather, lfirst_node(RangeVar, cell), parent);
    lk_gather_references(gather, stmt->tableElts);
    lk_gather_references(gather, stmt->constraints);
    foreach(cell, stmt->tableElts)
        if (IsA(lfirst(cell), TableLikeClause))
            lk_gather_lock_range(gather, ((TableLikeClause *)lfirst(cell))->relation,
                                 LK_LOCK_ACCESS_SHARE);
}

static void
create_index(struct lk_gather *gather, const IndexStmt *stmt)
{
    lk_gather_lock_range(gather, stmt->relation,
                         stmt->concurrent ? LK_LOCK_SHARE_UPDATE_EXCLUSIVE : LK_LOCK_SHARE);
    lk_gather_scan(gather, stmt->relation);
}

/* lock_references locks the tables that the foreign keys of a dropped relation point to. */
static void
lock_references(struct lk_gather *gather, const struct lk_relation *relation)
{
    lk_vec_foreach(constraint, &relation->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_FOREIGN)
            lk_gather_lock(
                gather,
                (struct lk_qname){(*constraint)->references_schema, (*constraint)->references},
                LK_LOCK_ACCESS_EXCLUSIVE);
}

static void
drop_relation(struct lk_gather *gather, const DropStmt *stmt, const List *words)
{
    struct lk_qname name = lk_qname_of_list(words);
    const struct lk_relation *relation =
        lk_catalog_relation(gather->catalog, name.schema, name.name);
    enum lk_lock_mode mode =
        stmt->concurrent ? LK_LOCK_SHARE_UPDATE_EXCLUSIVE : LK_LOCK_ACCESS_EXCLUSIVE;

    if (relation == NULL && stmt->missing_ok)
        return;
    lk_gather_lock(gather, name, mode);
    if (relation == NULL)
        return;
    if (relation->kind == LK_RELATION_INDEX)
        lk_gather_lock_known(gather, relation->table, mode);
    lk_gather_lock_known(gather, relation->parent, LK_LOCK_ACCESS_EXCLUSIVE);
    lock_references(gather, relation);
}

static void
drop(struct lk_gather *gather, const DropStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->objects) {
        switch (stmt->removeType) {
        case OBJECT_TABLE:
        case OBJECT_VIEW:
        case OBJECT_MATVIEW:
        case OBJECT_FOREIGN_TABLE:
        case OBJECT_SEQUENCE:
        case OBJECT_INDEX:
            drop_relation(gather, stmt, lfirst_node(List, cell));
            break;
        case OBJECT_TRIGGER:
        case OBJECT_POLICY:
        case OBJECT_RULE: { /* the last word is the object, those before it the table */
            const List *words = lfirst_node(List, cell);
            lk_gather_lock(gather, lk_qname_of_first(words, list_length(words) - 1),
                           LK_LOCK_ACCESS_EXCLUSIVE);
            break;
        }
        default:
            break;
        }
    }
}

static void
rename_object(struct lk_gather *gather, const RenameStmt *stmt)
{
    bool index = stmt->renameType == OBJECT_INDEX;

    if (stmt->relation != NULL)
        lk_gather_lock_range(gather, stmt->relation,
                             index ? LK_LOCK_SHARE_UPDATE_EXCLUSIVE : LK_LOCK_ACCESS_EXCLUSIVE);
}

static void
reindex(struct lk_gather *gather, const ReindexStmt *stmt, bool concurrently)
{
    if (stmt->relation == NULL)
        return;
    const struct lk_relation *relation =
        lk_catalog_relation(gather->catalog, stmt->relation->schemaname, stmt->relation->relname);
    if (stmt->kind == REINDEX_OBJECT_INDEX) {
        lk_gather_lock_range(gather, stmt->relation,
                             concurrently ? LK_LOCK_SHARE_UPDATE_EXCLUSIVE
                                          : LK_LOCK_ACCESS_EXCLUSIVE);
        relation = relation != NULL ? relation->table : NULL;
        lk_gather_lock_known(gather, relation,
                             concurrently ? LK_LOCK_SHARE_UPDATE_EXCLUSIVE : LK_LOCK_SHARE);
    } else {
        lk_gather_lock_range(gather, stmt->relation,
                             concurrently ? LK_LOCK_SHARE_UPDATE_EXCLUSIVE : LK_LOCK_SHARE);
        lk_gather_scan(gather, stmt->relation);
        /* the planner opens every index: while one is rebuilt, plain reads wait too */
        if (relation != NULL && !concurrently)
            lk_vec_foreach(index, &relation->indexes)
                lk_gather_lock_known(gather, *index, LK_LOCK_ACCESS_EXCLUSIVE);
    }
}

static void
vacuum(struct lk_gather *gather, const VacuumStmt *stmt)
{
    bool full = stmt->is_vacuumcmd && lk_option_is_on(stmt->options, "full");
    ListCell *cell;

    foreach(cell, stmt->rels) {
        const RangeVar *range = lfirst_node(VacuumRelation, cell)->relation;
        lk_gather_lock_range(gather, range,
                             full ? LK_LOCK_ACCESS_EXCLUSIVE : LK_LOCK_SHARE_UPDATE_EXCLUSIVE);
        if (full)
            lk_gather_rewrite(gather, range);
    }
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

static void
gather_statement(struct lk_gather *gather, const Node *tree)
{
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
        drop(gather, (const DropStmt *)tree);
        break;
    case T_RenameStmt:
        rename_object(gather, (const RenameStmt *)tree);
        break;
    case T_ReindexStmt:
        reindex(gather, (const ReindexStmt *)tree,
                lk_reindexes_concurrently((const ReindexStmt *)tree));
        break;
    case T_VacuumStmt:
        vacuum(gather, (const VacuumStmt *)tree);
        break;
    case T_CommentStmt:
        comment_on(gather, (const CommentStmt *)tree);
        break;
    case T_TruncateStmt:
        lock_ranges(gather, ((const TruncateStmt *)tree)->relations, LK_LOCK_ACCESS_EXCLUSIVE);
        break;
    case T_LockStmt: /* LOCKMODE counts the modes from 1, as ours are counted */
        lock_ranges(gather, ((const LockStmt *)tree)->relations,
                    (enum lk_lock_mode)((const LockStmt *)tree)->mode);
        break;
    case T_ClusterStmt:
        if (((const ClusterStmt *)tree)->relation != NULL) {
            lk_gather_lock_range(gather, ((const ClusterStmt *)tree)->relation,
                                 LK_LOCK_ACCESS_EXCLUSIVE);
            lk_gather_rewrite(gather, ((const ClusterStmt *)tree)->relation);
        }
        break;
    case T_RefreshMatViewStmt:
        lk_gather_lock_range(gather, ((const RefreshMatViewStmt *)tree)->relation,
                             ((const RefreshMatViewStmt *)tree)->concurrent
                                 ? LK_LOCK_EXCLUSIVE
                                 : LK_LOCK_ACCESS_EXCLUSIVE);
        break;
    case T_CreateTrigStmt:
        lk_gather_lock_range(gather, ((const CreateTrigStmt *)tree)->relation,
                             LK_LOCK_SHARE_ROW_EXCLUSIVE);
        break;
    case T_CreatePolicyStmt:
        lk_gather_lock_range(gather, ((const CreatePolicyStmt *)tree)->table,
                             LK_LOCK_ACCESS_EXCLUSIVE);
        break;
    case T_AlterPolicyStmt:
        lk_gather_lock_range(gather, ((const AlterPolicyStmt *)tree)->table,
                             LK_LOCK_ACCESS_EXCLUSIVE);
        break;
    case T_RuleStmt:
        lk_gather_lock_range(gather, ((const RuleStmt *)tree)->relation, LK_LOCK_ACCESS_EXCLUSIVE);
        break;
    case T_AlterObjectSchemaStmt:
        if (((const AlterObjectSchemaStmt *)tree)->relation != NULL)
            lk_gather_lock_range(gather, ((const AlterObjectSchemaStmt *)tree)->relation,
                                 LK_LOCK_ACCESS_EXCLUSIVE);
        break;
    case T_AlterSeqStmt:
        lk_gather_lock_range(gather, ((const AlterSeqStmt *)tree)->sequence,
                             LK_LOCK_SHARE_ROW_EXCLUSIVE);
        break;
    case T_CreateStatsStmt:
        lock_ranges(gather, ((const CreateStatsStmt *)tree)->relations,
                    LK_LOCK_SHARE_UPDATE_EXCLUSIVE);
        break;
    case T_ViewStmt:
        lk_gather_lock_known(gather,
                             lk_catalog_relation(gather->catalog,
                                                 ((const ViewStmt *)tree)->view->schemaname,
                                                 ((const ViewStmt *)tree)->view->relname),
                             LK_LOCK_ACCESS_EXCLUSIVE);
        break;
    case T_InsertStmt:
        lk_gather_lock_range(gather, ((const InsertStmt *)tree)->relation, LK_LOCK_ROW_EXCLUSIVE);
        break;
    case T_UpdateStmt:
        lk_gather_lock_range(gather, ((const UpdateStmt *)tree)->relation, LK_LOCK_ROW_EXCLUSIVE);
        break;
    case T_DeleteStmt:
        lk_gather_lock_range(gather, ((const DeleteStmt *)tree)->relation, LK_LOCK_ROW_EXCLUSIVE);
        break;
    case T_MergeStmt:
        lk_gather_lock_range(gather, ((const MergeStmt *)tree)->relation, LK_LOCK_ROW_EXCLUSIVE);
        break;
    case T_CopyStmt:
        if (((const CopyStmt *)tree)->relation != NULL)
            lk_gather_lock_range(gather, ((const CopyStmt *)tree)->relation,
                                 ((const CopyStmt *)tree)->is_from ? LK_LOCK_ROW_EXCLUSIVE
                                                                   : LK_LOCK_ACCESS_SHARE);
        break;
    default:
        break;
    }
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
    struct lk_gather gather = {mem, catalog, &effects};

    gather_with(&gather, tree);
    gather_statement(&gather, tree);
    effects.refuses_transaction = lk_refuses_transaction(catalog, tree);
    effects.concurrently = lk_is_concurrently(tree);
    effects.validates = only_validates(tree);
    if (effects.concurrently)
        name_objects(&gather, tree);
    return effects;
}
