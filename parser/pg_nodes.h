/*
 * parser/pg_nodes.h
 *     The only gate to PostgreSQL's node headers, as libpg_query installs them.
 *
 * Both pg_query.h and pg_config.h define the version macros; the ones of pg_query.h go. port.h
 * puts its own printf family in place of the C library's; ours stays the C library's.
 */
#ifndef LK_PARSER_PG_NODES_H
#define LK_PARSER_PG_NODES_H

#include <pg_query.h>
#undef PG_MAJORVERSION
#undef PG_VERSION
#undef PG_VERSION_NUM

#include <pg_query/pg_query_internal.h>

#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "common/keywords.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "parser/scanner.h"
#include "utils/memutils.h"

#undef fprintf
#undef printf
#undef snprintf
#undef sprintf
#undef strerror
#undef vfprintf
#undef vprintf
#undef vsnprintf
#undef vsprintf

/* The grammar that this build reads: 17 or 18. */
#define LK_GRAMMAR PG_MAJORVERSION_NUM

#endif
