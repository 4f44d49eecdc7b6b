/*
 * rules/schema/replay_find.h
 *     Finding the object that a statement means, whatever its kind.
 */
#ifndef LK_RULES_SCHEMA_REPLAY_FIND_H
#define LK_RULES_SCHEMA_REPLAY_FIND_H

#include "rules/schema/replay_private.h"

/* A kind of object of the grammar: object_kinds.def. */
struct lk_object_kind {
    ObjectType type;
    enum lk_class class;
    const char *keyword;  /* the last one before its name */
    const char *sqlstate; /* where it is missing */
};

/* lk_replay_kind returns what is known of a kind of object, or NULL. */
const struct lk_object_kind *lk_replay_kind(ObjectType type);

/* What a statement looks for. */
struct lk_sought {
    ObjectType type;
    const RangeVar *relation; /* where the statement has one */
    Node *object;             /* else */
    const char *part;         /* of a relation: its column, constraint, trigger, rule or policy */
    bool missing_ok;          /* IF EXISTS */
    bool drop;                /* for DROP, which is strict about kinds */
    bool strict;              /* as COMMENT is, too */
};

/*
 * lk_replay_find returns the object that is meant. Where there is none it notes the server's
 * refusal, if that is certain, and returns NULL.
 */
struct lk_object *lk_replay_find(struct lk_catalog *catalog, const struct lk_sought *sought);
struct lk_object *lk_replay_find_as(struct lk_catalog *catalog, ObjectType type,
                                    const RangeVar *relation, Node *object);

/* lk_replay_find_function does so for functions, procedures and aggregates. */
struct lk_function *lk_replay_find_function(struct lk_catalog *catalog,
                                            const struct lk_sought *sought,
                                            const ObjectWithArgs *target);

/* lk_replay_named returns the object of that name and `kind` (NULL: any), or NULL. */
struct lk_named *lk_replay_named(const struct lk_catalog *catalog, enum lk_class class,
                                 const char *schema, const char *name, const char *kind);

/* What tells objects apart whose name is not enough; strings live as long as the statement. */
char *lk_replay_type_words(struct lk_catalog *catalog, const TypeName *type_name);
const char *lk_replay_operator_kind(struct lk_catalog *catalog, const TypeName *left,
                                    const TypeName *right);
char *lk_replay_cast_name(struct lk_catalog *catalog, const TypeName *source,
                          const TypeName *target);
char *lk_replay_transform_name(struct lk_catalog *catalog, const TypeName *type,
                               const char *language);

/* lk_type_constraint returns the constraint of a domain of that name, or NULL. */
struct lk_constraint *lk_type_constraint(const struct lk_defined_type *type, const char *name);

#endif
