/*
 * tests/integration/proxy.h
 *     Stands between client and server, and cuts the connection at a chosen message.
 */
#ifndef LK_TESTS_INTEGRATION_PROXY_H
#define LK_TESTS_INTEGRATION_PROXY_H

#include <sys/types.h>

#include "parser/base/mem.h"

/* Where the connection is cut around a message of the client. */
enum lk_cut {
    LK_CUT_BEFORE, /* the server never sees it */
    LK_CUT_DURING, /* the server has just got it, and works on it without a client */
    LK_CUT_AFTER,  /* the server has answered all of it, the client hears nothing */
    LK_CUT_COUNT
};

struct lk_proxy;

/* lk_proxy_start stands between clients and the server whose socket is in `folder`. */
struct lk_proxy *lk_proxy_start(TALLOC_CTX *mem, const char *folder);

/* lk_proxy_folder returns what clients take for the server: host=FOLDER. */
const char *lk_proxy_folder(const struct lk_proxy *proxy);

/*
 * lk_proxy_arm makes it count the clients' messages from here on, and cut at the `nth` of them,
 * once; 0 never does. With `kills` the client is killed as well, by SIGKILL: lk_proxy_client says
 * who that is.
 */
void lk_proxy_arm(struct lk_proxy *proxy, enum lk_cut cut, unsigned nth, bool kills);
void lk_proxy_client(struct lk_proxy *proxy, pid_t client);

/* lk_proxy_messages returns how many there were; lk_proxy_has_cut whether it did. */
unsigned lk_proxy_messages(struct lk_proxy *proxy);
bool lk_proxy_has_cut(struct lk_proxy *proxy);

#endif
