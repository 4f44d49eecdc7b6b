/*
 * cli/comment.c
 *     Writing one comment, once: see comment.h.
 */
#include "cli/comment.h"

#include <jansson.h>

#include "applier/retry.h"
#include "parser/base/text.h"

#define QUOTED_MAX 200 /* bytes of a reply that an error quotes */
#define SILENT_MAX 4   /* tries, where nothing answers */

static const struct lk_retry_policy policy = {
    .base_ms = 500,
    .cap_ms = 30 * 1000,
    .max_elapsed_ms = 120 * 1000,
};

#define LK_HOST(identifier) extern const struct lk_host lk_host_##identifier;
#include "cli/hosts.def"
#undef LK_HOST

static const struct lk_host *const hosts[] = {
#define LK_HOST(identifier) &lk_host_##identifier,
#include "cli/hosts.def"
#undef LK_HOST
};

static bool
is_set(const char *variable)
{
    const char *value = getenv(variable);

    return value != NULL && value[0] != '\0';
}

const struct lk_host *
lk_host_choose(const char *name, struct lk_error *err)
{
    const char *names[LK_ARRAY_SIZE(hosts)];

    for (size_t i = 0; i < LK_ARRAY_SIZE(hosts); i++) {
        names[i] = hosts[i]->name;
        if (name == NULL ? is_set(hosts[i]->runs_here) : strcmp(name, hosts[i]->name) == 0)
            return hosts[i];
    }
    if (name == NULL) {
        lk_fail(err, LK_ERR_USAGE, "no CI is recognised here");
        lk_error_hint(err, "--to says where the comment goes: %s, %s, %s or %s.", names[0],
                      names[1], names[2], names[3]);
        return NULL;
    }
    const char *nearest = lk_nearest(name, names, LK_ARRAY_SIZE(names));
    lk_fail(err, LK_ERR_USAGE, "comments cannot be written to \"%s\"", name);
    if (nearest != NULL)
        lk_error_hint(err, "Perhaps %s is meant.", nearest);
    else
        lk_error_hint(err, "There are %s, %s, %s and %s.", names[0], names[1], names[2], names[3]);
    return NULL;
}

const char *
lk_thread_mark(const struct lk_thread *thread)
{
    return lk_fmt(thread->mem,
                  thread->host->html ? "<!-- lockkeeper: %s -->" : "[//]: # (lockkeeper: %s)",
                  thread->name);
}

bool
lk_thread_is_ours(const struct lk_thread *thread, const char *text)
{
    return text != NULL && lk_starts_with(text, lk_thread_mark(thread));
}

bool
lk_thread_need(const char **field, const char *what, const char *first, const char *second,
               struct lk_error *err)
{
    if (*field != NULL)
        return true;
    if (is_set(first))
        *field = getenv(first);
    else if (second != NULL && is_set(second))
        *field = getenv(second);
    if (*field != NULL)
        return true;
    lk_fail(err, LK_ERR_USAGE, "%s is not known", what);
    if (second != NULL)
        return lk_error_hint(err, "Set %s or %s in the environment.", first, second);
    return lk_error_hint(err, "Set %s in the environment.", first);
}

/* said adds what the host says of a refusal: the message of its JSON, on one line. */
static void
said(TALLOC_CTX *mem, const struct lk_http_reply *reply, struct lk_error *err)
{
    json_t *document = json_loads(reply->body, 0, NULL);
    const char *message = json_string_value(json_object_get(document, "message"));

    if (message == NULL)
        message = json_string_value(json_object_get(document, "error"));
    if (message == NULL)
        message = json_string_value(json_object_get(json_object_get(document, "error"), "message"));
    if (message != NULL) {
        char *line = lk_strndup(mem, message, strnlen(message, QUOTED_MAX));
        for (char *at = line; *at != '\0'; at++)
            if ((unsigned char)*at < ' ' || *at == 0x7f)
                *at = ' ';
        lk_error_detail(err, "It says: %s", line);
    }
    json_decref(document);
}

/* is_throttled returns whether a reply is AWS's way to say that there are too many requests. */
static bool
is_throttled(const struct lk_http_reply *reply)
{
    json_t *document = json_loads(reply->body, 0, NULL);
    const char *type = json_string_value(json_object_get(document, "__type"));
    bool throttled = type != NULL && lk_ends_with(type, "ThrottlingException");

    json_decref(document);
    return throttled;
}

bool
lk_thread_send(struct lk_thread *thread, const struct lk_http_request *request,
               struct lk_http_reply *ret, struct lk_error *err)
{
    thread->wait_ms = 0;
    thread->busy = true;
    thread->silent = true;
    if (!lk_http_send(thread->mem, request, ret, err))
        return false;
    thread->silent = false;
    /* GitHub's limits on writing come as 403 with a time to wait. */
    thread->busy = lk_http_busy(ret) || (ret->status == 403 && ret->retry_after_ms > 0) ||
                   (ret->status == 400 && is_throttled(ret));
    thread->wait_ms = ret->retry_after_ms;
    if (ret->status / 100 == 2)
        return true;
    lk_fail(err, LK_ERR_CONNECT, "%s %.*s: HTTP %ld", request->method,
            (int)strcspn(request->url, "?"), request->url, ret->status);
    said(thread->mem, ret, err);
    if (ret->status == 401 || ret->status == 403)
        lk_error_hint(err, "The token may have run out, or may not write comments.");
    return false;
}

static bool
write_once(struct lk_thread *thread, const char *text, bool only_update, struct lk_error *err)
{
    const char *id;

    if (!thread->host->find(thread, &id, err))
        return false;
    if (id == NULL && only_update)
        return true;
    if (!thread->host->put(thread, id, text, err))
        return false;
    thread->created = id == NULL;
    thread->updated = id != NULL;
    return true;
}

bool
lk_thread_write(struct lk_thread *thread, const char *text, bool only_update, struct lk_error *err)
{
    struct lk_retry retry = lk_retry_start(policy, lk_clock_system());

    while (!write_once(thread, text, only_update, err)) {
        lk_retry_failed(thread->mem, &retry, "busy");
        if (!thread->busy || (thread->silent && retry.attempts == SILENT_MAX))
            return false;
        retry.policy.base_ms = LK_MAX(policy.base_ms, thread->wait_ms);
        retry.policy.cap_ms = LK_MAX(policy.cap_ms, thread->wait_ms);
        if (!lk_retry_again(&retry))
            return false;
        lk_error_clear(err);
        lk_retry_pause(&retry);
    }
    return true;
}
