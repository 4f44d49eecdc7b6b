/*
 * rules/new_column.h
 *     ADD COLUMN that makes the server write every row anew, and how to do without.
 */
#ifndef LK_RULES_NEW_COLUMN_H
#define LK_RULES_NEW_COLUMN_H

#include "rules/rewrite.h"
#include "rules/suggest.h"

/* What it is in a new column that rewrites the table. */
enum lk_new_column {
    LK_NEW_COLUMN_FREE, /* nothing */
    LK_NEW_COLUMN_SERIAL,
    LK_NEW_COLUMN_STORED,
    LK_NEW_COLUMN_DOMAIN,
    LK_NEW_COLUMN_DEFAULT,
};

/*
 * lk_each_new_column calls `each` for the columns that ALTER TABLE adds to a table that others may
 * be using, and that rewrite it for that reason.
 */
void lk_each_new_column(struct lk_check *check, const AlterTableStmt *stmt, enum lk_new_column why,
                        void (*each)(struct lk_check *check, const RangeVar *range,
                                     const ColumnDef *definition, void *data),
                        void *data);

/* lk_command_effects returns the effects of one subcommand of ALTER TABLE, as if it were alone. */
struct lk_effects lk_command_effects(const struct lk_check *check, const AlterTableStmt *stmt,
                                     AlterTableCmd *command);

/* lk_base_type returns the type below a domain, and below those that it is made of. */
const struct lk_type *lk_base_type(const struct lk_check *check, const struct lk_type *type);

/* lk_definition_constraint returns a new column's constraint of a type, or NULL. */
const Constraint *lk_definition_constraint(const ColumnDef *definition, ConstrType type);

/* lk_report_new_columns reports columns that rewrite their table: "column a `what`"; and
 * lk_report_new_column a single one. */
struct lk_finding *lk_report_new_columns(struct lk_check *check, const RangeVar *range,
                                         const struct lk_columns *columns, const char *what);
struct lk_finding *lk_report_new_column(struct lk_check *check, const RangeVar *range,
                                        const ColumnDef *definition, const char *what);

/*
 * lk_fill_text returns UPDATE of some of the rows in which a column is still NULL, and a comment
 * in front of it that says to repeat it: what is a migration of its own.
 */
char *lk_fill_text(const struct lk_check *check, const RangeVar *range, const char *column);

#endif
