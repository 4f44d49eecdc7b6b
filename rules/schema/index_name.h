/*
 * rules/schema/index_name.h
 *     What the server calls the columns of an index, from which it makes the index's name.
 */
#ifndef LK_RULES_SCHEMA_INDEX_NAME_H
#define LK_RULES_SCHEMA_INDEX_NAME_H

#include "parser/base/mem.h"
#include "parser/pg_nodes.h"

/*
 * lk_index_column_names returns what the server calls the columns of an index: NULL-terminated,
 * those behind INCLUDE at the end.
 * Source: ChooseIndexColumnNames(), FigureIndexColname().
 */
const char **lk_index_column_names(TALLOC_CTX *mem, const List *params, const List *including);

/*
 * lk_index_joined returns such names, up to 63 bytes and a bit, joined by "_": what stands between
 * the table's name and the label. Source: ChooseIndexNameAddition().
 */
char *lk_index_joined(TALLOC_CTX *mem, const char *const *names);

#endif
