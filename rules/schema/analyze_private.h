/*
 * rules/schema/analyze_private.h
 *     The parts of the analysis of expressions and queries.
 */
#ifndef LK_RULES_SCHEMA_ANALYZE_PRIVATE_H
#define LK_RULES_SCHEMA_ANALYZE_PRIVATE_H

#include "parser/lexer.h"
#include "parser/pg_names.h"
#include "rules/schema/analyze.h"
#include "rules/schema/builtin.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_private.h"

/* How an expression came by its collation; as CollateStrength in parse_collate.c. */
enum lk_collating {
    LK_COLLATING_IMPLICIT,
    LK_COLLATING_CONFLICT,
    LK_COLLATING_EXPLICIT,
};

/* What an expression yields. A string literal without a type is of type pg_catalog.unknown. */
struct lk_operand {
    struct lk_typed typed;
    enum lk_collating collating;
};

struct lk_operands {
    LK_VEC(struct lk_operand) items;
};

struct lk_scope_item;

/* A column that a query can name. */
struct lk_scope_column {
    const char *name;
    struct lk_operand operand;
    struct lk_column *column;   /* of the catalog, that it stands for; NULL: of no table */
    struct lk_column *merged;   /* the other one of a column that USING merged */
    struct lk_scope_item *item; /* that the text has to name it by; NULL: by itself */
    bool renamed;               /* the text has a name of its own for it */
};

/* What stands in FROM, or a join of it. */
struct lk_scope_item {
    const char *name;                   /* NULL: only its columns can be named */
    const struct lk_relation *relation; /* known to the catalog; NULL: none */
    bool aliased;
    bool plain;          /* it has no system columns, though its relation has */
    bool system;         /* it has system columns, though the catalog does not know it */
    bool complete;       /* there are no columns but these */
    bool hidden;         /* below a join that hides it wholly */
    bool columns_hidden; /* its columns are those of a join, or must be qualified */
    bool listed;         /* `columns` says it all; otherwise they are the relation's */
    LK_VEC(struct lk_scope_column) columns;
    struct lk_scope_names *names; /* of many columns; made when needed */
};

/* A WITH query, and what is known of its columns. */
struct lk_scope_cte {
    const char *name;
    struct lk_result result;
};

struct lk_scope {
    const struct lk_scope *outer;
    LK_VEC(struct lk_scope_item *) items;
    LK_VEC(struct lk_scope_cte *) ctes;
};

#define LK_ANALYSIS_DEPTH 1000 /* a chain of operators is as deep as it is long */

/* A subquery that stands for a value, and what its column is called. */
struct lk_named_sublink {
    const SubLink *link;
    const char *name;
};

struct lk_columns;

struct lk_analysis {
    struct lk_catalog *catalog;
    TALLOC_CTX *mem; /* lives as long as the analysis */
    struct lk_mentions mentions;
    uint32_t text_length; /* of the text that is mentioned in; 0: not measured yet */
    char volatility;
    bool volatility_known;
    bool incomplete;             /* something was not understood: it may name more */
    bool unsure;                 /* something is named that may not be there: COLLATE */
    bool variables;              /* names may be those of variables */
    bool alone;                  /* of no relation: a name of a column is VALUE, if anything */
    const struct lk_type *value; /* the type of VALUE; NULL: not known */
    const char *clause;          /* in which there are no aggregates, as messages call it; NULL */
    struct lk_columns *into;     /* what the rows of VALUES are for; NULL: nothing */
    bool untold;                 /* literals of the query are of the type of what takes them */
    const Node *output;          /* the expression of an unnamed column of a result */
    const char *as;              /* and what the column is called */
    const Node *many;            /* a query for as many values as there are, not for one */
    struct lk_function **called; /* where to note which function of the history is called */
    struct lk_builtin_name columns_of_call; /* what the function called last says of them */
    LK_VEC(struct lk_type) types;           /* the user's own, as builtin.h numbers them */
    LK_VEC(struct lk_named_sublink) sublinks;
    unsigned depth;
    size_t columns; /* how many were made: there is a limit to what is absurd */
};

/* ---- analyze_token.c: where the words of the statement at hand are ---- */

/* lk_token_index returns which token starts at a node's location, SIZE_MAX for none. */
size_t lk_token_index(struct lk_catalog *catalog, int location);

/* lk_token_count returns how many tokens the statement at hand has. */
size_t lk_token_count(struct lk_catalog *catalog);

/* lk_token returns a token by its index; one of kind LK_TOKEN_END behind the last one. */
struct lk_token lk_token(struct lk_catalog *catalog, size_t index);

/* ---- analyze_refuse.c: what the server refuses of an expression or a query ---- */

/*
 * lk_analysis_refuse notes a refusal, unless something before was not understood, or is refused
 * already, or names may be those of variables. It returns NULL where it does not.
 */
struct lk_refusal *lk_analysis_refuse(struct lk_analysis *an, const char *sqlstate, int location,
                                      const char *format, ...) LK_PRINTF(4, 5);

/* lk_analysis_refuse_relation does so for a relation that certainly is not there. */
void lk_analysis_refuse_relation(struct lk_analysis *an, const RangeVar *range);

/* lk_analysis_refuse_call does so for a function that certainly is not there. */
void lk_analysis_refuse_call(struct lk_analysis *an, const FuncCall *call,
                             enum lk_builtin_outcome outcome, const struct lk_operands *operands,
                             const char *const *names);

/*
 * lk_analysis_refuse_literal does so for a string constant, or each of a list, that is no value of
 * an operand's type, or cannot be one yet.
 */
void lk_analysis_refuse_literal(struct lk_analysis *an, const struct lk_operand *operand,
                                const Node *node);

/* lk_analysis_refuse_cast does so for a cast that there is none for. */
void lk_analysis_refuse_cast(struct lk_analysis *an, const struct lk_operand *operand,
                             const struct lk_operand *result, int location);

/* lk_analysis_refuse_unlike does so for values that are of no common type; `what` wants it. */
void lk_analysis_refuse_unlike(struct lk_analysis *an, const struct lk_operands *operands,
                               const char *what);

/*
 * lk_analysis_refuse_arbiter does so for ON CONFLICT (NULL: none) of a table without a unique index
 * over just the columns that it lists; one with a predicate counts where it has WHERE.
 */
void lk_analysis_refuse_arbiter(struct lk_analysis *an, const struct lk_relation *table,
                                const OnConflictClause *clause);

/* lk_relation_has_rules returns whether statements on a table's rows become others by rules. */
bool lk_relation_has_rules(const struct lk_relation *table);

/* lk_analysis_refuse_truth does so for a condition that is not true or false; `what`: WHERE. */
void lk_analysis_refuse_truth(struct lk_analysis *an, const struct lk_operand *operand,
                              const char *what);

/* lk_analysis_refuse_assigned does so for a value that a column cannot be given. */
void lk_analysis_refuse_assigned(struct lk_analysis *an, const struct lk_column *column,
                                 const struct lk_operand *operand);

/* What rows of values are for. */
struct lk_columns {
    const struct lk_relation *table;
    const List *names;                      /* ResTarget each; NIL: its columns as they stand */
    LK_VEC(const struct lk_column *) items; /* once they are asked for; NULL: not known */
};

/* lk_analysis_refuse_row does so for the values of a row. */
void lk_analysis_refuse_row(struct lk_analysis *an, struct lk_columns *columns,
                            const struct lk_operands *values);

/* lk_analysis_refuse_unsorted does so for values that are to be compared, or `sorted`. */
void lk_analysis_refuse_unsorted(struct lk_analysis *an, const struct lk_operand *operand,
                                 bool sorted);

/* lk_analysis_refuse_operator does so for an operator. */
void lk_analysis_refuse_operator(struct lk_analysis *an, const char *name, int location,
                                 enum lk_builtin_outcome outcome, const struct lk_operand *left,
                                 const struct lk_operand *right);

/* ---- analyze_mention.c ---- */

/* lk_words_span finds `count` dotted words from a location on. */
bool lk_words_span(struct lk_catalog *catalog, int location, int count, struct lk_span *ret);

/* lk_mention_words notes that `count` dotted words from a location on mean an object. */
void lk_mention_words(struct lk_analysis *an, int location, int count, struct lk_object *object,
                      enum lk_mention_form form);

/* lk_constant_name returns in `ret` the name that a string constant holds; false where it is none.
 */
bool lk_constant_name(TALLOC_CTX *mem, const Node *node, struct lk_qname *ret);

/* lk_constant_relation returns the relation that a string constant names, or NULL. */
struct lk_relation *lk_constant_relation(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                                         const Node *node);

/* lk_mention_regclass mentions the relation that a string constant of type regclass names. */
void lk_mention_regclass(struct lk_analysis *an, const Node *node);

/* lk_mention_silently notes what is meant without a word that would have to follow its name. */
void lk_mention_silently(struct lk_analysis *an, struct lk_object *object);

/* lk_mention_add adds a mention whose span is in the text of the statement at hand. */
void lk_mention_add(struct lk_analysis *an, struct lk_mention mention);

/* lk_mention_relation returns the relation as an object to be mentioned, or NULL. */
struct lk_object *lk_mention_relation(const struct lk_analysis *an,
                                      const struct lk_relation *relation);

/* lk_mention_column notes that a reference means a column; `qualify` one that is bare. */
void lk_mention_column(struct lk_analysis *an, const ColumnRef *ref,
                       const struct lk_scope_column *column, const struct lk_scope_item *item,
                       bool qualify);

/* lk_mention_row notes that a reference means the rows of an item. */
void lk_mention_row(struct lk_analysis *an, const ColumnRef *ref, const struct lk_scope_item *item);

/* lk_mention_star writes the columns that stand for `*` or `t.*` in its place. */
struct lk_star;
void lk_mention_star(struct lk_analysis *an, struct lk_span span, const struct lk_star *star);

/* ---- analyze_scope.c ---- */

/* lk_scope_item returns a new item of what can be named. */
struct lk_scope_item *lk_scope_item(struct lk_analysis *an, struct lk_scope *scope,
                                    const char *name);

/* lk_scope_relation adds a relation to what can be named, with its columns. */
struct lk_scope_item *lk_scope_relation(struct lk_analysis *an, struct lk_scope *scope,
                                        const struct lk_relation *relation, const char *name);

/* lk_item_add adds a column to an item, unless there are absurdly many already. */
void lk_item_add(struct lk_analysis *an, struct lk_scope_item *item, struct lk_scope_column column);

/* lk_analysis_room returns whether there may be one column more; it counts. */
bool lk_analysis_room(struct lk_analysis *an);

/* lk_item_list makes an item list its columns, so that they can be changed. */
void lk_item_list(struct lk_analysis *an, struct lk_scope_item *item);

size_t lk_item_count(const struct lk_scope_item *item);
struct lk_scope_column lk_item_column(const struct lk_scope_item *item, size_t index);

/* lk_item_find returns how many columns of that name there are: 0, 1 or 2; `ret` is the first. */
unsigned lk_item_find(struct lk_analysis *an, struct lk_scope_item *item, const char *name,
                      struct lk_scope_column *ret);

/* lk_scope_column_ref returns what a reference to a column, or to a whole row, yields. */
struct lk_operand lk_scope_column_ref(struct lk_analysis *an, const struct lk_scope *scope,
                                      const ColumnRef *ref);

/* What `*` or `t.*` stands for. */
struct lk_star {
    LK_VEC(struct lk_scope_column) columns;
    bool complete;  /* there are no columns but these */
    bool qualified; /* the columns have to be named with their items */
    bool named;     /* the columns' names are seen outside */
};

/* lk_scope_has returns whether a column of FROM itself may be meant by a bare name. */
bool lk_scope_has(struct lk_analysis *an, const struct lk_scope *scope, const char *name);

/* lk_scope_star returns it. */
struct lk_star lk_scope_star(struct lk_analysis *an, const struct lk_scope *scope,
                             const ColumnRef *ref);

/* ---- analyze_expression.c ---- */

/* lk_analyze_node returns what an expression yields; NULL yields nothing that is known. */
struct lk_operand lk_analyze_node(struct lk_analysis *an, const struct lk_scope *scope, Node *node);

/* lk_analyze_list analyzes expressions of which only the mentions matter. */
void lk_analyze_list(struct lk_analysis *an, const struct lk_scope *scope, List *list);

/* lk_analyze_operands returns what each of a list of expressions yields. */
struct lk_operands lk_analyze_operands(struct lk_analysis *an, const struct lk_scope *scope,
                                       List *list);

/* lk_analyze_row returns the elements of a row, in which `t.*` stands for columns. */
struct lk_operands lk_analyze_row(struct lk_analysis *an, const struct lk_scope *scope,
                                  List *elements, bool *complete);

/* ---- analyze_json.c ---- */

/* lk_analyze_json returns what the nodes of SQL/JSON yield. */
struct lk_operand lk_analyze_json(struct lk_analysis *an, const struct lk_scope *scope, Node *node);

/* ---- analyze_call.c: functions and operators ---- */

/* lk_analysis_volatility notes what is called: i, s or v; 0 where it is not known. */
void lk_analysis_volatility(struct lk_analysis *an, char volatility);

struct lk_operand lk_analyze_call(struct lk_analysis *an, const struct lk_scope *scope,
                                  FuncCall *call);

/*
 * lk_analyze_operator returns what an operator makes of its operands; `left` NULL: a prefix one.
 * `*literal` becomes the type that it takes a string constant for, where one of two is none.
 */
struct lk_operand lk_analyze_operator(struct lk_analysis *an, struct lk_qname name, int location,
                                      const struct lk_operand *left, const struct lk_operand *right,
                                      struct lk_operand *literal);

/* lk_find_function returns the function of the history that a name and a count of arguments mean,
 * or NULL where there is none, or several. */
struct lk_object *lk_find_function(const struct lk_catalog *catalog, struct lk_qname name,
                                   size_t arguments);

/* lk_mention_operator mentions the operator of the history that a name may mean. */
void lk_mention_operator(struct lk_analysis *an, const List *name, int location);

/* lk_operand_nullif returns what NULLIF yields. */
struct lk_operand lk_operand_nullif(struct lk_analysis *an, const struct lk_operand *left,
                                    const struct lk_operand *right);

/* lk_function_columns adds the columns of a function in FROM, if it says what they are. */
bool lk_function_columns(struct lk_analysis *an, struct lk_scope_item *item,
                         const struct lk_function *function);

/* lk_function_output returns the name of the only OUT parameter, or NULL. */
const char *lk_function_output(const struct lk_function *function);

/* ---- analyze_type.c ---- */

struct lk_operand lk_operand_of(const char *builtin);
struct lk_operand lk_operand_of_column(const struct lk_column *column);

/* lk_number_type returns which type a number has that is no plain integer. */
const char *lk_number_type(const char *number);

/* lk_resolve_collation returns the collation that a name means, and mentions it. */
const char *lk_resolve_collation(struct lk_analysis *an, List *name, int location);

/* lk_operand_is returns whether it is known to be of a built-in type. */
bool lk_operand_is(const struct lk_operand *operand, const char *builtin);

/* lk_operand_of_rows returns the type of a relation's rows. */
struct lk_operand lk_operand_of_rows(const struct lk_relation *relation);

/* lk_operand_field returns a field of a composite value. */
struct lk_operand lk_operand_field(struct lk_analysis *an, const struct lk_operand *operand,
                                   const char *name);

/* lk_operand_relation returns the relation or composite type whose rows a value is, or NULL. */
const struct lk_relation *lk_operand_relation(const struct lk_analysis *an,
                                              const struct lk_operand *operand);

/* lk_resolve_type returns the type that a TypeName means, and mentions it. */
struct lk_operand lk_resolve_type(struct lk_analysis *an, const TypeName *type);

/* ---- analyze_builtin.c ---- */

/* lk_operand_number returns a value's type as builtin.h numbers it, LK_BT_OPAQUE if not known. */
uint16_t lk_operand_number(struct lk_analysis *an, const struct lk_operand *operand);

/* lk_operand_of_number is the way back. */
struct lk_operand lk_operand_of_number(struct lk_analysis *an, uint16_t number);

/* lk_operand_is_collatable returns whether values of the type have a collation. */
bool lk_operand_is_collatable(struct lk_analysis *an, const struct lk_operand *operand);

/* lk_operand_collate gives a result the collation that comes from what it is made of. */
void lk_operand_collate(struct lk_analysis *an, struct lk_operand *result,
                        const struct lk_operand *operands, size_t count);

/* lk_operand_canonical says of a type's bare name that it is the server's own, where it is. */
void lk_operand_canonical(struct lk_operand *operand);

/* lk_type_same returns whether two types are of the same name and schema. */
bool lk_type_same(const struct lk_type *a, const struct lk_type *b);

/* lk_operand_common returns the type that UNION, CASE and the like bring values to. */
struct lk_operand lk_operand_common(struct lk_analysis *an, const struct lk_operands *operands);

/* lk_builtin_columns adds the columns of one of the server's own functions or relations. */
void lk_builtin_columns(struct lk_analysis *an, struct lk_scope_item *item,
                        struct lk_builtin_name list);

/* ---- analyze_target.c ---- */

/* lk_target_name returns what the server calls the column of an expression, once analyzed. */
const char *lk_target_name(const struct lk_analysis *an, const Node *expression);

/* lk_analyze_targets returns the columns that a target list or RETURNING makes. */
struct lk_result lk_analyze_targets(struct lk_analysis *an, const struct lk_scope *scope,
                                    List *targets);

/* ---- analyze_from.c ---- */

/* lk_analyze_from adds what a FROM clause names to a scope. */
void lk_analyze_from(struct lk_analysis *an, struct lk_scope *scope, List *from);

/* lk_analyze_from_item adds one of its elements. */
void lk_analyze_from_item(struct lk_analysis *an, struct lk_scope *scope, Node *node);

/* ---- analyze_query.c ---- */

/* lk_analyze_statement returns the columns of the result of SELECT, INSERT and their like. */
struct lk_result lk_analyze_statement(struct lk_analysis *an, const struct lk_scope *outer,
                                      Node *statement);

/* lk_analyze_with adds the queries of a WITH clause to a scope. */
void lk_analyze_with(struct lk_analysis *an, struct lk_scope *scope, WithClause *with);

#define LK_GROUP_BY "GROUP BY" /* of the clauses the one that sets can be in */

/*
 * lk_analyze_within analyzes an expression that no aggregate can be in; `clause` is what messages
 * call where it stands. lk_analyze_condition does so for one that is true or false, as `truth`
 * calls it; `clause` NULL: there may be aggregates.
 */
struct lk_operand lk_analyze_within(struct lk_analysis *an, const struct lk_scope *scope,
                                    Node *node, const char *clause);
void lk_analyze_condition(struct lk_analysis *an, const struct lk_scope *scope, Node *node,
                          const char *truth, const char *clause);

/* lk_find_cte returns the WITH query of a name, or NULL. */
const struct lk_scope_cte *lk_find_cte(const struct lk_scope *scope, const char *name);

/* ---- analyze_dml.c ---- */

struct lk_result lk_analyze_insert(struct lk_analysis *an, const struct lk_scope *outer,
                                   InsertStmt *stmt);
struct lk_result lk_analyze_update(struct lk_analysis *an, const struct lk_scope *outer,
                                   UpdateStmt *stmt);
struct lk_result lk_analyze_delete(struct lk_analysis *an, const struct lk_scope *outer,
                                   DeleteStmt *stmt);
struct lk_result lk_analyze_merge(struct lk_analysis *an, const struct lk_scope *outer,
                                  MergeStmt *stmt);

#endif
