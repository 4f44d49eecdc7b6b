/*
 * rules/schema/builtin.h
 *     What every server has of itself: types, functions, operators, casts and relations of
 *     PostgreSQL 15 to 18, which call resolves to what, and what extensions bring.
 *
 * All data is static; nothing is allocated. A version is a major one from 15 to 18, later ones
 * count as the latest, earlier ones as the first. Version 0 is "not known": what only some versions
 * have may exist, and a resolution is told when all versions agree on it.
 */
#ifndef LK_RULES_SCHEMA_BUILTIN_H
#define LK_RULES_SCHEMA_BUILTIN_H

#include "rules/schema/type.h"

#define LK_BUILTIN_MAX_ARGS 16 /* arguments that a built-in function declares, at most */

/* ---- types ---- */

/*
 * A type is a number: LK_BT_<name in pg_type>, LK_BT_unknown for a literal without a type. Arrays
 * are LK_BT_ARRAY | element.
 */
enum lk_builtin_type_id {
    LK_BT_NONE,
#define LK_TYPE(name, ...) LK_BT_##name,
#include "rules/schema/builtin_types.def"
#undef LK_TYPE
    LK_BT_COUNT,
    LK_BT_OPAQUE = 0x3fff, /* a type that the caller cannot tell, or not one of the kinds below */
};

/*
 * Types that the user made, numbered by the caller from 0 to 0xfff: results say which one comes
 * out. A domain is passed as its base type where a resolution is asked for; where the result is
 * `polymorphic` it may then be the domain.
 */
#define LK_BT_ENUM(n) ((uint16_t)(0x4000 | (n)))
#define LK_BT_COMPOSITE(n) ((uint16_t)(0x5000 | (n)))
#define LK_BT_ARRAY 0x8000

struct lk_builtin_type {
    const char *name;
    const char *schema;
    char typtype;  /* as in pg_type: b, d, m, p, r */
    char category; /* pg_type.typcategory */
    bool preferred;
    int16_t length; /* pg_type.typlen: -1 for varlena */
    char align;
    char storage;
    const char *volatility; /* of its input and output function: two letters of i, s, v */
    const char *related;    /* a domain's base, a range's subtype, a multirange's range, or "" */
    bool has_array;
    const char *modifier;  /* "", bit, bpchar, interval, numeric, time, timestamp, varbit, ... */
    const char *collation; /* "", default or C */
};

/*
 * lk_builtin_type returns a type by its name in pg_type, "_int4" included, or LK_BT_NONE; with
 * `schema` NULL one of pg_catalog.
 */
uint16_t lk_builtin_type(const char *schema, const char *name);

/* lk_builtin_type_of returns the number of a column's type; LK_BT_OPAQUE for the user's own. */
uint16_t lk_builtin_type_of(const struct lk_type *type);

/* lk_builtin_type_info returns what is known of a type; NULL for arrays and what is not built in.
 */
const struct lk_builtin_type *lk_builtin_type_info(uint16_t type);

/* lk_builtin_type_write makes a built-in type or array one of the catalog's; false for others. */
bool lk_builtin_type_write(uint16_t type, struct lk_type *ret);

/* lk_builtin_is_opaque returns whether a type is LK_BT_OPAQUE or an array of it. */
bool lk_builtin_is_opaque(uint16_t type);

/* lk_builtin_element returns what subscripts yield, LK_BT_NONE for what is no array. */
uint16_t lk_builtin_element(uint16_t type);

/* lk_builtin_array returns the array type of an element, LK_BT_NONE where there is none. */
uint16_t lk_builtin_array(uint16_t type);

/* lk_builtin_related returns struct lk_builtin_type's `related` as a type, or LK_BT_NONE. */
uint16_t lk_builtin_related(uint16_t type);

/* lk_builtin_category returns the category as in pg_type.typcategory, '?' where it is not known. */
char lk_builtin_category(uint16_t type);

/* ---- what there is ---- */

/* Text inside a table, not NUL-terminated. */
struct lk_builtin_name {
    const char *text;
    size_t length;
};

struct lk_builtin_column {
    struct lk_builtin_name name; /* empty where it has none */
    uint16_t type;               /* LK_BT_OPAQUE for a row type */
};

/*
 * lk_builtin_column_next takes the next column off a list: of a relation, of what a function
 * returns, or of its arguments.
 */
bool lk_builtin_column_next(struct lk_builtin_name *list, struct lk_builtin_column *ret);

struct lk_builtin_function {
    struct lk_builtin_name name;
    char kind; /* f, p, w, a; o and h: ordered-set and hypothetical-set aggregates */
    /* i, s, v; t: as volatile as the cast of its polymorphic argument to text, after inlining */
    char volatility;
    bool strict;
    bool set_returning;
    bool variadic;
    uint8_t defaults; /* how many arguments at the end may be left out */
    uint8_t count;
    uint16_t args[LK_BUILTIN_MAX_ARGS];
    uint16_t result;
    struct lk_builtin_name arguments; /* their names and types */
    struct lk_builtin_name columns;   /* OUT and TABLE arguments, empty where there are none */
    uint8_t since, until;             /* versions, both included */
    const char *next;                 /* where the next of the name is looked for */
};

/*
 * lk_builtin_function_next goes over the functions of a name, of all versions, from a zeroed `it`.
 */
bool lk_builtin_function_next(const char *name, struct lk_builtin_function *it);

/*
 * lk_builtin_function_kind returns what the functions of a name are, as struct
 * lk_builtin_function's `kind`, s: set-returning; 0 where there are none.
 */
char lk_builtin_function_kind(const char *name);

/* lk_builtin_has returns whether a version is in a range; true for version 0. */
bool lk_builtin_has(uint8_t since, uint8_t until, unsigned version);

struct lk_builtin_operator {
    const char *name;
    uint16_t left; /* LK_BT_NONE: a prefix operator */
    uint16_t right;
    uint16_t result;
    char volatility; /* as a function's */
    uint8_t since, until;
    size_t next; /* the number of the operator behind it */
};

/* lk_builtin_operator_next goes over the operators of a name, from a zeroed `it`. */
bool lk_builtin_operator_next(const char *name, struct lk_builtin_operator *it);

struct lk_builtin_relation {
    char kind; /* r: table, v: view */
    struct lk_builtin_name columns;
    uint8_t since, until;
};

/* lk_builtin_relation finds a table or view; with `schema` NULL one of pg_catalog. */
bool lk_builtin_relation(const char *schema, const char *name, unsigned version,
                         struct lk_builtin_relation *ret);

/* ---- what comes of an expression ---- */

enum lk_builtin_context { LK_BUILTIN_IMPLICIT, LK_BUILTIN_ASSIGNMENT, LK_BUILTIN_EXPLICIT };

enum lk_builtin_method {
    LK_BUILTIN_NO_CAST,
    LK_BUILTIN_UNKNOWN_CAST, /* one of the types is not known */
    LK_BUILTIN_RELABEL,      /* the same bytes */
    LK_BUILTIN_CALL,         /* a function, once or per element */
    LK_BUILTIN_IO,           /* through text */
};

struct lk_builtin_cast {
    enum lk_builtin_method method;
    enum lk_builtin_context context; /* the weakest one in which the server casts */
    char volatility;                 /* i, s, v; '?' where it is not known */
};

/*
 * lk_builtin_cast returns how the server casts a value; a literal without a type (LK_BT_unknown)
 * becomes anything by its input function. A domain's constraints are not looked at. A row that is
 * cast to record stays of its own type.
 */
struct lk_builtin_cast lk_builtin_cast(uint16_t from, uint16_t to, unsigned version);

/*
 * lk_builtin_common_type returns the type of UNION, CASE, COALESCE, VALUES, ARRAY[] (documentation,
 * 10.5): LK_BT_NONE where the server refuses, LK_BT_OPAQUE where it cannot be told.
 */
uint16_t lk_builtin_common_type(const uint16_t *types, size_t count, unsigned version);

enum lk_builtin_outcome {
    LK_BUILTIN_FOUND,
    LK_BUILTIN_NONE,      /* no such function or operator: SQLSTATE 42883 */
    LK_BUILTIN_AMBIGUOUS, /* 42725 */
    LK_BUILTIN_MISMATCH,  /* polymorphic arguments that do not fit: 42804, 42P18 */
    LK_BUILTIN_UNKNOWN,   /* it depends on what the caller could not tell */
};

struct lk_builtin_resolution {
    enum lk_builtin_outcome outcome;
    uint16_t type;      /* of the result; LK_BT_NONE unless found */
    uint16_t literal;   /* what an operator takes a literal for; LK_BT_NONE: it has none */
    char volatility;    /* with the casts of its arguments: i, s, v; '?' where not known */
    char kind;          /* of a function, as above; 'c' for a call that is a cast: date(x) */
    bool polymorphic;   /* the result's type comes from the arguments' */
    bool set_returning; /* a function in FROM, or a set-returning one */
    bool sure;          /* false: found, if there is such a thing for the opaque argument */
    struct lk_builtin_name columns; /* of what a function returns, where it is declared */
};

struct lk_builtin_call {
    const char *name;
    const uint16_t *types;    /* of direct arguments, then those of WITHIN GROUP (ORDER BY) */
    const char *const *names; /* per argument, NULL for positional ones; NULL: all positional */
    size_t count;
    bool variadic; /* VARIADIC is written before the last argument */
    unsigned version;
};

/*
 * lk_builtin_resolve_function returns what a call of a function of pg_catalog comes to, by the
 * server's rules (documentation, 10.3). Functions of the user's own by that name are the caller's.
 */
struct lk_builtin_resolution lk_builtin_resolve_function(const struct lk_builtin_call *call);

/* lk_builtin_resolve_operator does so for operators (10.2); `left` LK_BT_NONE: a prefix one. */
struct lk_builtin_resolution lk_builtin_resolve_operator(const char *name, uint16_t left,
                                                         uint16_t right, unsigned version);

/* ---- access methods of indexes ---- */

enum {
    LK_METHOD_ORDER = 1 << 0, /* ASC, NULLS FIRST and the like */
    LK_METHOD_UNIQUE = 1 << 1,
    LK_METHOD_MULTICOLUMN = 1 << 2,
    LK_METHOD_INCLUDE = 1 << 3,
    LK_METHOD_EXCLUDE = 1 << 4,
};

struct lk_builtin_method_traits {
    const char *name;
    unsigned can; /* LK_METHOD_* */
};

/* lk_builtin_method returns an access method of the server's own for indexes, or NULL. */
const struct lk_builtin_method_traits *lk_builtin_method(const char *name);

/* ---- settings ---- */

struct lk_builtin_setting {
    char kind;                   /* b, i, r; P, H, B, I: see builtin_settings.def; 0: any other */
    struct lk_builtin_name unit; /* of a number; empty: none */
};

/* lk_builtin_setting finds what SET can set, whatever the case of its name; false: nothing. */
bool lk_builtin_setting(const char *name, unsigned version, struct lk_builtin_setting *ret);

/* ---- extensions ---- */

enum lk_provides {
    LK_PROVIDES_NO,
    LK_PROVIDES_YES,     /* in some version at least */
    LK_PROVIDES_UNKNOWN, /* there is no list of that extension */
};

struct lk_extension_object {
    struct lk_builtin_name extension;
    struct lk_builtin_name kind;
    struct lk_builtin_name name;
    struct lk_builtin_name arguments; /* of functions and operators; "" otherwise */
    struct lk_builtin_name result;    /* a type's name, maybe one of the extension's own */
    char volatility;                  /* of functions and operators; '\0' otherwise */
    const char *next;
};

/*
 * lk_builtin_opclass returns whether an index of an access method takes a type by the server's own
 * operator class of that name (NULL: by a default one); `*ret_named`: there is one, for some type.
 */
enum lk_provides lk_builtin_opclass(const char *method, const char *name, uint16_t type,
                                    unsigned version, bool *ret_named);

/*
 * lk_extension_provides returns whether an extension brings an object. Kinds: type, function,
 * operator, relation, opclass, method, dictionary, wrapper.
 */
enum lk_provides lk_extension_provides(const char *extension, const char *kind, const char *name);

/*
 * lk_extension_may_provide returns whether an extension, or one that it takes along, may bring an
 * object of a kind, of any name where `name` is NULL. Kinds: those above, and schema. What
 * extensions from elsewhere bring beside relations need not be listed.
 */
bool lk_extension_may_provide(const char *extension, const char *kind, const char *name);

/* lk_extension_next goes over what extensions bring by a kind and name, from a zeroed `it`. */
bool lk_extension_next(const char *kind, const char *name, struct lk_extension_object *it);

#endif
