/*
 * parser/atlas_file.h
 *     What Atlas reads in the comments of a migration.
 */
#ifndef LK_PARSER_ATLAS_FILE_H
#define LK_PARSER_ATLAS_FILE_H

#include "parser/naming.h"

/*
 * lk_atlas_top returns the size of the comment lines on top of a text that are the file's own:
 * those that an empty line parts from its statements. 0 where there are none.
 */
uint32_t lk_atlas_top(const char *text);

/*
 * lk_atlas_says returns whether the comments on top of a text say "atlas:<name>", and `value`
 * behind it; NULL stands for any.
 */
bool lk_atlas_says(const char *text, const char *name, const char *value);

/*
 * lk_atlas_split returns the parts of a file: of an archive its migration.sql and down.sql, else
 * all of it, cut where "-- atlas:delimiter" in its first line says.
 */
struct lk_parts lk_atlas_split(TALLOC_CTX *mem, const struct lk_source *source);

/*
 * lk_atlas_beyond returns what in a file asks Atlas for more than to carry its statements out as
 * lockkeeper does: checks and other files of an archive, directives that are not known. All of the
 * file counts.
 */
struct lk_beyonds lk_atlas_beyond(TALLOC_CTX *mem, const struct lk_source *source,
                                  struct lk_span up);

#endif
