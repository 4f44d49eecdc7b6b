/*
 * parser/command.h
 *     What a statement is called: PostgreSQL's command tags.
 */
#ifndef LK_PARSER_COMMAND_H
#define LK_PARSER_COMMAND_H

#include "parser/base/mem.h"

struct Node;

/*
 * lk_command_tag returns the command tag of a raw statement ("CREATE INDEX", "ALTER TABLE"), as
 * the server would report it; NULL gives "?". Static storage.
 * Source: CreateCommandTag(), src/backend/tcop/utility.c.
 */
const char *lk_command_tag(const struct Node *tree);

#endif
