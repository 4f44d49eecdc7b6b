/*
 * rules/schema/undo.c
 *     Transactions of the replay: every change of the catalog can be taken back.
 */
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_drop.h"

/* The size of the struct of a class, and where its vectors of pointers stand. */
static const size_t sizes[LK_CLASS_COUNT] = {
#define LK_CLASS(name, structure, words, place) [LK_CLASS_##name] = sizeof(struct structure),
#include "rules/schema/classes.def"
#undef LK_CLASS
};

#define MAX_VECTORS 14

static const size_t object_vectors[] = {
    offsetof(struct lk_object, grants), offsetof(struct lk_object, labels),
    offsetof(struct lk_object, dependents), offsetof(struct lk_object, depends)};

/* Besides those of every object; 0 ends them. */
static const size_t class_vectors[LK_CLASS_COUNT][MAX_VECTORS] = {
    [LK_CLASS_RELATION] =
        {offsetof(struct lk_relation, columns), offsetof(struct lk_relation, constraints),
         offsetof(struct lk_relation, indexes), offsetof(struct lk_relation, parts),
         offsetof(struct lk_relation, keys), offsetof(struct lk_relation, elements),
         offsetof(struct lk_relation, uses), offsetof(struct lk_relation, parents),
         offsetof(struct lk_relation, children), offsetof(struct lk_relation, referrers),
         offsetof(struct lk_relation, readers), offsetof(struct lk_relation, sequences),
         offsetof(struct lk_relation, sources), offsetof(struct lk_relation, key_names)},
    [LK_CLASS_CONSTRAINT] = {offsetof(struct lk_constraint, columns),
                             offsetof(struct lk_constraint, not_null),
                             offsetof(struct lk_constraint, referenced_columns),
                             offsetof(struct lk_constraint, set_columns)},
    [LK_CLASS_TYPE] = {offsetof(struct lk_defined_type, constraints),
                       offsetof(struct lk_defined_type, labels)},
    [LK_CLASS_FUNCTION] = {offsetof(struct lk_function, arguments)},
    [LK_CLASS_OPERATOR... LK_CLASS_USER_MAPPING] = {offsetof(struct lk_named, members)},
};

/* About how many pieces of memory a step leaves behind; what it frees itself is none. */
static const size_t left_behind[] = {
    [LK_UNDO_ADDED] = 0, [LK_UNDO_REMOVED] = 16, [LK_UNDO_CHANGED] = 1,
    [LK_UNDO_PATH] = 1,  [LK_UNDO_RETIRED] = 0,
};

struct lk_undo *
lk_undo_note(struct lk_catalog *catalog, enum lk_undo_kind kind)
{
    struct lk_undo *undo = lk_vec_add(catalog, &catalog->undos);

    undo->kind = kind;
    catalog->left_behind += left_behind[kind];
    return undo;
}

void
lk_catalog_retire(struct lk_catalog *catalog, void *memory)
{
    if (memory != NULL)
        lk_undo_note(catalog, LK_UNDO_RETIRED)->state = memory;
}

/* visit_vectors calls `visit` for each vector of pointers in an object's struct. */
static void
visit_vectors(enum lk_class class, void *structure, void (*visit)(void *vector, void *owner),
              void *owner)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(object_vectors); i++)
        visit((char *)structure + object_vectors[i], owner);
    for (size_t i = 0; i < MAX_VECTORS && class_vectors[class][i] != 0; i++)
        visit((char *)structure + class_vectors[class][i], owner);
}

/* copy_vector gives a copied struct, the owner, a vector of its own. */
static void
copy_vector(void *vector, void *owner)
{
    LK_VEC(void *) *copied = vector;

    if (copied->items != NULL)
        copied->items = lk_memdup(owner, copied->items, copied->capacity * sizeof(void *));
}

/* hand_over makes a vector live as long as its owner. */
static void
hand_over(void *vector, void *owner)
{
    LK_VEC(void *) *kept = vector;

    if (kept->items != NULL)
        talloc_steal(owner, kept->items);
}

/*
 * lk_catalog_touch copies the object's struct with its vectors. The live one keeps its own, so that
 * who is walking over them can go on.
 */
void
lk_catalog_touch(struct lk_catalog *catalog, void *object)
{
    struct lk_object *touched = object;

    if (touched->touched == catalog->level)
        return;
    struct lk_undo *undo = lk_undo_note(catalog, LK_UNDO_CHANGED);
    undo->object = touched;
    undo->state = lk_memdup(touched, touched, sizes[touched->class]);
    visit_vectors(touched->class, undo->state, copy_vector, undo->state);
    touched->touched = catalog->level;
}

/* restore brings back an object's former state, but for its rosters, which are renewed later. */
static void
restore(const struct lk_undo *undo)
{
    struct lk_relation *relation = (struct lk_relation *)undo->object;
    struct lk_roster *columns = NULL, *constraints = NULL;

    if (undo->object->class == LK_CLASS_RELATION) {
        columns = relation->column_names;
        constraints = relation->constraint_names;
    }
    visit_vectors(undo->object->class, undo->state, hand_over, undo->object);
    memcpy(undo->object, undo->state, sizes[undo->object->class]);
    if (undo->object->class == LK_CLASS_RELATION) {
        relation->column_names = columns;
        relation->constraint_names = constraints;
    }
}

/* take_back undoes the newest steps until `keep` are left. */
static void
take_back(struct lk_catalog *catalog, size_t keep)
{
    size_t count = catalog->undos.count;

    catalog->taken_back += count > keep;
    while (catalog->undos.count > keep) {
        struct lk_undo *undo = lk_vec_last(&catalog->undos);

        switch (undo->kind) {
        case LK_UNDO_ADDED:
            HASH_DEL(catalog->spaces[undo->class], undo->entry);
            break;
        case LK_UNDO_REMOVED:
            lk_entry_enter(catalog, undo->class, undo->entry);
            lk_gone_remove(catalog, undo->class, undo->entry->key,
                           undo->entry->key + strlen(undo->entry->key) + 1);
            break;
        case LK_UNDO_CHANGED:
            restore(undo);
            break;
        case LK_UNDO_PATH:
            catalog->search_path = *(struct lk_names *)undo->state;
            break;
        case LK_UNDO_RETIRED: /* it is in use again */
            break;
        }
        catalog->undos.count--;
    }
    for (size_t i = keep; i < count; i++) {
        const struct lk_undo *undo = &catalog->undos.items[i];
        if (undo->kind == LK_UNDO_CHANGED && undo->object->class == LK_CLASS_RELATION)
            lk_roster_renew((struct lk_relation *)undo->object);
    }
}

size_t
lk_catalog_mark(struct lk_catalog *catalog)
{
    catalog->level++;
    return catalog->undos.count;
}

void
lk_catalog_return_to(struct lk_catalog *catalog, size_t mark)
{
    take_back(catalog, mark);
    catalog->level++;
}

/* forget drops the former states: what was done is done. */
static void
forget(struct lk_catalog *catalog)
{
    lk_vec_foreach(undo, &catalog->undos) {
        if (undo->kind == LK_UNDO_REMOVED)
            talloc_free(undo->entry);
        else if (undo->kind != LK_UNDO_ADDED)
            talloc_free(undo->state);
    }
    catalog->undos.count = 0;
    catalog->savepoints.count = 0;
    catalog->queried = catalog->isolated = false;
    lk_names_settle(catalog);
    catalog->level++;
}

static void
push_savepoint(struct lk_catalog *catalog, const char *name)
{
    struct lk_savepoint *savepoint = lk_vec_add(catalog, &catalog->savepoints);

    savepoint->name = lk_intern(catalog, name);
    savepoint->undos = catalog->undos.count;
    catalog->level++;
}

/* find_savepoint returns the index of the innermost savepoint of that name, or SIZE_MAX. */
static size_t
find_savepoint(const struct lk_catalog *catalog, const char *name)
{
    for (size_t i = catalog->savepoints.count; i-- > 0;) {
        const char *candidate = catalog->savepoints.items[i].name;
        if (candidate != NULL && strcmp(candidate, name) == 0)
            return i;
    }
    return SIZE_MAX;
}

void
lk_catalog_begin(struct lk_catalog *catalog)
{
    lk_catalog_commit(catalog);
    push_savepoint(catalog, NULL);
}

/* drop_temporary drops the tables that were made in the transaction with ON COMMIT DROP. */
static void
drop_temporary(struct lk_catalog *catalog)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_dropping dropping = {0};

    lk_vec_foreach(undo, &catalog->undos) {
        struct lk_object *object = undo->kind == LK_UNDO_ADDED ? undo->entry->object : NULL;
        if (object != NULL && object->class == LK_CLASS_RELATION &&
            ((struct lk_relation *)object)->until_commit &&
            lk_is_there(catalog, (struct lk_relation *)object))
            lk_vec_push(scratch, &dropping.objects.items, object);
    }
    if (dropping.objects.items.count == 0)
        return;
    lk_depend_drop(scratch, catalog, true, &dropping);
    lk_replay_remove(catalog, &dropping);
}

void
lk_catalog_commit(struct lk_catalog *catalog)
{
    drop_temporary(catalog);
    forget(catalog);
    catalog->search_path = catalog->session_path;
    catalog->now.transaction++;
}

void
lk_catalog_rollback(struct lk_catalog *catalog)
{
    take_back(catalog, 0);
    forget(catalog);
    catalog->session_path = catalog->search_path;
    catalog->now.transaction++;
}

void
lk_catalog_savepoint(struct lk_catalog *catalog, const char *name)
{
    push_savepoint(catalog, name);
}

void
lk_catalog_release(struct lk_catalog *catalog, const char *name)
{
    size_t index = find_savepoint(catalog, name);

    if (index != SIZE_MAX)
        catalog->savepoints.count = index;
}

void
lk_catalog_rollback_to(struct lk_catalog *catalog, const char *name)
{
    size_t index = find_savepoint(catalog, name);

    if (index == SIZE_MAX)
        return;
    take_back(catalog, catalog->savepoints.items[index].undos);
    catalog->savepoints.count = index + 1;
    catalog->level++;
}
