/*
 * cli/host_rest.c
 *     Comments as a collection under a URL: see host_rest.h.
 */
#include "cli/host_rest.h"

#include <jansson.h>

#include "parser/base/buf.h"
#include "parser/base/text.h"

#define PAGES_MAX 1000

/* fill returns a path with {repository}, {number} and {id} put in. */
static char *
fill(const struct lk_thread *thread, const char *path, const char *id)
{
    struct lk_buf url = lk_buf_init(thread->mem);
    const struct {
        const char *name;
        const char *value;
    } fields[] = {
        {"{repository}", thread->repository},
        {"{number}", thread->number},
        {"{id}", id},
    };

    lk_buf_add(&url, thread->api);
    while (*path != '\0') {
        size_t i = 0;
        while (i < LK_ARRAY_SIZE(fields) && !lk_starts_with(path, fields[i].name))
            i++;
        if (i < LK_ARRAY_SIZE(fields)) {
            lk_buf_add(&url, fields[i].value);
            path += strlen(fields[i].name);
        } else {
            lk_buf_addc(&url, *path++);
        }
    }
    return url.data;
}

static const char *
id_of(TALLOC_CTX *mem, json_t *comment)
{
    return lk_fmt(mem, "%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(comment, "id")));
}

/* find_on_page looks through a page; `ret_count` are the comments on it. */
static bool
find_on_page(struct lk_thread *thread, int page, const char **ret_id, size_t *ret_count,
             struct lk_error *err)
{
    const struct lk_rest *rest = thread->host->rest;
    const struct lk_http_request request = {
        .method = "GET",
        .url = lk_fmt(thread->mem, "%s?%s=%d&page=%d", fill(thread, rest->collection, ""),
                      rest->page_size, LK_REST_PAGE, page),
        .headers = {thread->secret, "Accept: application/json"},
    };
    struct lk_http_reply reply;
    json_t *comment;
    size_t index;

    if (!lk_thread_send(thread, &request, &reply, err))
        return false;
    json_t *document = json_loads(reply.body, 0, NULL);
    json_t *list = rest->list == NULL ? document : json_object_get(document, rest->list);
    if (!json_is_array(list)) {
        json_decref(document);
        return lk_fail(err, LK_ERR_CONNECT, "GET %.*s: the reply is no list of comments",
                       (int)strcspn(request.url, "?"), request.url);
    }
    *ret_count = json_array_size(list);
    json_array_foreach(list, index, comment)
    {
        json_t *holder = rest->nested == NULL ? comment : json_object_get(comment, rest->nested);
        if (*ret_id == NULL && !json_is_true(json_object_get(comment, "deleted")) &&
            lk_thread_is_ours(thread, json_string_value(json_object_get(holder, rest->text))))
            *ret_id = id_of(thread->mem, comment);
    }
    json_decref(document);
    return true;
}

bool
lk_rest_find(struct lk_thread *thread, const char **ret_id, struct lk_error *err)
{
    size_t count = LK_REST_PAGE;

    *ret_id = NULL;
    for (int page = 1; page <= PAGES_MAX && *ret_id == NULL && count == LK_REST_PAGE; page++)
        if (!find_on_page(thread, page, ret_id, &count, err))
            return false;
    return true;
}

bool
lk_rest_put(struct lk_thread *thread, const char *id, const char *text, struct lk_error *err)
{
    const struct lk_rest *rest = thread->host->rest;
    json_t *holder = json_pack("{s:s}", rest->text, text);
    json_t *document = rest->nested == NULL ? holder : json_pack("{s:o}", rest->nested, holder);
    char *body = document == NULL ? NULL : json_dumps(document, JSON_COMPACT);
    struct lk_http_reply reply;

    if (body == NULL)
        LK_BUG("a comment that is no text");
    const struct lk_http_request request = {
        .method = id == NULL ? "POST" : rest->update,
        .url = fill(thread, id == NULL ? rest->collection : rest->member, id),
        .body = lk_strdup(thread->mem, body),
        .headers = {thread->secret, "Accept: application/json", "Content-Type: application/json"},
    };
    free(body);
    json_decref(document);
    return lk_thread_send(thread, &request, &reply, err);
}
