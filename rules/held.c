/*
 * rules/held.c
 *     What the transaction at hand has locked: see held.h.
 */
#include "rules/held.h"

#include "parser/command.h"
#include "parser/pg_names.h"
#include "rules/suggest.h"

/* goes_on returns whether the statement at `index` shares a transaction with the one before it. */
static bool
goes_on(const struct lk_outline *outline, const struct lk_session *session, uint32_t index)
{
    const struct lk_step *step = &outline->steps.items[index];
    const struct lk_step *before = step - 1;

    if (before->control == LK_CONTROL_COMMIT || before->control == LK_CONTROL_ROLLBACK)
        return false;
    if (session->runner_block || session->one_message || (before->block && step->block))
        return true;
    if (outline->own_blocks)
        return false;
    if (outline->mode == LK_MODE_SEGMENTED)
        return !step->refuses && !before->refuses;
    return outline->mode == LK_MODE_TRANSACTIONAL;
}

void
lk_held_enter(struct lk_held *held, const struct lk_outline *outline,
              const struct lk_session *session, uint32_t index)
{
    if (index > 0 && goes_on(outline, session, index))
        return;
    held->since = index;
    held->locks.count = 0;
    held->seen = NULL;
}

/* take_name reads one name, quoted or not, and moves behind it. */
static char *
take_name(TALLOC_CTX *mem, const char **at)
{
    const char *from = *at;
    char *name = lk_strdup(mem, from), *to = name;

    if (*from != '"') {
        size_t length = strcspn(from, ".");
        name[length] = '\0';
        *at += length;
        return name;
    }
    for (from++; *from != '\0'; from++) {
        if (*from == '"' && *++from != '"')
            break;
        *to++ = *from;
    }
    *to = '\0';
    *at = from;
    return name;
}

const struct lk_relation *
lk_named_relation(TALLOC_CTX *mem, const struct lk_catalog *catalog, const char *name)
{
    const char *schema = NULL, *last = take_name(mem, &name);

    if (*name == '.') {
        name++;
        schema = last;
        last = take_name(mem, &name);
    }
    return lk_catalog_relation(catalog, schema, last);
}

/* root_of returns the name of a table's root, of whose own name `name` is. */
static const char *
root_of(TALLOC_CTX *mem, const struct lk_relation *table, const char *name)
{
    const struct lk_relation *root = table;

    for (unsigned depth = 0; root != NULL && depth < 32; depth++) {
        const struct lk_relation *above = root->parent != NULL      ? root->parent
                                          : root->parents.count > 0 ? root->parents.items[0]
                                                                    : NULL;
        if (above == NULL)
            break;
        root = above;
    }
    return root == table ? name : lk_relation_sql(mem, root);
}

const char *
lk_root_name(TALLOC_CTX *mem, const struct lk_catalog *catalog, const char *name)
{
    return root_of(mem, lk_named_relation(mem, catalog, name), name);
}

const char *
lk_root_of_lock(TALLOC_CTX *mem, const struct lk_lock *lock)
{
    return root_of(mem, lock->known, lock->relation);
}

bool
lk_is_row_table(const struct lk_relation *relation)
{
    return relation == NULL || relation->kind == LK_RELATION_TABLE ||
           relation->kind == LK_RELATION_PARTITIONED || relation->kind == LK_RELATION_UNKNOWN;
}

/* is_about_tables returns whether a name in a statement, if it is not known, is that of a table. */
static bool
is_about_tables(const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_AlterTableStmt:
        return ((const AlterTableStmt *)tree)->objtype == OBJECT_TABLE;
    case T_AlterObjectSchemaStmt:
        return ((const AlterObjectSchemaStmt *)tree)->objectType == OBJECT_TABLE;
    case T_RenameStmt:
        return ((const RenameStmt *)tree)->renameType == OBJECT_TABLE ||
               ((const RenameStmt *)tree)->relationType == OBJECT_TABLE;
    case T_DropStmt:
        return ((const DropStmt *)tree)->removeType == OBJECT_TABLE;
    case T_AlterSeqStmt:
    case T_CommentStmt:
    case T_RefreshMatViewStmt:
    case T_ReindexStmt:
    case T_ViewStmt:
        return false;
    default:
        return true;
    }
}

bool
lk_locks_table(const struct Node *tree, const struct lk_lock *lock)
{
    if (lock->known == NULL || lock->known->kind == LK_RELATION_UNKNOWN)
        return is_about_tables(tree);
    return lk_is_row_table(lock->known);
}

const struct lk_held_lock *
lk_held_on(const struct lk_held *held, const char *relation)
{
    size_t number;

    return lk_seen_number(held->seen, relation, &number) ? &held->locks.items[number] : NULL;
}

/* ---- statements that write many rows ---- */

static bool
is_constant(const Node *node)
{
    if (node != NULL && IsA(node, TypeCast))
        node = ((const TypeCast *)node)->arg;
    return node != NULL && IsA(node, A_Const);
}

static bool
all_constant(const List *list)
{
    ListCell *cell;

    foreach(cell, list)
        if (!is_constant(lfirst(cell)))
            return false;
    return true;
}

/* is_given returns whether a condition compares a column with constants, and nothing else with it.
 */
static bool
is_given(const Node *where, const char *column)
{
    ListCell *cell;

    if (where == NULL)
        return false;
    if (IsA(where, BoolExpr) && ((const BoolExpr *)where)->boolop == AND_EXPR) {
        foreach(cell, ((const BoolExpr *)where)->args)
            if (is_given(lfirst(cell), column))
                return true;
        return false;
    }
    if (!IsA(where, A_Expr))
        return false;
    const A_Expr *comparison = (const A_Expr *)where;
    if (comparison->lexpr == NULL || !IsA(comparison->lexpr, ColumnRef) ||
        strcmp(strVal(llast(comparison->name)), "=") != 0)
        return false;
    const Node *last = llast(((const ColumnRef *)comparison->lexpr)->fields);
    if (!IsA(last, String) || strcmp(strVal(last), column) != 0)
        return false;
    if (comparison->kind == AEXPR_OP)
        return is_constant(comparison->rexpr);
    return comparison->kind == AEXPR_IN && IsA(comparison->rexpr, List) &&
           all_constant((const List *)comparison->rexpr);
}

/*
 * picks_rows returns whether a condition holds for as many rows as it has constants: it gives all
 * columns of a unique key.
 */
static bool
picks_rows(const struct lk_relation *table, const Node *where)
{
    if (table == NULL)
        return false;
    lk_vec_foreach(index, &table->indexes) {
        size_t keys = (*index)->keys.count - (*index)->included, given = 0;
        if (!(*index)->unique || (*index)->has_predicate)
            continue;
        while (given < keys && (*index)->keys.items[given] != NULL &&
               is_given(where, (*index)->keys.items[given]))
            given++;
        if (keys > 0 && given == keys)
            return true;
    }
    return false;
}

static const RangeVar *
unless_picked(const struct lk_catalog *catalog, const RangeVar *range, const Node *where)
{
    return picks_rows(lk_catalog_relation(catalog, range->schemaname, range->relname), where)
               ? NULL
               : range;
}

/* is_moment returns whether a value is the time or who asks: the same for all rows. */
static bool
is_moment(const Node *node)
{
    return node != NULL && (IsA(node, SQLValueFunction) ||
                            (IsA(node, FuncCall) && ((const FuncCall *)node)->args == NIL &&
                             strcmp(lk_qname_of_list(((const FuncCall *)node)->funcname).name,
                                    "now") == 0));
}

/* sets_same returns whether SET gives a column the same value in all rows; `key`: one, no NULL. */
static bool
sets_same(const List *targets, const char *column, bool key)
{
    ListCell *cell;

    foreach(cell, targets) {
        const ResTarget *target = lfirst_node(ResTarget, cell);
        if (strcmp(target->name, column) != 0 || target->indirection != NIL)
            continue;
        const Node *value = target->val;
        if (value != NULL && IsA(value, TypeCast))
            value = ((const TypeCast *)value)->arg;
        if (is_constant(value))
            return !key || !((const A_Const *)value)->isnull;
        return is_moment(value);
    }
    return false;
}

bool
lk_is_of_one_row(const struct lk_catalog *catalog, const UpdateStmt *stmt)
{
    const struct lk_relation *table =
        lk_catalog_relation(catalog, stmt->relation->schemaname, stmt->relation->relname);
    size_t same = 0;

    if (table == NULL || table->object.assumed || stmt->whereClause != NULL ||
        stmt->fromClause != NIL)
        return false;
    lk_vec_foreach(column, &table->columns)
        same += sets_same(stmt->targetList, (*column)->object.name, false);
    if (!table->partial && same > 0 && same == table->columns.count)
        return true;
    lk_vec_foreach(index, &table->indexes) {
        size_t keys = (*index)->keys.count - (*index)->included, given = 0;
        while (given < keys && (*index)->keys.items[given] != NULL &&
               sets_same(stmt->targetList, (*index)->keys.items[given], true))
            given++;
        if ((*index)->unique && !(*index)->has_predicate && keys > 0 && given == keys)
            return true;
    }
    return false;
}

const struct RangeVar *
lk_bulk_target(const struct lk_catalog *catalog, const struct Node *tree)
{
    switch (nodeTag(tree)) {
    case T_UpdateStmt:
        if (lk_is_of_one_row(catalog, (const UpdateStmt *)tree))
            return NULL;
        return unless_picked(catalog, ((const UpdateStmt *)tree)->relation,
                             ((const UpdateStmt *)tree)->whereClause);
    case T_DeleteStmt:
        return unless_picked(catalog, ((const DeleteStmt *)tree)->relation,
                             ((const DeleteStmt *)tree)->whereClause);
    case T_MergeStmt:
        return ((const MergeStmt *)tree)->relation;
    case T_InsertStmt: {
        const SelectStmt *source = (const SelectStmt *)((const InsertStmt *)tree)->selectStmt;
        if (source == NULL || !IsA(source, SelectStmt) ||
            (source->fromClause == NIL && source->op == SETOP_NONE))
            return NULL;
        return ((const InsertStmt *)tree)->relation;
    }
    default:
        return NULL;
    }
}

/* ---- noting ---- */

/* changes_schema returns whether a statement is one that ALTER, CREATE or DROP begins. */
static bool
changes_schema(const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_SelectStmt:
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_MergeStmt:
    case T_CopyStmt:
    case T_LockStmt:
    case T_TruncateStmt:
    case T_VacuumStmt:
        return false;
    default:
        return true;
    }
}

/* find returns what is held on a table, with a mode of none where that is new. */
static struct lk_held_lock *
find(struct lk_held *held, const struct lk_lock *lock)
{
    size_t number;

    if (lk_seen_number(held->seen, lock->relation, &number))
        return &held->locks.items[number];
    struct lk_held_lock *added = lk_vec_add(held->mem, &held->locks);
    added->relation = lk_strdup(held->mem, lock->relation);
    added->root = root_of(held->mem, lock->known, added->relation);
    lk_seen_name(held->mem, &held->seen, added->relation, held->locks.count - 1);
    return added;
}

/* is_of returns whether a lock is that of writing rows of `bulk`; NULL: none are written. */
static bool
is_of(const struct lk_catalog *catalog, const RangeVar *bulk, const struct lk_lock *lock)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = NULL;

    if (bulk == NULL)
        return false;
    scratch = lk_mem_new(NULL);
    return strcmp(lk_catalog_resolved(scratch, catalog, bulk->schemaname, bulk->relname),
                  lock->relation) == 0;
}

/* empties returns whether a statement leaves no row in what it locks: ONLY leaves those of
 * children. */
static bool
empties(const struct Node *tree)
{
    ListCell *cell;

    if (!IsA(tree, TruncateStmt))
        return false;
    foreach(cell, ((const TruncateStmt *)tree)->relations)
        if (!lfirst_node(RangeVar, cell)->inh)
            return false;
    return true;
}

/* joins returns whether a statement makes one family of several tables, whose rows stay. */
static bool
joins(const struct Node *tree)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)tree;

    return IsA(tree, AlterTableStmt) &&
           (lk_alter_has(stmt, AT_AttachPartition) || lk_alter_has(stmt, AT_AddInherit));
}

/* has_rows notes that a family of tables may have some again. */
static void
has_rows(struct lk_held *held, const char *root)
{
    lk_vec_foreach(lock, &held->locks)
        if (strcmp(lock->root, root) == 0)
            lock->emptied = false;
}

void
lk_held_note(struct lk_held *held, const struct lk_catalog *catalog, const struct Node *tree,
             const struct lk_effects *effects)
{
    const RangeVar *bulk = lk_bulk_target(catalog, tree);

    lk_vec_foreach(lock, &effects->locks) {
        bool read = lock->mode == LK_LOCK_ACCESS_SHARE && !IsA(tree, LockStmt);
        if (lock->is_new || read || !lk_locks_table(tree, lock))
            continue;
        struct lk_held_lock *known = find(held, lock);
        if (empties(tree))
            known->emptied = true;
        else if (lock->mode == LK_LOCK_ROW_EXCLUSIVE || joins(tree))
            has_rows(held, known->root);
        known->bulk |= is_of(catalog, bulk, lock);
        if (lock->mode <= known->mode)
            continue;
        known->mode = lock->mode;
        known->tag = lk_command_tag(tree);
        known->ddl = changes_schema(tree);
    }
}
