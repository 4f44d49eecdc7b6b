/*
 * rules/schema/object.h
 *     The objects of the replayed catalog.
 *
 * Strings and vectors live as long as the catalog. What is not known is NULL, 0 or false, and the
 * relation `partial`: nobody reports on a guess.
 */
#ifndef LK_RULES_SCHEMA_OBJECT_H
#define LK_RULES_SCHEMA_OBJECT_H

#include "rules/schema/text.h"
#include "rules/schema/type.h"

enum lk_class {
#define LK_CLASS(name, structure, words, place) LK_CLASS_##name,
#include "rules/schema/classes.def"
#undef LK_CLASS
    LK_CLASS_COUNT
};

/* When an object came into being. */
struct lk_birth {
    uint32_t migration;   /* its ordinal; 0: before the history */
    uint32_t statement;   /* its index in the migration */
    uint32_t transaction; /* counted over the whole replay */
};

/* How hard an object leans on another; as pg_depend.deptype. */
enum lk_dependency_kind {
    LK_DEPENDS_NORMAL,   /* DROP of the other one is refused, or takes it along with CASCADE */
    LK_DEPENDS_AUTO,     /* DROP of the other one takes it along */
    LK_DEPENDS_INTERNAL, /* it is a part of the other one */
};

struct lk_object;

struct lk_dependency {
    struct lk_object *dependent;
    struct lk_object *on;
    enum lk_dependency_kind kind;
};

/* A privilege as an access control list has it: never ALL. */
struct lk_grant {
    const char *grantee;   /* NULL: PUBLIC; never the owner */
    const char *privilege; /* in capitals */
    const char *column;    /* NULL: on the object */
    bool grantable;
};

/* SECURITY LABEL */
struct lk_label {
    const char *provider; /* NULL: the one that is loaded */
    const char *label;
};

struct lk_object {
    enum lk_class class;
    const char *name; /* not quoted */
    struct lk_birth birth;
    bool assumed;        /* not created in the history: it exists if the migrations work at all */
    bool doubtful;       /* assumed since a statement that was perhaps not carried out */
    uint32_t touched;    /* the savepoint level that holds its former state */
    const char *owner;   /* NULL: whoever applies the migrations */
    const char *comment; /* NULL: none */
    LK_VEC(struct lk_grant *) grants;
    bool granted;               /* what PUBLIC may do is in `grants`: no longer its default */
    struct lk_object *overload; /* the next one of the same name in its name space */
    LK_VEC(struct lk_label *) labels;
    LK_VEC(struct lk_dependency *) dependents; /* depend.c: who leans on it */
    LK_VEC(struct lk_dependency *) depends;    /* and on whom it leans */
};

struct lk_namespace {
    struct lk_object object;
    bool imported; /* it may hold more: of IMPORT FOREIGN SCHEMA, or that was moved there */
};

enum lk_relation_kind {
    LK_RELATION_TABLE,
    LK_RELATION_PARTITIONED,
    LK_RELATION_FOREIGN,
    LK_RELATION_VIEW,
    LK_RELATION_MATVIEW,
    LK_RELATION_SEQUENCE,
    LK_RELATION_INDEX,
    LK_RELATION_COMPOSITE,
    LK_RELATION_UNKNOWN, /* assumed, and nothing told its kind yet */
};

struct lk_column {
    struct lk_object object;
    struct lk_relation *relation;
    struct lk_type type;
    bool type_known;
    bool not_null;
    bool has_default;
    bool identity;
    bool generated;
    bool is_virtual; /* generated, and not stored */
    bool serial;
    bool always;                   /* an identity that is GENERATED ALWAYS */
    bool inherited;                /* it comes from a parent, and from there alone */
    struct lk_text *default_value; /* DEFAULT, or what GENERATED computes; NULL: none, not known */
    const char *collation;         /* qualified and quoted; NULL: that of the type */
    const char *storage;           /* as SQL writes it; NULL: that of the type; so compression */
    const char *compression;
    struct lk_text *statistics; /* the target; NULL: the server's */
    struct lk_text *options;    /* n_distinct and the like; of a foreign table OPTIONS (...) */
};

enum lk_constraint_kind {
    LK_CONSTRAINT_CHECK,
    LK_CONSTRAINT_NOT_NULL,
    LK_CONSTRAINT_PRIMARY,
    LK_CONSTRAINT_UNIQUE,
    LK_CONSTRAINT_EXCLUDE,
    LK_CONSTRAINT_FOREIGN,
};

struct lk_limits;
struct lk_relation;
struct lk_roster;

/*
 * The constraint that a foreign key has below itself for one partition of what it references:
 * nobody has written it, but its name is taken. Replaced, never changed in place.
 */
struct lk_echo {
    const char *name;
    struct lk_relation *target; /* the partition */
    bool validated;
};

struct lk_constraint {
    struct lk_object object;
    struct lk_relation *relation; /* NULL: of a domain */
    struct lk_defined_type *domain;
    enum lk_constraint_kind kind;
    bool validated;
    bool deferrable;
    bool deferred; /* INITIALLY DEFERRED */
    bool not_enforced;
    bool no_inherit;
    bool inherited;                /* it comes from a parent, and from there alone */
    struct lk_text *expression;    /* of CHECK, without its parentheses; the body of EXCLUDE */
    LK_VEC(const char *) columns;  /* constrained, referencing, or named by a CHECK; each once */
    LK_VEC(const char *) not_null; /* what a CHECK proves to be IS NOT NULL */
    struct lk_relation *index;     /* that enforces it, or NULL */
    struct lk_constraint *parent;  /* of a partition's key: that of the table above it, or NULL */
    struct lk_relation *target;    /* of a foreign key: what it references, and its name */
    const char *references_schema;
    const char *references;
    LK_VEC(const char *) referenced_columns; /* empty: the primary key */
    LK_VEC(const char *) set_columns;        /* of ON DELETE SET NULL (...) */
    LK_VEC(const struct lk_echo *) echoes;   /* one for each partition of the target */
    char on_delete, on_update, match;        /* as pg_constraint.confdeltype and its siblings */
    bool period;                             /* WITHOUT OVERLAPS, PERIOD */
};

struct lk_relation {
    struct lk_object object;
    enum lk_relation_kind kind;
    const char *schema; /* the namespace's name */
    const char *sql;    /* what lk_relation_sql returns; NULL: an index, for which few ask */
    bool temporary;
    bool until_commit; /* ON COMMIT DROP */
    bool partial; /* there may be columns, constraints and indexes the history does not tell of */
    LK_VEC(struct lk_column *) columns;
    LK_VEC(struct lk_constraint *) constraints;
    LK_VEC(struct lk_relation *) indexes;
    LK_VEC(struct lk_part *) parts;                    /* triggers, rules and policies */
    struct lk_roster *column_names, *constraint_names; /* NULL while there are few */
    struct lk_relation *parent;                        /* of a partition */
    bool is_default;          /* the partition for what belongs to no other */
    struct lk_relation *rest; /* the one that is so, or was, of a partitioned table */
    bool detaching; /* a partition that DETACH ... CONCURRENTLY has left, and is not through with */
    struct lk_relation *leaving; /* the one that is so, or was; none of `children` */
    bool unlogged;
    bool row_security, force_row_security;
    char replica_identity;         /* as pg_class.relreplident: d, n, f, i; 0 is d */
    struct lk_relation *identity;  /* the index of the last one */
    struct lk_relation *clustered; /* the index of CLUSTER ON */
    struct lk_text *options; /* WITH (...), without its parentheses; of a foreign table OPTIONS */
    const char *tablespace;  /* NULL: the default one; so the access method */
    const char *method;      /* of an index too, where NULL is btree */
    const char *server;      /* of a foreign table */
    struct lk_text *of_type; /* of a typed table */
    struct lk_text *partition_key;         /* LIST (a), behind PARTITION BY */
    struct lk_text *bound;                 /* of a partition: FOR VALUES ..., DEFAULT */
    const struct lk_limits *limits;        /* what that says in constants; NULL: DEFAULT, none */
    struct lk_text *query;                 /* of a view or materialized view */
    LK_VEC(struct lk_relation *) parents;  /* of a table that inherits, in their order */
    LK_VEC(struct lk_relation *) children; /* partitions, or tables that inherit */
    /* some of these may be gone: the functions of dependents.c return those that are there */
    LK_VEC(struct lk_relation *) referrers; /* tables with foreign keys to it */
    LK_VEC(struct lk_relation *) readers;   /* views and materialized views of it */
    LK_VEC(struct lk_relation *) sequences; /* owned by its columns */
    /* of a view */
    LK_VEC(struct lk_relation *) sources; /* what its query reads, as far as known */
    bool reads_unknown;                   /* there is more that it reads */
    bool reads_all;                       /* SELECT * */
    bool not_populated;                   /* WITH NO DATA */
    char check_option;                    /* l, c; 0: none */
    /* of an index; of a sequence the table that owns it, with the column as its key */
    struct lk_relation *table;
    bool unique;
    bool valid;
    bool nulls_not_distinct;
    size_t included;                /* how many of its keys are behind INCLUDE, at the end */
    LK_VEC(const char *) keys;      /* its columns; NULL for an expression */
    LK_VEC(const char *) key_names; /* what the server calls them; empty: as the columns */
    /* what stands for each key: column or expression, collation, operator class, order */
    LK_VEC(struct lk_text *) elements;
    struct lk_text *predicate;
    /* the columns in its expressions and its predicate, of a view in its query; each once */
    LK_VEC(const char *) uses;
    bool has_predicate;
    /* of a sequence */
    struct lk_sequence *sequence;
};

/* What a sequence counts; the numbers as SQL writes them, NULL: the server's. */
struct lk_sequence {
    const char *type; /* smallint, integer, bigint */
    int64_t start, increment, min, max, cache;
    int64_t next; /* no lower number is handed out any more, as far as the history tells */
    bool cycle;
    bool of_identity; /* the column's own, not to be created apart */
};

/* A type that the history defines. */
struct lk_defined_type {
    struct lk_object object;
    const char *schema;
    char kind;                     /* as pg_type.typtype: e, d, c, r; 'b' for the rest */
    struct lk_type base;           /* of a domain */
    bool constrained;              /* a domain with NOT NULL or CHECK */
    bool not_null;                 /* of a domain */
    struct lk_text *default_value; /* of a domain */
    const char *collation;
    LK_VEC(struct lk_constraint *) constraints; /* of a domain */
    LK_VEC(const char *) labels;                /* of an enum, in their order */
    LK_VEC(const char *) fresh;                 /* those that ALTER TYPE has added */
    uint32_t fresh_in; /* in this transaction, as lk_birth counts: not to be used before its end */
    struct lk_text *definition; /* of a range or base type: the statement that makes it */
    struct lk_changes *changes; /* of a base type */
};

/* A trigger, rule or policy: what belongs to a relation and is known by its text. */
struct lk_part {
    struct lk_object object;
    struct lk_relation *relation;
    struct lk_text *definition; /* the statement that makes it */
    char state;                 /* of a trigger or rule, as pg_trigger.tgenabled: O, D, R, A */
    struct lk_part *parent;     /* of a partition's trigger: that of the table above it, or NULL */
    bool each_row;              /* of a trigger */
    bool instead;               /* of a rule: DO INSTEAD */
    char event;                 /* of a rule, as pg_rewrite.ev_type: 1 SELECT to 4 DELETE */
    /* of a policy, for which `definition` is made of these */
    struct lk_text *roles, *qual, *with_check; /* behind TO, USING and WITH CHECK; NULL: none */
    const char *command;                       /* ALL, SELECT, ... */
    bool restrictive;
};

/* A function, procedure, aggregate or window function. */
struct lk_function {
    struct lk_object object;
    const char *schema;
    const char *signature; /* "name(integer, text)": input types as pg_dump writes them */
    char kind;             /* as pg_proc.prokind: f, p, a, w */
    struct lk_type result;
    bool result_known;
    bool returns_set;
    char volatility; /* as pg_proc.provolatile: i, s, v */
    bool commits;    /* a procedure that ends the transaction whenever it is called */
    LK_VEC(struct lk_argument *) arguments;
    struct lk_text *definition; /* the statement that makes it */
    const char *path;           /* of the file which that stands in; NULL: in none, or in a body */
    uint32_t line;              /* where it begins there */
    struct lk_changes *changes; /* ALTER statements since; replaced, never changed in place */
};

struct lk_routines {
    LK_VEC(const struct lk_function *) items;
};

struct lk_argument {
    const char *name; /* NULL: none */
    char mode;        /* as pg_proc.proargmodes: i, o, b, v, t */
    bool has_default;
    bool type_known;
    struct lk_type type;
};

/* ALTER statements in their order. */
struct lk_changes {
    LK_VEC(struct lk_text *) items;
};

/*
 * What a publication publishes, which role a role is a member of, the privileges of an ALTER
 * DEFAULT PRIVILEGES.
 */
struct lk_member {
    struct lk_object *object;     /* a relation or a schema; NULL: not known */
    const char *name;             /* of a role */
    LK_VEC(const char *) columns; /* of a published table; empty: all */
    struct lk_text *condition;    /* WHERE of a published table, without its parentheses */
    struct lk_text *options;      /* of a membership: behind WITH */
};

/* An object of the many classes that are known by name and definition. */
struct lk_named {
    struct lk_object object;
    const char *schema;         /* NULL: of the database */
    const char *kind;           /* what tells it from others of its name: "(integer, integer)" of an
                                 * operator, the access method of an operator class; or NULL */
    struct lk_text *definition; /* the statement that makes it */
    struct lk_changes *changes; /* ALTER statements since; replaced, never changed in place */
    LK_VEC(struct lk_member *) members;
    bool all_tables; /* of a publication */
};

#endif
