/*
 * applier/server.h
 *     A throwaway PostgreSQL server: started for one run, reachable by a socket in a private
 * folder, gone afterwards whatever happens.
 */
#ifndef LK_APPLIER_SERVER_H
#define LK_APPLIER_SERVER_H

#include "parser/base/err.h"
#include "parser/base/mem.h"

struct lk_server {
    char *bin;     /* the folder its programs are in */
    char *folder;  /* data, socket and log; removed at the end */
    char *url;     /* a conninfo for its database "postgres" */
    char *version; /* "18.4" */
};

/*
 * lk_server_start makes and starts a server with the programs in `bin`, or with NULL those of the
 * newest PostgreSQL found: in PATH and in /usr/lib/postgresql/<version>/bin. It listens on a unix
 * socket only. When the effective user is root the server runs as another one (postgres, or
 * nobody), as initdb refuses root. It is stopped and removed when `mem` is freed, and when the
 * process ends by exit(), SIGINT, SIGTERM or SIGHUP.
 */
struct lk_server *lk_server_start(TALLOC_CTX *mem, const char *bin, struct lk_error *err);

#endif
