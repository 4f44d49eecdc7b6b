/*
 * rules/schema/builtin_private.h
 *     What the files behind builtin.h share: rows of tables, coercion, choices.
 */
#ifndef LK_RULES_SCHEMA_BUILTIN_PRIVATE_H
#define LK_RULES_SCHEMA_BUILTIN_PRIVATE_H

#include "rules/schema/builtin.h"

#define LK_BUILTIN_FIRST 15
#define LK_BUILTIN_LAST 18

#define LK_ROW_FIELDS 6

/* A table: rows of tab-separated fields, one per line, sorted by the first field's bytes. */
struct lk_rows {
    const char *text;
    size_t size;
};

struct lk_row {
    struct lk_builtin_name field[LK_ROW_FIELDS];
    const char *next; /* behind the row */
};

/*
 * lk_row_next reads the row at `at`, or with NULL the first one by the name, and returns whether
 * there is one by that name.
 */
bool lk_row_next(const struct lk_rows *rows, const char *name, const char *at, struct lk_row *ret);

/* lk_row_read reads the row at `at`; false at the end. */
bool lk_row_read(const struct lk_rows *rows, const char *at, struct lk_row *ret);

/* lk_row_has returns whether a version is in a row's range: "", "16-", "-17" or "16-17". */
bool lk_row_has(struct lk_builtin_name range, unsigned version);

/* lk_builtin_same returns whether a table's text is this string. */
bool lk_builtin_same(struct lk_builtin_name name, const char *text);

/* lk_builtin_type_text returns the type that a table writes; LK_BT_OPAQUE for a row type. */
uint16_t lk_builtin_type_text(struct lk_builtin_name text);

/* lk_builtin_base returns a domain's base type, any other type itself. */
uint16_t lk_builtin_base(uint16_t type);

/* lk_builtin_is_preferred returns whether the type is the preferred one of its category. */
bool lk_builtin_is_preferred(uint16_t type);

/* lk_builtin_typtype returns pg_type.typtype: e and c for the user's own; '?' not known. */
char lk_builtin_typtype(uint16_t type);

/* lk_builtin_is_polymorphic returns whether a declared type is anyelement or one of its family. */
bool lk_builtin_is_polymorphic(uint16_t type);

/* lk_cast_path returns how to cast in a context; the types are not LK_BT_unknown. */
struct lk_builtin_cast lk_cast_path(uint16_t from, uint16_t to, enum lk_builtin_context context,
                                    unsigned version);

/*
 * lk_coercible returns whether arguments can be passed implicitly. What is opaque fits everywhere.
 */
bool lk_coercible(const uint16_t *from, const uint16_t *to, size_t count, unsigned version);

/*
 * lk_polymorphic_result puts the actual types in: returns LK_BT_NONE where they do not fit
 * together, LK_BT_OPAQUE where it cannot be told, or what `result` stands for.
 */
uint16_t lk_polymorphic_result(const uint16_t *actual, const uint16_t *declared, size_t count,
                               uint16_t result, unsigned version);

/* One function or operator that a call may mean, as the call would pass its arguments. */
struct lk_choice {
    const uint16_t *args;
    uint16_t result;
    char volatility;
    char kind;
    bool set_returning;
    bool expanded; /* a variadic one, its last argument given one by one */
    uint8_t defaulted;
    struct lk_builtin_name columns;
};

#define LK_MAX_CHOICES 96

struct lk_choices {
    struct lk_choice items[LK_MAX_CHOICES];
    size_t count;
    uint16_t pool[1024]; /* the arguments */
    size_t used;
    bool overflow; /* there are more than fit: nothing can be told */
};

/*
 * lk_choose does what the server does in func_match_argtypes and func_select_candidate: returns
 * the choice, or NULL with *ret_ambiguous set or not.
 */
const struct lk_choice *lk_choose(struct lk_choices *choices, const uint16_t *actual, size_t count,
                                  unsigned version, bool *ret_ambiguous);

/* lk_keep_coercible drops the choices that the arguments cannot be passed to. */
void lk_keep_coercible(struct lk_choices *choices, const uint16_t *actual, size_t count,
                       unsigned version);

#endif
