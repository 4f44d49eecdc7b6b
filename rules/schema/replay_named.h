/*
 * rules/schema/replay_named.h
 *     Objects of the many classes that are known by name and definition.
 */
#ifndef LK_RULES_SCHEMA_REPLAY_NAMED_H
#define LK_RULES_SCHEMA_REPLAY_NAMED_H

#include "rules/schema/replay_find.h"

/* What a CREATE statement makes. */
struct lk_making {
    enum lk_class class;
    struct lk_qname name;
    const char *kind;    /* as lk_named.kind, or NULL */
    const char *keyword; /* the last one before the name; NULL: it has none in the statement */
    bool if_not_exists;
    bool replace;
};

/*
 * lk_replay_make returns the new object, with its definition. Where one is there already it notes
 * the server's refusal, or keeps to IF NOT EXISTS, and returns NULL.
 */
struct lk_named *lk_replay_make(struct lk_catalog *catalog, const struct lk_making *making);

/* lk_replay_change appends the ALTER statement at hand to an object of the database's changes. */
struct lk_named *lk_replay_change(struct lk_catalog *catalog, ObjectType type, const char *name);

/* lk_replay_refuse_absent refuses an object of the database that certainly is not there. */
bool lk_replay_refuse_absent(struct lk_catalog *catalog, ObjectType type, const char *name);

/* lk_replay_lean_on_function makes an object lean on the function of that name, if there is one
 * only. */
void lk_replay_lean_on_function(struct lk_catalog *catalog, struct lk_object *object,
                                const List *words);

/*
 * lk_replay_lean_on_elements makes an object lean on the functions and text search objects that the
 * list of CREATE ... (name = value, ...) names.
 */
void lk_replay_lean_on_elements(struct lk_catalog *catalog, struct lk_object *object,
                                const List *definition);

/* lk_replay_lean_on_named makes an object lean on one of the database, if it is known. */
void lk_replay_lean_on_named(struct lk_catalog *catalog, struct lk_object *object,
                             enum lk_class class, const char *schema, const char *name);

#endif
