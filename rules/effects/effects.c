/*
 * rules/effects/effects.c
 *     Locks of statements other than ALTER TABLE: see effects.h.
 *
 * Source of the modes: measured on PostgreSQL 15 and 18, and documentation 13.3.
 */
#include "rules/effects/effects.h"

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

/* copy_defaults notes what the defaults open that a new table gets from another one. */
static void
copy_defaults(struct lk_gather *gather, const RangeVar *from)
{
    const struct lk_relation *relation = lk_gather_known(gather, from);

    if (relation != NULL)
        lk_vec_foreach(column, &relation->columns)
            lk_gather_stored_again(gather, *column);
}

static void
create_element(struct lk_gather *gather, const Node *element)
{
    ListCell *cell;

    if (IsA(element, TableLikeClause)) {
        const TableLikeClause *like = (const TableLikeClause *)element;
        lk_gather_lock_range(gather, like->relation, LK_LOCK_ACCESS_SHARE);
        if ((like->options & CREATE_TABLE_LIKE_DEFAULTS) != 0)
            copy_defaults(gather, like->relation);
    } else if (IsA(element, ColumnDef)) {
        foreach(cell, ((const ColumnDef *)element)->constraints)
            if (lfirst_node(Constraint, cell)->contype == CONSTR_DEFAULT)
                lk_gather_stored(gather, lfirst_node(Constraint, cell)->raw_expr);
    }
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
        const RangeVar *range = lfirst_node(RangeVar, cell);
        lk_gather_lock_range(gather, range, parent);
        copy_defaults(gather, range);
        if (stmt->partbound != NULL)
            partition_of(gather, range, stmt->partbound);
    }
    lk_gather_references(gather, stmt->relation, stmt->tableElts);
    lk_gather_references(gather, stmt->relation, stmt->constraints);
    foreach(cell, stmt->tableElts)
        create_element(gather, lfirst(cell));
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
    if (stmt->renameType == OBJECT_TABCONSTRAINT)
        lk_gather_rename_constraint(gather, stmt);
    else if (stmt->renameType == OBJECT_COLUMN ||
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
    if (stmt->constrrel != NULL)
        lk_gather_lock_range(gather, stmt->constrrel, LK_LOCK_ACCESS_SHARE);
    if (table != NULL && table->kind == LK_RELATION_PARTITIONED && stmt->row)
        lk_gather_lock_children(gather, table, LK_LOCK_SHARE_ROW_EXCLUSIVE);
}

/* own_sequence notes the table of OWNED BY; NONE owns nothing. */
static void
own_sequence(struct lk_gather *gather, const List *options)
{
    ListCell *cell;

    foreach(cell, options) {
        const DefElem *option = lfirst_node(DefElem, cell);
        if (strcmp(option->defname, "owned_by") == 0 && option->arg != NULL &&
            list_length((const List *)option->arg) > 1)
            lk_gather_lock(gather,
                           lk_qname_of_first((const List *)option->arg,
                                             list_length((const List *)option->arg) - 1),
                           LK_LOCK_ACCESS_SHARE);
    }
}

static void
alter_sequence(struct lk_gather *gather, const AlterSeqStmt *stmt)
{
    if (stmt->missing_ok && lk_gather_known(gather, stmt->sequence) == NULL)
        return;
    lk_gather_lock_range(gather, stmt->sequence, LK_LOCK_SHARE_ROW_EXCLUSIVE);
    own_sequence(gather, stmt->options);
}

/* create_rule locks the table, and those that its actions write: they are analyzed, not run. */
static void
create_rule(struct lk_gather *gather, const RuleStmt *stmt)
{
    ListCell *cell;

    lk_gather_lock_range(gather, stmt->relation, LK_LOCK_ACCESS_EXCLUSIVE);
    foreach(cell, stmt->actions)
        lk_gather_analyzed(gather, lfirst(cell), LK_READING_ANALYZED);
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

/* restrict_rows locks the table of a policy, and what its conditions read: they are analyzed. */
static void
restrict_rows(struct lk_gather *gather, const RangeVar *table, const Node *qual,
              const Node *with_check)
{
    lk_gather_lock_range(gather, table, LK_LOCK_ACCESS_EXCLUSIVE);
    lk_gather_analyzed(gather, qual, LK_READING_ANALYZED);
    lk_gather_analyzed(gather, with_check, LK_READING_ANALYZED);
}

static void
create_view(struct lk_gather *gather, const ViewStmt *stmt)
{
    lk_gather_analyzed(gather, stmt->query, LK_READING_ANALYZED);
    lk_gather_lock_known(gather, lk_gather_known(gather, stmt->view), LK_LOCK_ACCESS_EXCLUSIVE);
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
    bool named = stmt->objtype == OBJECT_TABCONSTRAINT || stmt->objtype == OBJECT_TRIGGER ||
                 stmt->objtype == OBJECT_RULE || stmt->objtype == OBJECT_POLICY;
    bool part = named || stmt->objtype == OBJECT_COLUMN;

    if (!(relation || part) || !IsA(stmt->object, List))
        return;
    const List *words = (const List *)stmt->object;
    if (part && list_length(words) < 2)
        return;
    lk_gather_lock(gather, lk_qname_of_first(words, list_length(words) - (part ? 1 : 0)),
                   named ? LK_LOCK_ACCESS_SHARE : LK_LOCK_SHARE_UPDATE_EXCLUSIVE);
}

/* grant notes the relations that privileges are given on, which 18 opens. */
static void
grant(struct lk_gather *gather, const GrantStmt *stmt)
{
    ListCell *cell;

    if (stmt->targtype != ACL_TARGET_OBJECT || lk_catalog_version(gather->catalog) < 18 ||
        (stmt->objtype != OBJECT_TABLE && stmt->objtype != OBJECT_SEQUENCE))
        return;
    foreach(cell, stmt->objects)
        lk_gather_lock_range(gather, lfirst_node(RangeVar, cell), LK_LOCK_ACCESS_SHARE);
}

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
            lk_gather_statement(gather, lfirst(cell));
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
    case T_CreateSeqStmt:
        own_sequence(gather, ((const CreateSeqStmt *)tree)->options);
        break;
    case T_GrantStmt:
        grant(gather, (const GrantStmt *)tree);
        break;
    case T_CreateStatsStmt:
        lock_ranges(gather, ((const CreateStatsStmt *)tree)->relations,
                    LK_LOCK_SHARE_UPDATE_EXCLUSIVE);
        break;
    case T_ViewStmt:
        create_view(gather, (const ViewStmt *)tree);
        break;
    case T_CreatePolicyStmt: {
        const CreatePolicyStmt *policy = (const CreatePolicyStmt *)tree;
        restrict_rows(gather, policy->table, policy->qual, policy->with_check);
        break;
    }
    case T_AlterPolicyStmt: {
        const AlterPolicyStmt *policy = (const AlterPolicyStmt *)tree;
        restrict_rows(gather, policy->table, policy->qual, policy->with_check);
        break;
    }
    case T_CreateFunctionStmt:
        lk_gather_function_made(gather, (const CreateFunctionStmt *)tree);
        break;
    default:
        break;
    }
}

void
lk_gather_statement(struct lk_gather *gather, const Node *tree)
{
    gather->mode = LK_LOCK_NONE;
    gather->family = false;
    if (!lk_gather_query(gather, tree) && !lk_gather_object(gather, tree) &&
        !lk_gather_maintenance(gather, tree))
        gather_table(gather, tree);
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
    return lk_effects_apart(mem, catalog, tree, NULL);
}

struct lk_effects
lk_effects_apart(TALLOC_CTX *mem, const struct lk_catalog *catalog, const struct Node *tree,
                 const struct lk_routines *apart)
{
    struct lk_effects effects = {0};
    struct lk_gather gather = {.mem = mem, .catalog = catalog, .effects = &effects, .apart = apart};

    lk_gather_statement(&gather, tree);
    lk_gather_sure(&gather);
    lk_gather_blocked(&gather);
    talloc_free(gather.locked);
    talloc_free(gather.perhaps);
    talloc_free(gather.done);
    talloc_free(gather.perhaps_done);
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
