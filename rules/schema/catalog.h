/*
 * rules/schema/catalog.h
 *     The replayed catalog: what the database looks like at one point of the history.
 *
 * Objects are changed in place, but only between lk_catalog_touch and the end of the statement: a
 * ROLLBACK takes every change back. Pointers to objects are good for the statement at hand.
 *
 * The world is open: what the history never created may exist all the same. Such objects come
 * into the catalog as `assumed` when a statement names them, with the parts that it tells of.
 */
#ifndef LK_RULES_SCHEMA_CATALOG_H
#define LK_RULES_SCHEMA_CATALOG_H

#include "rules/schema/object.h"

struct Constraint;
struct lk_catalog;

/* lk_catalog_new returns the catalog of an empty database: the schema public and nothing in it. */
struct lk_catalog *lk_catalog_new(TALLOC_CTX *mem);

/* Where the replay is; objects created from now on are born there. */
void lk_catalog_set_time(struct lk_catalog *catalog, uint32_t migration, uint32_t statement);
struct lk_birth lk_catalog_now(const struct lk_catalog *catalog);

/*
 * lk_catalog_set_pending says from which migration on the history is not applied yet: what those
 * create has no rows and no users. UINT32_MAX: not known.
 */
void lk_catalog_set_pending(struct lk_catalog *catalog, uint32_t migration);

/*
 * lk_catalog_set_server says on which server the history is, and whether the session's time zone is
 * UTC: what statements cost depends on both. Without it, the oldest one, and no.
 */
void lk_catalog_set_server(struct lk_catalog *catalog, unsigned version, bool utc);
unsigned lk_catalog_version(const struct lk_catalog *catalog);
bool lk_catalog_is_utc(const struct lk_catalog *catalog);

/* lk_object_is_new returns whether nobody can be using an object: born in this migration, or in
 * one that is pending too. NULL (unknown) is not new. */
bool lk_object_is_new(const struct lk_catalog *catalog, const struct lk_object *object);

/* ---- looking up; NULL when the history does not tell of it ---- */

struct lk_namespace *lk_catalog_schema(const struct lk_catalog *catalog, const char *name);

/* lk_catalog_relation resolves a name as the server does: `schema` NULL goes by search_path. */
struct lk_relation *lk_catalog_relation(const struct lk_catalog *catalog, const char *schema,
                                        const char *name);
struct lk_defined_type *lk_catalog_type(const struct lk_catalog *catalog, const char *schema,
                                        const char *name);
struct lk_column *lk_relation_column(const struct lk_relation *relation, const char *name);
struct lk_constraint *lk_relation_constraint(const struct lk_relation *relation, const char *name);

/* lk_constraint_kind_of finds out what a definition makes; false: no constraint, as for DEFAULT. */
bool lk_constraint_kind_of(const struct Constraint *definition, enum lk_constraint_kind *ret);

/*
 * lk_catalog_objects calls `visit` for each object of a class that is named within a schema or the
 * database, in no particular order.
 */
void lk_catalog_objects(const struct lk_catalog *catalog, enum lk_class class,
                        void (*visit)(struct lk_object *object, void *data), void *data);

/* lk_catalog_relations calls `visit` for each relation, in no particular order. */
void lk_catalog_relations(const struct lk_catalog *catalog,
                          void (*visit)(struct lk_relation *relation, void *data), void *data);

/*
 * lk_catalog_object returns an object that has a name of its own; of overloaded ones the first in
 * the first schema of search_path that has any.
 */
struct lk_object *lk_catalog_object(const struct lk_catalog *catalog, enum lk_class class,
                                    const char *schema, const char *name);

/*
 * lk_catalog_functions returns one overload after the other: that behind `after` (NULL: the first),
 * or NULL at the end. `schema` NULL: those of all schemas of search_path, in its order.
 */
struct lk_function *lk_catalog_functions(const struct lk_catalog *catalog, const char *schema,
                                         const char *name, const struct lk_function *after);

/* lk_catalog_has_function returns whether there is a function of that name in any schema. */
bool lk_catalog_has_function(const struct lk_catalog *catalog, const char *name);

/* lk_catalog_commits returns whether all procedures of a name, known ones, end the transaction. */
bool lk_catalog_commits(const struct lk_catalog *catalog, const char *schema, const char *name);

/* lk_object_is_there returns whether an object, a part of a relation too, has not been dropped. */
bool lk_object_is_there(const struct lk_catalog *catalog, const struct lk_object *object);

/* lk_object_schema returns the name of the schema that an object lies in; NULL: in none. */
const char *lk_object_schema(const struct lk_object *object);

/* lk_object_relation returns the relation that a column, constraint, trigger, rule or policy is a
 * part of; NULL: it is none of these. */
struct lk_relation *lk_object_relation(const struct lk_object *object);

/* lk_class_has_schema returns whether objects of a class lie in schemas. */
bool lk_class_has_schema(enum lk_class class);

/* lk_class_words returns what a class is called: "text search parser". */
const char *lk_class_words(enum lk_class class);

/* lk_catalog_names_others returns whether the history has named relations that it did not create.
 */
bool lk_catalog_names_others(const struct lk_catalog *catalog);

/*
 * lk_catalog_set_complete says that the history starts with an empty database: nothing exists but
 * what it creates and what extensions bring along.
 */
void lk_catalog_set_complete(struct lk_catalog *catalog, bool complete);
bool lk_catalog_is_complete(const struct lk_catalog *catalog);

/*
 * lk_catalog_set_closed says that this is not only what the history looks like, but what its user
 * says: a relation that is not there is a mistake, and no sign of an older history.
 */
void lk_catalog_set_closed(struct lk_catalog *catalog);

/*
 * lk_catalog_doubt says that something was carried out of which nobody knows what it was: any
 * object may be there from now on.
 */
void lk_catalog_doubt(struct lk_catalog *catalog);

/* lk_catalog_is_doubted returns whether that has been said. */
bool lk_catalog_is_doubted(const struct lk_catalog *catalog);

/*
 * lk_catalog_may_exist returns whether an object that the history does not tell of may exist all
 * the same: in a schema (NULL: in one of search_path, or in the database), under a name (NULL:
 * any).
 */
bool lk_catalog_may_exist(const struct lk_catalog *catalog, enum lk_class class, const char *schema,
                          const char *name);

struct lk_objects;

/* lk_catalog_schema_objects adds what lies in a schema. */
void lk_catalog_schema_objects(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                               const char *schema, struct lk_objects *ret);

/* ---- what hangs together, dependents.c: only what is there at present ---- */

struct lk_seen;

struct lk_relations {
    LK_VEC(struct lk_relation *) items; /* each once */
    struct lk_seen *seen;
};

/* lk_catalog_descendants adds the partitions of a table, or those that inherit, and theirs. */
void lk_catalog_descendants(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                            const struct lk_relation *relation, struct lk_relations *ret);

/*
 * lk_catalog_referrers adds the tables, itself too, with a foreign key that points to a relation:
 * one of their own, not just as a partition.
 */
void lk_catalog_referrers(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                          const struct lk_relation *relation, struct lk_relations *ret);

/*
 * lk_catalog_dependents adds what DROP takes along with a relation, and what goes with that:
 * partitions and owned sequences; with CASCADE views and tables that inherit, too.
 */
void lk_catalog_dependents(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                           const struct lk_relation *relation, bool cascade,
                           struct lk_relations *ret);

/* lk_catalog_readers adds the views and materialized views whose own queries read a relation. */
void lk_catalog_readers(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                        const struct lk_relation *relation, struct lk_relations *ret);

/*
 * lk_catalog_column_readers adds the views that are certain to read a column, and theirs: what DROP
 * COLUMN ... CASCADE takes along.
 */
void lk_catalog_column_readers(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                               const struct lk_relation *relation, const char *column,
                               struct lk_relations *ret);

/*
 * lk_relation_matching_index returns the index of a relation that is taken for a part of `index`
 * once the relation becomes a partition of that one's table; NULL: one is built.
 */
struct lk_relation *lk_relation_matching_index(const struct lk_relation *relation,
                                               const struct lk_relation *index);

/*
 * lk_catalog_may_be_domain returns whether a type is a domain, or not known: neither built in, nor
 * of the history, nor of an extension of the history.
 */
bool lk_catalog_may_be_domain(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                              const struct lk_type *type);

/* lk_catalog_extension_schema returns where the extension lies that brought a type, or NULL. */
const char *lk_catalog_extension_schema(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                                        const char *type);

/* lk_catalog_leaving_partition returns the partition of a table that is half detached, or NULL. */
struct lk_relation *lk_catalog_leaving_partition(const struct lk_catalog *catalog,
                                                 const struct lk_relation *relation);

/* lk_catalog_default_partition returns the DEFAULT partition of a table, or NULL. */
struct lk_relation *lk_catalog_default_partition(const struct lk_catalog *catalog,
                                                 const struct lk_relation *relation);

/* lk_catalog_sequence returns the sequence that a column owns, or NULL. */
struct lk_relation *lk_catalog_sequence(const struct lk_catalog *catalog,
                                        const struct lk_relation *relation, const char *column);

/* lk_references_column returns whether a foreign key references a column of its target. */
bool lk_references_column(const struct lk_constraint *constraint, const char *column);

/* lk_relation_sql returns the qualified, quoted name. */
char *lk_relation_sql(TALLOC_CTX *mem, const struct lk_relation *relation);

/* lk_catalog_resolved returns the qualified, quoted name that a reference means, known or not. */
char *lk_catalog_resolved(TALLOC_CTX *mem, const struct lk_catalog *catalog, const char *schema,
                          const char *name);

/* lk_catalog_creation_schema returns the schema that unqualified names are created in. */
const char *lk_catalog_creation_schema(const struct lk_catalog *catalog);

/* ---- changing ---- */

struct lk_namespace *lk_catalog_add_schema(struct lk_catalog *catalog, const char *name);
void lk_catalog_drop_schema(struct lk_catalog *catalog, struct lk_namespace *schema);
void lk_catalog_rename_schema(struct lk_catalog *catalog, struct lk_namespace *schema,
                              const char *name);

/* lk_catalog_add_relation creates one; schema NULL: where unqualified names are created. */
struct lk_relation *lk_catalog_add_relation(struct lk_catalog *catalog, const char *schema,
                                            const char *name, enum lk_relation_kind kind);

/* lk_catalog_assume returns the relation a name refers to, assumed into being if need be. */
struct lk_relation *lk_catalog_assume(struct lk_catalog *catalog, const char *schema,
                                      const char *name, enum lk_relation_kind kind);
void lk_catalog_drop_relation(struct lk_catalog *catalog, struct lk_relation *relation);
void lk_catalog_move_relation(struct lk_catalog *catalog, struct lk_relation *relation,
                              const char *schema, const char *name);

struct lk_column *lk_catalog_add_column(struct lk_catalog *catalog, struct lk_relation *relation,
                                        const char *name);
void lk_catalog_drop_column(struct lk_catalog *catalog, struct lk_relation *relation,
                            struct lk_column *column);
struct lk_constraint *lk_catalog_add_constraint(struct lk_catalog *catalog,
                                                struct lk_relation *relation, const char *name,
                                                enum lk_constraint_kind kind);
void lk_catalog_drop_constraint(struct lk_catalog *catalog, struct lk_relation *relation,
                                struct lk_constraint *constraint);

/* lk_catalog_rename_part gives a column or a constraint of a relation another name. */
void lk_catalog_rename_part(struct lk_catalog *catalog, struct lk_relation *relation,
                            struct lk_object *part, const char *name);

struct lk_defined_type *lk_catalog_add_type(struct lk_catalog *catalog, const char *schema,
                                            const char *name, char kind);
void lk_catalog_drop_type(struct lk_catalog *catalog, struct lk_defined_type *type);
void lk_catalog_move_type(struct lk_catalog *catalog, struct lk_defined_type *type,
                          const char *schema, const char *name);

/* lk_catalog_add_function adds an overload; its arguments and signature are the caller's to set. */
struct lk_function *lk_catalog_add_function(struct lk_catalog *catalog, const char *schema,
                                            const char *name, char kind);

/* lk_catalog_add_named adds an object of a class that is known by name and definition. */
struct lk_named *lk_catalog_add_named(struct lk_catalog *catalog, enum lk_class class,
                                      const char *schema, const char *name);

/* lk_catalog_drop_object removes an object of any class, alone: what leans on it is the caller's.
 */
void lk_catalog_drop_object(struct lk_catalog *catalog, struct lk_object *object);

/* lk_catalog_move_object gives it another schema, name, or both; NULL: as before. */
void lk_catalog_move_object(struct lk_catalog *catalog, struct lk_object *object,
                            const char *schema, const char *name);

/* lk_catalog_touch keeps the present state of an object for a ROLLBACK; call it before a change. */
void lk_catalog_touch(struct lk_catalog *catalog, void *object);

/* lk_catalog_keep returns a copy of a string that lives as long as the catalog. */
const char *lk_catalog_keep(struct lk_catalog *catalog, const char *text);

/* lk_intern is lk_catalog_keep for names that come often: the catalog has each once. */
const char *lk_intern(struct lk_catalog *catalog, const char *text);

/* ---- search_path; `local` lasts until the transaction's end ---- */

void lk_catalog_set_search_path(struct lk_catalog *catalog, const char *const *names, size_t count,
                                bool local);
void lk_catalog_reset_search_path(struct lk_catalog *catalog, bool local);

/*
 * lk_catalog_set_role follows SET ROLE, or SET SESSION AUTHORIZATION; NULL: RESET. What is created
 * belongs to lk_catalog_role, which is NULL for whoever applies the migrations.
 */
void lk_catalog_set_role(struct lk_catalog *catalog, const char *role, bool session, bool local);
const char *lk_catalog_role(const struct lk_catalog *catalog);

/* ---- transactions ---- */

/* lk_catalog_begin starts one: changes up to the end can be taken back. */
void lk_catalog_begin(struct lk_catalog *catalog);
void lk_catalog_commit(struct lk_catalog *catalog);
void lk_catalog_rollback(struct lk_catalog *catalog);
void lk_catalog_savepoint(struct lk_catalog *catalog, const char *name);
void lk_catalog_release(struct lk_catalog *catalog, const char *name);
void lk_catalog_rollback_to(struct lk_catalog *catalog, const char *name);

/* ---- memory ---- */

/*
 * lk_catalog_tidy frees what was dropped and replaced since the last time, once that is much of all
 * that there is: the catalog's memory grows with the schema, not with the history. Pointers to
 * objects do not outlive it; within a transaction it does nothing.
 */
void lk_catalog_tidy(struct lk_catalog *catalog);

/* lk_catalog_sweep does so however little it is. */
void lk_catalog_sweep(struct lk_catalog *catalog);

#endif
