/*
 * tests/integration/proxy.h
 *     Stands between clients and a server, and lets a fault happen at a chosen message.
 */
#ifndef LK_TESTS_INTEGRATION_PROXY_H
#define LK_TESTS_INTEGRATION_PROXY_H

#include <sys/types.h>

#include "parser/base/mem.h"

/* Where the connections are cut. All but the last are about a message of the clients. */
enum lk_cut {
    LK_CUT_BEFORE, /* the server never sees it */
    LK_CUT_DURING, /* the server has just got it, and works on it without a client */
    LK_CUT_AFTER,  /* the server has answered all of it, the client hears nothing */
    LK_CUT_ANSWER, /* a message of the server's is the last one that the client gets */
    LK_CUT_COUNT
};

struct lk_proxy;

/* lk_proxy_start stands between clients and the server whose socket for `port` is in `folder`. */
struct lk_proxy *lk_proxy_start(TALLOC_CTX *mem, const char *folder, const char *port);

/* lk_proxy_folder returns what clients take for the server: host=FOLDER, port 5432. */
const char *lk_proxy_folder(const struct lk_proxy *proxy);

/*
 * lk_proxy_arm makes it count messages from here on, and cut all connections at the `nth` one,
 * once; 0 never does. `strike`, when it is given, is called there with the client, which
 * lk_proxy_client tells of once it is started; from a thread of the proxy's. Where it returns false
 * nothing is cut after all, and the message passes: for LK_CUT_BEFORE.
 */
void lk_proxy_arm(struct lk_proxy *proxy, enum lk_cut cut, unsigned nth,
                  bool (*strike)(void *data, pid_t client), void *data);
void lk_proxy_client(struct lk_proxy *proxy, pid_t client);

/*
 * lk_proxy_settle waits until all is passed on of clients that have ended: what they sent last may
 * be on its way still, and be the very message for the fault.
 */
void lk_proxy_settle(struct lk_proxy *proxy);

/* lk_proxy_messages returns how many there were; lk_proxy_has_struck whether the fault
 * happened, once it is over. */
unsigned lk_proxy_messages(struct lk_proxy *proxy);
bool lk_proxy_has_struck(struct lk_proxy *proxy);

#endif
