/*
 * cli/http.h
 *     Requests over HTTP, one at a time; libcurl is spoken to only behind this header.
 */
#ifndef LK_CLI_HTTP_H
#define LK_CLI_HTTP_H

#include "parser/base/err.h"
#include "parser/base/mem.h"

#define LK_HTTP_HEADERS 6

struct lk_http_request {
    const char *method;
    const char *url;
    const char *body;                     /* NULL: none */
    const char *headers[LK_HTTP_HEADERS]; /* "Name: value", up to the first NULL */
    /* AWS's signature, version 4, where `region` is given. */
    const char *region;
    const char *service;
    const char *key_id;
    const char *secret;
};

struct lk_http_reply {
    long status;
    char *body;             /* NUL-terminated, in the context of the request; "" where empty */
    int64_t retry_after_ms; /* what the server asks to wait; 0: it says nothing */
};

/*
 * lk_http_send sends a request and returns whether a reply came, whatever it says. Without one,
 * `err` (code CONNECT) tells why; no secret is in it. Redirections are replies: what proves who we
 * are is sent to the host it was meant for only.
 */
bool lk_http_send(TALLOC_CTX *mem, const struct lk_http_request *request, struct lk_http_reply *ret,
                  struct lk_error *err) LK_MUST_CHECK;

/* lk_http_busy returns whether a reply of that status may be another one later: 429 and 5xx. */
bool lk_http_busy(const struct lk_http_reply *reply);

/* lk_url_encode returns text as part of a path or query: all but letters, digits and -._~ as %XX.
 */
char *lk_url_encode(TALLOC_CTX *mem, const char *text);

#endif
