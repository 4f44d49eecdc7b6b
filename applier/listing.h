/*
 * applier/listing.h
 *     What a server's database holds, as rows.
 */
#ifndef LK_APPLIER_LISTING_H
#define LK_APPLIER_LISTING_H

#include "applier/conn.h"
#include "rules/schema/listing.h"

struct pg_conn;

/*
 * lk_listing_read lists what the database of a connection holds, but for what extensions brought
 * and what the server made for itself. Strings live in `mem`.
 */
bool lk_listing_read(TALLOC_CTX *mem, struct pg_conn *pg, struct lk_rows *ret,
                     struct lk_error *err) LK_MUST_CHECK;

/* lk_listing_of does so for a connection of ours, without the history that it keeps there. */
bool lk_listing_of(TALLOC_CTX *mem, struct lk_conn *conn, struct lk_rows *ret,
                   struct lk_error *err) LK_MUST_CHECK;

#endif
