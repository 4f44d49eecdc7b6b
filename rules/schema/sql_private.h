/*
 * rules/schema/sql_private.h
 *     Writing a schema, one file per family of objects.
 */
#ifndef LK_RULES_SCHEMA_SQL_PRIVATE_H
#define LK_RULES_SCHEMA_SQL_PRIVATE_H

#include "parser/base/buf.h"
#include "rules/schema/depend.h"
#include "rules/schema/seen.h"

struct lk_writer {
    TALLOC_CTX *mem;
    const struct lk_catalog *catalog;
    struct lk_buf out;
    struct lk_seen *written; /* objects that stand there, or are about to */
};

/* sql_table.c: the objects a relation is made of. `name` is qualified and quoted. */
void lk_write_relation(struct lk_writer *writer, const struct lk_relation *relation);
void lk_write_index(struct lk_writer *writer, const struct lk_relation *index);
void lk_write_table_details(struct lk_writer *writer, const struct lk_relation *table);
void lk_write_sequence(struct lk_writer *writer, const struct lk_relation *sequence);

/*
 * lk_written_type returns a type as SQL writes it, with the schema where an extension has put it,
 * unless that is public, in which it is found.
 */
char *lk_written_type(struct lk_writer *writer, const struct lk_type *type);

/* lk_write_late adds the columns that CREATE TABLE has left out, once those that inherit stand. */
void lk_write_late(struct lk_writer *writer, const struct lk_relation *table);

/* sql_late.c */

/*
 * lk_late_columns returns from which column on a table is given them after tables that inherit from
 * it, which it adds to `ret` (may be NULL); the number of its columns: they are all there before.
 */
size_t lk_late_columns(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                       const struct lk_relation *table, struct lk_relations *ret);

/* sql_constraint.c */

/* lk_write_check adds " CONSTRAINT name CHECK (...)". */
void lk_write_check(struct lk_writer *writer, const struct lk_constraint *constraint);

/* lk_write_constraint adds ALTER TABLE ... ADD CONSTRAINT. */
void lk_write_constraint(struct lk_writer *writer, const struct lk_constraint *constraint);

/* sql_object.c */
void lk_write_type(struct lk_writer *writer, const struct lk_defined_type *type);
void lk_write_definition(struct lk_writer *writer, const struct lk_text *definition);
void lk_write_part(struct lk_writer *writer, const struct lk_part *part);

/* lk_write_about adds owner, comment and grants of an object, those of a relation's parts too. */
void lk_write_about(struct lk_writer *writer, const struct lk_object *object);

/* lk_write_default_privileges adds ALTER DEFAULT PRIVILEGES. */
void lk_write_default_privileges(struct lk_writer *writer, const struct lk_named *defaults);

/* lk_write_names adds names, quoted, joined by ", ". */
void lk_write_names(struct lk_writer *writer, const char *const *names, size_t count);

#endif
