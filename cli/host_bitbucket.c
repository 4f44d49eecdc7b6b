/*
 * cli/host_bitbucket.c
 *     Pull requests of Bitbucket Cloud (developer.atlassian.com/cloud/bitbucket/rest,
 * "Pullrequests"). A comment has 32,768 characters at most, and its Markdown no HTML.
 */
#include "cli/host_rest.h"

static const struct lk_rest rest = {
    .collection = "/repositories/{repository}/pullrequests/{number}/comments",
    .member = "/repositories/{repository}/pullrequests/{number}/comments/{id}",
    .page_size = "pagelen",
    .list = "values",
    .nested = "content",
    .text = "raw",
    .update = "PUT",
};

static bool
open_thread(struct lk_thread *thread, struct lk_error *err)
{
    const char *token = NULL;

    if (thread->api == NULL)
        thread->api = "https://api.bitbucket.org/2.0";
    if (!lk_thread_need(&thread->repository, "the repository", "BITBUCKET_REPO_FULL_NAME", NULL,
                        err) ||
        !lk_thread_need(&thread->number, "the pull request", "BITBUCKET_PR_ID", NULL, err) ||
        !lk_thread_need(&token, "a token", "BITBUCKET_TOKEN", "BITBUCKET_ACCESS_TOKEN", err))
        return false;
    thread->secret = lk_fmt(thread->mem, "Authorization: Bearer %s", token);
    return true;
}

const struct lk_host lk_host_bitbucket = {
    .name = "bitbucket",
    .runs_here = "BITBUCKET_BUILD_NUMBER",
    .limit = 32768,
    .html = false,
    .open = open_thread,
    .find = lk_rest_find,
    .put = lk_rest_put,
    .rest = &rest,
};
