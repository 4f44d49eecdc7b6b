/*
 * rules/schema/type.h
 *     Types of columns: canonical names, modifiers, dimensions.
 */
#ifndef LK_RULES_SCHEMA_TYPE_H
#define LK_RULES_SCHEMA_TYPE_H

#include "parser/base/mem.h"

struct TypeName;

/* The schema of most built-in types: most who ask for it can go by the address. */
extern const char lk_pg_catalog[];

struct lk_type {
    const char *schema; /* NULL: not qualified; "pg_catalog" for built-in ones */
    const char *name;   /* as in pg_type: int4, varchar, timestamptz */
    int32_t mods[2];    /* of varchar(n), numeric(p,s), timestamp(p), bit(n) */
    uint16_t number;    /* LK_BT_* of its name; 0: not looked up */
    uint8_t mod_count;
    bool array;
    bool serial; /* written as smallserial, serial or bigserial; `name` is the integer's */
};

/* The fields of an interval, as its first modifier has them; any other mask is of all. */
enum {
    LK_INTERVAL_MONTH = 1 << 1,
    LK_INTERVAL_YEAR = 1 << 2,
    LK_INTERVAL_DAY = 1 << 3,
    LK_INTERVAL_HOUR = 1 << 10,
    LK_INTERVAL_MINUTE = 1 << 11,
    LK_INTERVAL_SECOND = 1 << 12,
};

/*
 * lk_type_of returns the type that a TypeName writes; strings live in `mem`. It returns false
 * where the text alone does not tell (`table.column%TYPE`).
 */
bool lk_type_of(TALLOC_CTX *mem, const struct TypeName *type_name, struct lk_type *ret);

/* lk_type_equal returns whether two types are the same, modifiers included. */
bool lk_type_equal(const struct lk_type *a, const struct lk_type *b);

/* lk_type_is returns whether it is the built-in type `name`, not an array of it. */
bool lk_type_is(const struct lk_type *type, const char *name);

/* lk_type_is_builtin returns whether the type is one of pg_catalog. */
bool lk_type_is_builtin(const struct lk_type *type);

/* lk_type_sql returns the type as SQL writes it: "character varying(20)", "integer[]". */
char *lk_type_sql(TALLOC_CTX *mem, const struct lk_type *type);

/* lk_type_words returns it as signatures and messages do, without its length: "character". */
char *lk_type_words(TALLOC_CTX *mem, const struct lk_type *type);

#endif
