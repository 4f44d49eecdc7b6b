/*
 * cli/docgen_locks.h
 *     The page of the documentation that shows what statements lock.
 */
#ifndef LK_CLI_DOCGEN_LOCKS_H
#define LK_CLI_DOCGEN_LOCKS_H

#include "parser/base/buf.h"

/* lk_docgen_locks adds the page on locks, made by the model that predicts them. */
void lk_docgen_locks(TALLOC_CTX *mem, struct lk_buf *page);

#endif
