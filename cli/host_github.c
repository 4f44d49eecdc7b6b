/*
 * cli/host_github.c
 *     Pull requests of GitHub (docs.github.com/rest/issues/comments). A comment has 65,536
 * characters at most.
 */
#include "cli/host_rest.h"

#include <jansson.h>

#include "parser/base/file.h"
#include "parser/base/text.h"

static const struct lk_rest rest = {
    .collection = "/repos/{repository}/issues/{number}/comments",
    .member = "/repos/{repository}/issues/comments/{id}",
    .page_size = "per_page",
    .text = "body",
    .update = "PATCH",
};

/* number_of_event returns the pull request that the event which started the workflow is about. */
static const char *
number_of_event(TALLOC_CTX *mem)
{
    const char *path = getenv("GITHUB_EVENT_PATH");
    struct lk_bytes bytes;
    struct lk_error err = {0};

    if (path == NULL || !lk_file_read(mem, path, &bytes, &err)) {
        lk_error_clear(&err);
        return NULL;
    }
    json_t *event = json_loadb(bytes.data, bytes.size, 0, NULL);
    json_t *pull = json_object_get(event, "pull_request");
    json_t *number =
        json_object_get(pull != NULL ? pull : json_object_get(event, "issue"), "number");
    const char *text = json_is_integer(number)
                           ? lk_fmt(mem, "%" JSON_INTEGER_FORMAT, json_integer_value(number))
                           : NULL;
    json_decref(event);
    return text;
}

/* number_of_ref returns N where the workflow runs for refs/pull/N/merge. */
static const char *
number_of_ref(TALLOC_CTX *mem)
{
    const char *ref = getenv("GITHUB_REF"), *start = "refs/pull/";

    if (ref == NULL || !lk_starts_with(ref, start))
        return NULL;
    ref += strlen(start);
    return lk_strndup(mem, ref, strspn(ref, "0123456789"));
}

static bool
open_thread(struct lk_thread *thread, struct lk_error *err)
{
    const char *token = NULL, *api = getenv("GITHUB_API_URL");

    if (thread->api == NULL)
        thread->api = api != NULL && api[0] != '\0' ? api : "https://api.github.com";
    if (thread->number == NULL)
        thread->number = number_of_event(thread->mem);
    if (thread->number == NULL)
        thread->number = number_of_ref(thread->mem);
    if (thread->number == NULL) {
        lk_fail(err, LK_ERR_USAGE, "this run is for no pull request");
        return lk_error_hint(err, "Run it `on: pull_request`, or give --pull-request NUMBER.");
    }
    if (!lk_thread_need(&thread->repository, "the repository", "GITHUB_REPOSITORY", NULL, err) ||
        !lk_thread_need(&token, "a token", "GITHUB_TOKEN", "GH_TOKEN", err))
        return false;
    thread->secret = lk_fmt(thread->mem, "Authorization: Bearer %s", token);
    return true;
}

const struct lk_host lk_host_github = {
    .name = "github",
    .runs_here = "GITHUB_ACTIONS",
    .limit = 65536,
    .html = true,
    .open = open_thread,
    .find = lk_rest_find,
    .put = lk_rest_put,
    .rest = &rest,
};
