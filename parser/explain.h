/*
 * parser/explain.h
 *     What is wrong with a statement that the grammar refuses, where that can be told.
 */
#ifndef LK_PARSER_EXPLAIN_H
#define LK_PARSER_EXPLAIN_H

#include "parser/script.h"

/*
 * lk_explain returns a sentence, or NULL where nothing is certain. A repair is named only if the
 * grammar takes the statement with it, and no other repair of its kind. The work is bounded: long
 * statements are not explained.
 */
char *lk_explain(TALLOC_CTX *mem, const char *text, const struct lk_statement *statement);

#endif
