/*
 * cli/host_gitlab.c
 *     Merge requests of GitLab (docs.gitlab.com, "Notes API"). A note has 1,000,000 characters at
 *     most.
 */
#include "cli/host_rest.h"

static const struct lk_rest rest = {
    .collection = "/projects/{repository}/merge_requests/{number}/notes",
    .member = "/projects/{repository}/merge_requests/{number}/notes/{id}",
    .page_size = "per_page",
    .text = "body",
    .update = "PUT",
};

/* A token made for this comes before the job's own, which not every GitLab lets write notes. */
static bool
open_thread(struct lk_thread *thread, struct lk_error *err)
{
    const char *token = NULL;

    if (!lk_thread_need(&thread->api, "the API's address", "CI_API_V4_URL", NULL, err) ||
        !lk_thread_need(&thread->repository, "the project", "CI_PROJECT_ID", NULL, err) ||
        !lk_thread_need(&thread->number, "the merge request", "CI_MERGE_REQUEST_IID", NULL, err) ||
        !lk_thread_need(&token, "a token", "GITLAB_TOKEN", "CI_JOB_TOKEN", err))
        return false;
    const char *own = getenv("GITLAB_TOKEN");
    thread->repository = lk_url_encode(thread->mem, thread->repository);
    thread->secret =
        lk_fmt(thread->mem, "%s: %s", token == own ? "PRIVATE-TOKEN" : "JOB-TOKEN", token);
    return true;
}

const struct lk_host lk_host_gitlab = {
    .name = "gitlab",
    .runs_here = "GITLAB_CI",
    .limit = 1000000,
    .html = true,
    .open = open_thread,
    .find = lk_rest_find,
    .put = lk_rest_put,
    .rest = &rest,
};
