/*
 * rules/schema/catalog_private.h
 *     How the catalog keeps its objects; for the files of rules/schema/ that change them.
 */
#ifndef LK_RULES_SCHEMA_CATALOG_PRIVATE_H
#define LK_RULES_SCHEMA_CATALOG_PRIVATE_H

#include <stdint.h>
#include <string.h>

/* lk_hash_key hashes eight bytes at a time: names are looked up many times a statement. */
static inline unsigned
lk_hash_key(const char *key, size_t length)
{
    uint64_t hash = length, word;

    for (; length >= sizeof(word); length -= sizeof(word), key += sizeof(word)) {
        memcpy(&word, key, sizeof(word));
        hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 32;
    }
    for (word = 0; length > 0; length--)
        word = word << 8 | (unsigned char)*key++;
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    return (unsigned)(hash ^ hash >> 32);
}

/* uthash is to use it for all tables of the catalog. */
#define HASH_FUNCTION(key, length, hash) ((hash) = lk_hash_key((const char *)(key), (length)))
#include <uthash.h>

#include "rules/schema/refusal.h"

/* A name in one of the name spaces (relations and types have one each, as in pg_class, pg_type). */
struct lk_catalog_entry {
    char *key; /* "schema" NUL "name" NUL */
    unsigned key_length;
    struct lk_object *object;
    UT_hash_handle hh;
};

struct lk_names {
    const char *names[16];
    size_t count;
    const char *role; /* who carries the statements out; NULL: whoever applies the migrations */
    const char *user; /* of SET SESSION AUTHORIZATION, which RESET ROLE returns to */
};

enum lk_undo_kind {
    LK_UNDO_ADDED,   /* an entry came */
    LK_UNDO_REMOVED, /* an entry went */
    LK_UNDO_CHANGED, /* an object's former state */
    LK_UNDO_PATH,    /* the former search_path */
    LK_UNDO_RETIRED, /* memory that only former states point to */
};

struct lk_undo {
    enum lk_undo_kind kind;
    enum lk_class class;            /* of entries: whose name space */
    struct lk_catalog_entry *entry; /* ADDED, REMOVED */
    struct lk_object *object;       /* CHANGED */
    void *state;                    /* CHANGED, PATH, RETIRED */
};

struct lk_savepoint {
    const char *name; /* NULL: the transaction itself */
    size_t undos;     /* how many there were when it was set */
};

struct lk_former;
struct lk_makings;
struct lk_tokens;

/* A string that the catalog has once. */
struct lk_interned {
    const char *text;
    UT_hash_handle hh;
};

struct lk_catalog {
    TALLOC_CTX *objects; /* parent of all objects */
    TALLOC_CTX *pool;    /* of what lives no longer than a statement */
    struct lk_catalog_entry *spaces[LK_CLASS_COUNT];
    struct lk_catalog_entry **recent; /* of each class, the one found last; NULL: it is not there */
    struct lk_birth now;
    uint32_t pending;
    unsigned version;
    bool utc;
    struct lk_names search_path;
    struct lk_names session_path; /* what LOCAL and ROLLBACK return to */
    bool nameless;                /* a schema was created whose name is not known */
    bool names_others;            /* relations that it did not create have been assumed */
    bool complete;                /* nothing is there that the history did not create */
    bool closed;                  /* and that is certain */
    bool doubted;                 /* something was carried out that may have done anything */
    bool has_temporary;           /* there is or was an entry in pg_temp */
    bool has_system;              /* there is or was an entry in pg_catalog */
    LK_VEC(struct lk_undo) undos;
    LK_VEC(struct lk_savepoint) savepoints;
    bool queried;             /* the transaction has a snapshot: what it isolates is settled */
    bool isolated;            /* it has been told to isolate otherwise than others do */
    struct lk_former *former; /* where former states stand */
    size_t changes;           /* how often something was changed, or was about to be */
    size_t taken_back;        /* how often changes have been */
    size_t left_behind;       /* about how many pieces of memory since lk_catalog_sweep, */
    size_t kept;              /* and how many that has kept */
    /* the statement at hand */
    const struct lk_statement *statement;
    const char *text;                   /* that its span counts in */
    TALLOC_CTX *statement_mem;          /* lives until the next one */
    struct lk_interned *strings;        /* lk_intern */
    struct lk_makings *makings;         /* lk_catalog_made */
    struct lk_tokens *tokens;           /* of the statement, once somebody asked for them */
    bool variables;                     /* that names in it may mean: it is one of a body */
    bool parameters;                    /* that it may have: $1 */
    unsigned calls;                     /* of routines that are being carried out for it */
    const struct lk_routines *followed; /* see lk_replay_follow */
    /* by the statement at hand, the last one; a column or constraint not */
    struct lk_object *created;
    struct lk_refusals refusals;
    uint32_t level;       /* counts savepoints ever set: the mark of objects touched since */
    struct lk_gone *gone; /* names that were there once */
    struct lk_same_name *constraint_names; /* constraints by their name, also former ones */
    LK_VEC(struct lk_same_name *) crowded; /* those that lk_names_settle is to look at */
};

/* lk_privileges_of_public returns what PUBLIC may do with an object by default, or NULL. */
const char *lk_privileges_of_public(const struct lk_object *object);

/* lk_entry_add and lk_entry_remove change a name space and note how to take it back. */
void lk_entry_add(struct lk_catalog *catalog, struct lk_object *object, const char *schema,
                  const char *name);
void lk_entry_remove(struct lk_catalog *catalog, enum lk_class class, const char *schema,
                     const char *name);

/* lk_entry_enter puts an entry into its name space, and notes nothing. */
void lk_entry_enter(struct lk_catalog *catalog, enum lk_class class,
                    struct lk_catalog_entry *entry);

/* lk_entry_leave takes an entry out of its name space, and notes nothing. */
void lk_entry_leave(struct lk_catalog *catalog, enum lk_class class,
                    struct lk_catalog_entry *entry);

/* lk_entry_take removes one object of those that have the name. */
void lk_entry_take(struct lk_catalog *catalog, struct lk_object *object, const char *schema,
                   const char *name);

/*
 * lk_catalog_looks_in_system returns whether an unqualified name is looked for in pg_catalog before
 * search_path's schemas, and something of the history may lie there.
 */
bool lk_catalog_looks_in_system(const struct lk_catalog *catalog);

/* lk_object_init fills in what a new object has from the start. */
void lk_object_init(struct lk_catalog *catalog, struct lk_object *object, enum lk_class class,
                    const char *name);

/* lk_entry_find returns the object of that name, the first one if it is overloaded, or NULL. */
struct lk_object *lk_entry_find(const struct lk_catalog *catalog, enum lk_class class,
                                const char *schema, const char *name);

/* lk_names_temporary returns whether a schema is that of temporary relations. */
bool lk_names_temporary(const char *schema);

/*
 * lk_entry_gone returns whether there certainly is no object of that name in a schema: the history
 * has dropped, moved or renamed it, or has made the schema and nothing of that name in it.
 */
bool lk_entry_gone(const struct lk_catalog *catalog, enum lk_class class, const char *schema,
                   const char *name);

/* lk_gone_add and lk_gone_remove keep the names that lk_entry_gone knows; lk_names_free ends.
 * lk_gone_forget forgets them all. */
void lk_gone_forget(struct lk_catalog *catalog);
void lk_gone_add(struct lk_catalog *catalog, enum lk_class class, const char *schema,
                 const char *name);
void lk_gone_remove(struct lk_catalog *catalog, enum lk_class class, const char *schema,
                    const char *name);
void lk_names_free(struct lk_catalog *catalog);

/* lk_catalog_lacks returns whether a name certainly means no relation; `schema` may be NULL. */
bool lk_catalog_lacks(const struct lk_catalog *catalog, const char *schema, const char *name);

/*
 * lk_constraint_named returns whether a constraint of any relation in a schema has that name: the
 * names that the server chooses are unused in the whole schema.
 * Source: ChooseConstraintName(), ConstraintNameExists(), src/backend/catalog/pg_constraint.c.
 */
bool lk_constraint_named(const struct lk_catalog *catalog, const char *schema, const char *name);

/* lk_constraint_note_name enters a constraint under the name that it, or an echo of it, has now. */
void lk_constraint_note_name(struct lk_catalog *catalog, struct lk_constraint *constraint,
                             const char *name);

/* lk_constraint_echo returns the echo of a foreign key that has a name, or NULL. */
const struct lk_echo *lk_constraint_echo(const struct lk_constraint *constraint, const char *name);

/* lk_relation_echoing returns the foreign key of a relation with an echo of that name, or NULL. */
struct lk_constraint *lk_relation_echoing(const struct lk_relation *relation, const char *name);

/* lk_names_settle forgets, at a transaction's end, constraints that no longer have their name. */
void lk_names_settle(struct lk_catalog *catalog);

/* lk_names_keep forgets constraints but those for which `is_kept` returns true. */
void lk_names_keep(struct lk_catalog *catalog,
                   bool (*is_kept)(const void *memory, const void *data), const void *data);

/*
 * lk_roster_add, before or after the object is in the relation's vector, and lk_roster_remove keep
 * what finds its columns and constraints by name; lk_roster_renew makes it anew from the vectors.
 */
void lk_roster_add(struct lk_relation *relation, struct lk_object *object);
void lk_roster_remove(struct lk_relation *relation, struct lk_object *object);
void lk_roster_renew(struct lk_relation *relation);

/* lk_roster_find returns the object of that name; without a roster by looking at all `items`. */
struct lk_object *lk_roster_find(const struct lk_roster *roster, struct lk_object *const *items,
                                 size_t count, const char *name);

/*
 * lk_link adds a relation to a vector of another's, once; the owner of the vector is touched. The
 * relation may be gone later: who reads the vector asks lk_is_there.
 */
#define lk_link(catalog, owner, vector, relation)                                                  \
    do {                                                                                           \
        bool linked_ = false;                                                                      \
        lk_vec_foreach(known_, &(owner)->vector)                                                   \
            linked_ |= *known_ == (relation);                                                      \
        if (!linked_) {                                                                            \
            lk_catalog_touch((catalog), (owner));                                                  \
            lk_vec_push((owner), &(owner)->vector, (relation));                                    \
        }                                                                                          \
    } while (0)

/* lk_remove_pointer takes `item` out of a vector of pointers that was touched before. */
#define lk_remove_pointer(vec, item)                                                               \
    do {                                                                                           \
        size_t kept_ = 0;                                                                          \
        for (size_t i_ = 0; i_ < (vec)->count; i_++)                                               \
            if ((vec)->items[i_] != (item))                                                        \
                (vec)->items[kept_++] = (vec)->items[i_];                                          \
        for (size_t i_ = kept_; i_ < (vec)->count; i_++) /* for lk_catalog_sweep */                \
            (vec)->items[i_] = NULL;                                                               \
        (vec)->count = kept_;                                                                      \
    } while (0)

/* lk_is_there returns whether a relation has not been dropped. */
bool lk_is_there(const struct lk_catalog *catalog, const struct lk_relation *relation);

/*
 * lk_catalog_mark returns a mark; lk_catalog_return_to takes back every change made since: what a
 * refused statement had done.
 */
size_t lk_catalog_mark(struct lk_catalog *catalog);
void lk_catalog_return_to(struct lk_catalog *catalog, size_t mark);

/*
 * lk_catalog_retire frees what nothing but the former state of an object points to, once a ROLLBACK
 * cannot bring that back. NULL is no matter.
 */
void lk_catalog_retire(struct lk_catalog *catalog, void *memory);

/* lk_undo_note adds a step that a ROLLBACK takes back; the newest one is returned. */
struct lk_undo *lk_undo_note(struct lk_catalog *catalog, enum lk_undo_kind kind);

/* lk_undo_copy returns a copy that lasts as long as a ROLLBACK may need it. */
void *lk_undo_copy(struct lk_catalog *catalog, const void *bytes, size_t size);

#endif
