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
                             offsetof(struct lk_constraint, set_columns),
                             offsetof(struct lk_constraint, echoes)},
    [LK_CLASS_TYPE] = {offsetof(struct lk_defined_type, constraints),
                       offsetof(struct lk_defined_type, labels),
                       offsetof(struct lk_defined_type, fresh)},
    [LK_CLASS_FUNCTION] = {offsetof(struct lk_function, arguments)},
    [LK_CLASS_OPERATOR... LK_CLASS_USER_MAPPING] = {offsetof(struct lk_named, members)},
};

#define ALL_VECTORS (LK_ARRAY_SIZE(object_vectors) + MAX_VECTORS)

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
    catalog->changes++;
    catalog->left_behind += left_behind[kind];
    return undo;
}

void
lk_catalog_retire(struct lk_catalog *catalog, void *memory)
{
    if (memory != NULL)
        lk_undo_note(catalog, LK_UNDO_RETIRED)->state = memory;
}

/* Former states stand in blocks, one behind the other: they are all forgotten at once. */
struct lk_former {
    struct lk_former *before;
    size_t used, size;
    max_align_t bytes[];
};

#define FORMER_SIZE (8 << 10) /* of a block that takes what most migrations change */

/* former returns room for a piece of a former state, which lasts until forget. */
static void *
former(struct lk_catalog *catalog, size_t size)
{
    struct lk_former *block = catalog->former;

    size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (block == NULL || block->size - block->used < size) {
        size_t room = LK_MAX(size, FORMER_SIZE);
        block = lk_mem_check(talloc_size(catalog, sizeof(*block) + room));
        *block = (struct lk_former){.before = catalog->former, .size = room};
        catalog->former = block;
    }
    block->used += size;
    return (char *)block->bytes + block->used - size;
}

/* forget_former empties the first block and frees the others. */
static void
forget_former(struct lk_catalog *catalog)
{
    struct lk_former *block = catalog->former;

    while (block != NULL && block->before != NULL) {
        catalog->former = block->before;
        talloc_free(block);
        block = catalog->former;
    }
    if (block != NULL)
        block->used = 0;
}

void *
lk_undo_copy(struct lk_catalog *catalog, const void *bytes, size_t size)
{
    return memcpy(former(catalog, size), bytes, size);
}

/* A vector of pointers in an object's struct. */
typedef LK_VEC(void *) pointers;

/* vectors_of puts the vectors of pointers in an object's struct into `ret`, returns how many. */
static size_t
vectors_of(enum lk_class class, void *structure, pointers *ret[static ALL_VECTORS])
{
    size_t count = 0;

    for (size_t i = 0; i < LK_ARRAY_SIZE(object_vectors); i++)
        ret[count++] = (pointers *)((char *)structure + object_vectors[i]);
    for (size_t i = 0; i < MAX_VECTORS && class_vectors[class][i] != 0; i++)
        ret[count++] = (pointers *)((char *)structure + class_vectors[class][i]);
    return count;
}

/*
 * lk_catalog_touch copies the object's struct with its vectors. The live one keeps its own, so that
 * who is walking over them can go on.
 */
void
lk_catalog_touch(struct lk_catalog *catalog, void *object)
{
    struct lk_object *touched = object;
    pointers *vectors[ALL_VECTORS];

    catalog->changes++;
    if (touched->touched == catalog->level)
        return;
    struct lk_undo *undo = lk_undo_note(catalog, LK_UNDO_CHANGED);
    undo->object = touched;
    undo->state = lk_undo_copy(catalog, touched, sizes[touched->class]);
    size_t count = vectors_of(touched->class, undo->state, vectors);
    for (size_t i = 0; i < count; i++) {
        vectors[i]->capacity = vectors[i]->count;
        if (vectors[i]->count > 0)
            vectors[i]->items =
                lk_undo_copy(catalog, vectors[i]->items, vectors[i]->count * sizeof(void *));
        else
            vectors[i]->items = NULL;
    }
    touched->touched = catalog->level;
}

/* restore brings back an object's former state, but for its rosters, which are renewed later. */
static void
restore(const struct lk_undo *undo)
{
    struct lk_relation *relation = (struct lk_relation *)undo->object;
    struct lk_roster *columns = NULL, *constraints = NULL;
    pointers *vectors[ALL_VECTORS];

    if (undo->object->class == LK_CLASS_RELATION) {
        columns = relation->column_names;
        constraints = relation->constraint_names;
    }
    memcpy(undo->object, undo->state, sizes[undo->object->class]);
    size_t count = vectors_of(undo->object->class, undo->object, vectors);
    for (size_t i = 0; i < count; i++)
        if (vectors[i]->count > 0)
            vectors[i]->items =
                lk_memdup(undo->object, vectors[i]->items, vectors[i]->count * sizeof(void *));
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
    catalog->changes += count > keep;
    while (catalog->undos.count > keep) {
        struct lk_undo *undo = lk_vec_last(&catalog->undos);

        switch (undo->kind) {
        case LK_UNDO_ADDED:
            lk_entry_leave(catalog, undo->class, undo->entry);
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
        else if (undo->kind == LK_UNDO_RETIRED)
            talloc_free(undo->state);
    }
    forget_former(catalog);
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
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = NULL;
    struct lk_dropping dropping = {0};

    lk_vec_foreach(undo, &catalog->undos) {
        struct lk_object *object = undo->kind == LK_UNDO_ADDED ? undo->entry->object : NULL;
        if (object != NULL && object->class == LK_CLASS_RELATION &&
            ((struct lk_relation *)object)->until_commit &&
            lk_is_there(catalog, (struct lk_relation *)object)) {
            scratch = scratch != NULL ? scratch : lk_mem_new(NULL);
            lk_vec_push(scratch, &dropping.objects.items, object);
        }
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
