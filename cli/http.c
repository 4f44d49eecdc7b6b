/*
 * cli/http.c
 *     Requests over HTTP by libcurl, which is loaded when the first one is sent: see http.h.
 */
#include "cli/http.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "cli/version.h"
#include "parser/base/buf.h"
#include "parser/base/library.h"

#define BODY_MAX ((size_t)16 << 20)
#define CONNECT_TIMEOUT_MS 10000L
#define TIMEOUT_MS 60000L

/* The functions of libcurl that are called. */
#define CURL_FUNCTIONS(FUNCTION)                                                                   \
    FUNCTION(curl_global_init)                                                                     \
    FUNCTION(curl_easy_init)                                                                       \
    FUNCTION(curl_easy_setopt)                                                                     \
    FUNCTION(curl_easy_perform)                                                                    \
    FUNCTION(curl_easy_getinfo)                                                                    \
    FUNCTION(curl_easy_cleanup)                                                                    \
    FUNCTION(curl_easy_strerror)                                                                   \
    FUNCTION(curl_slist_append)                                                                    \
    FUNCTION(curl_slist_free_all)

static struct {
#define FUNCTION(name) __typeof__(name) *name;
    CURL_FUNCTIONS(FUNCTION)
#undef FUNCTION
} lib;

static bool
load(struct lk_error *err)
{
    static const struct lk_symbol symbols[] = {
#define FUNCTION(name) {#name, &lib.name},
        CURL_FUNCTIONS(FUNCTION)
#undef FUNCTION
    };

    if (lib.curl_global_init != NULL)
        return true;
    if (!lk_library_load("libcurl.so.4", "libcurl4", symbols, LK_ARRAY_SIZE(symbols),
                         LK_ERR_CONNECT, err))
        return false;
    if (lib.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        LK_BUG("out of memory");
    return true;
}

/* receive takes a part of the body; less than all of it ends the transfer. */
static size_t
receive(char *data, size_t size, size_t count, void *user)
{
    struct lk_buf *body = user;

    if (size * count > BODY_MAX - body->len)
        return 0;
    lk_buf_addn(body, data, size * count);
    return size * count;
}

static void
set_headers(CURL *curl, const struct lk_http_request *request, struct curl_slist **list)
{
    for (size_t i = 0; i < LK_HTTP_HEADERS && request->headers[i] != NULL; i++) {
        struct curl_slist *longer = lib.curl_slist_append(*list, request->headers[i]);
        if (longer == NULL)
            LK_BUG("out of memory");
        *list = longer;
    }
    lib.curl_easy_setopt(curl, CURLOPT_HTTPHEADER, *list);
}

static void
set_request(TALLOC_CTX *mem, CURL *curl, const struct lk_http_request *request)
{
    lib.curl_easy_setopt(curl, CURLOPT_URL, request->url);
    lib.curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    lib.curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    lib.curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    lib.curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
    lib.curl_easy_setopt(curl, CURLOPT_USERAGENT, "lockkeeper/" LK_VERSION);
    lib.curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    if (request->body != NULL) {
        lib.curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(request->body));
        lib.curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
    }
    if (request->region == NULL)
        return;
    lib.curl_easy_setopt(curl, CURLOPT_AWS_SIGV4,
                         lk_fmt(mem, "aws:amz:%s:%s", request->region, request->service));
    lib.curl_easy_setopt(curl, CURLOPT_USERNAME, request->key_id);
    lib.curl_easy_setopt(curl, CURLOPT_PASSWORD, request->secret);
}

bool
lk_http_send(TALLOC_CTX *mem, const struct lk_http_request *request, struct lk_http_reply *ret,
             struct lk_error *err)
{
    struct lk_buf body = lk_buf_init(mem);
    struct curl_slist *headers = NULL;
    curl_off_t retry_after = 0;

    *ret = (struct lk_http_reply){0};
    if (!load(err))
        return false;
    CURL *curl = lib.curl_easy_init();
    if (curl == NULL)
        LK_BUG("out of memory");
    set_request(mem, curl, request);
    set_headers(curl, request, &headers);
    lib.curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
    lib.curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    CURLcode code = lib.curl_easy_perform(curl);
    lib.curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &ret->status);
    lib.curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after);
    ret->body = body.data;
    ret->retry_after_ms = (int64_t)retry_after * 1000;
    lib.curl_slist_free_all(headers);
    lib.curl_easy_cleanup(curl);
    if (code == CURLE_OK)
        return true;
    return lk_fail(err, LK_ERR_CONNECT, "%.*s: %s", (int)strcspn(request->url, "?"), request->url,
                   lib.curl_easy_strerror(code));
}

bool
lk_http_busy(const struct lk_http_reply *reply)
{
    return reply->status == 429 || reply->status >= 500;
}

char *
lk_url_encode(TALLOC_CTX *mem, const char *text)
{
    struct lk_buf encoded = lk_buf_init(mem);

    for (; *text != '\0'; text++) {
        bool plain = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
                     (*text >= '0' && *text <= '9') || strchr("-._~", *text) != NULL;
        if (plain)
            lk_buf_addc(&encoded, *text);
        else
            lk_buf_addf(&encoded, "%%%02X", (unsigned char)*text);
    }
    return encoded.data;
}
