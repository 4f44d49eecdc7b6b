/*
 * cli/host_codecommit.c
 *     Pull requests of AWS CodeCommit (docs.aws.amazon.com/codecommit/latest/APIReference). A
 * comment has 10,240 characters at most, and its Markdown no HTML.
 *
 * CodeBuild tells a build nothing of the pull request it is for: that comes from the rule that
 * starts it, as the variables that AWS's own examples use (pullRequestId, repositoryName). The
 * commits between which the comment stands are asked for.
 */
#include <jansson.h>

#include "cli/comment.h"

#define TARGET "X-Amz-Target: CodeCommit_20150413."

/* call sends an operation's input, which is released, and returns its output, to be released. */
static json_t *
call(struct lk_thread *thread, const char *operation, json_t *input, struct lk_error *err)
{
    char *body = input == NULL ? NULL : json_dumps(input, JSON_COMPACT);
    struct lk_http_reply reply;

    if (body == NULL)
        LK_BUG("an operation whose input is no text");
    const struct lk_http_request request = {
        .method = "POST",
        .url = lk_fmt(thread->mem, "%s/", thread->api),
        .body = lk_strdup(thread->mem, body),
        .headers = {lk_fmt(thread->mem, TARGET "%s", operation),
                    "Content-Type: application/x-amz-json-1.1", thread->session},
        .region = thread->region,
        .service = "codecommit",
        .key_id = thread->key_id,
        .secret = thread->secret,
    };
    free(body);
    json_decref(input);
    if (!lk_thread_send(thread, &request, &reply, err)) {
        lk_error_prefix(err, "%s: ", operation);
        return NULL;
    }
    json_t *output = json_loads(reply.body, 0, NULL);
    if (output == NULL)
        lk_fail(err, LK_ERR_CONNECT, "%s: the reply is no JSON", operation);
    return output;
}

/* ask_container takes the role's credentials from where AWS's containers get them. */
static bool
ask_container(struct lk_thread *thread, struct lk_error *err)
{
    const char *path = getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *url = getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    const char *token = getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    struct lk_http_reply reply;

    if (path == NULL && url == NULL) {
        lk_fail(err, LK_ERR_USAGE, "AWS credentials are not known");
        return lk_error_hint(err, "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the "
                                  "environment, or run where a role gives them.");
    }
    const struct lk_http_request request = {
        .method = "GET",
        .url = path != NULL ? lk_fmt(thread->mem, "http://169.254.170.2%s", path) : url,
        .headers = {token != NULL ? lk_fmt(thread->mem, "Authorization: %s", token) : NULL},
    };
    if (!lk_thread_send(thread, &request, &reply, err))
        return false;
    json_t *answer = json_loads(reply.body, 0, NULL);
    thread->key_id =
        lk_strdup(thread->mem, json_string_value(json_object_get(answer, "AccessKeyId")));
    thread->secret =
        lk_strdup(thread->mem, json_string_value(json_object_get(answer, "SecretAccessKey")));
    const char *session = json_string_value(json_object_get(answer, "Token"));
    if (session != NULL)
        thread->session = lk_fmt(thread->mem, "X-Amz-Security-Token: %s", session);
    json_decref(answer);
    if (thread->key_id != NULL && thread->secret != NULL)
        return true;
    return lk_fail(err, LK_ERR_CONNECT, "the container's credentials hold no key");
}

static bool
find_credentials(struct lk_thread *thread, struct lk_error *err)
{
    const char *session = getenv("AWS_SESSION_TOKEN");

    if (thread->key_id != NULL)
        return true;
    thread->key_id = getenv("AWS_ACCESS_KEY_ID");
    thread->secret = getenv("AWS_SECRET_ACCESS_KEY");
    if (thread->key_id == NULL || thread->secret == NULL)
        return ask_container(thread, err);
    if (session != NULL && session[0] != '\0')
        thread->session = lk_fmt(thread->mem, "X-Amz-Security-Token: %s", session);
    return true;
}

static bool
open_thread(struct lk_thread *thread, struct lk_error *err)
{
    if (!lk_thread_need(&thread->region, "the region", "AWS_REGION", "AWS_DEFAULT_REGION", err) ||
        !lk_thread_need(&thread->number, "the pull request", "pullRequestId", "PULL_REQUEST_ID",
                        err))
        return false;
    if (thread->api == NULL)
        thread->api = getenv("AWS_ENDPOINT_URL_CODECOMMIT");
    if (thread->api == NULL)
        thread->api = lk_fmt(thread->mem, "https://codecommit.%s.amazonaws.com", thread->region);
    return true;
}

/* find_target asks which repository and commits the pull request is about. */
static bool
find_target(struct lk_thread *thread, struct lk_error *err)
{
    json_t *output =
        call(thread, "GetPullRequest", json_pack("{s:s}", "pullRequestId", thread->number), err);

    if (output == NULL)
        return false;
    json_t *pull = json_object_get(output, "pullRequest");
    json_t *target = json_array_get(json_object_get(pull, "pullRequestTargets"), 0);
    const char *repository = json_string_value(json_object_get(target, "repositoryName"));
    thread->before =
        lk_strdup(thread->mem, json_string_value(json_object_get(target, "destinationCommit")));
    thread->after =
        lk_strdup(thread->mem, json_string_value(json_object_get(target, "sourceCommit")));
    if (thread->repository == NULL)
        thread->repository = lk_strdup(thread->mem, repository);
    json_decref(output);
    if (thread->repository != NULL && thread->before != NULL && thread->after != NULL)
        return true;
    return lk_fail(err, LK_ERR_CONNECT, "GetPullRequest: the reply names no commits");
}

/* find_in adds what a page of comments holds: ours, and the token of the next page. */
static void
find_in(struct lk_thread *thread, json_t *output, const char **ret_id, const char **ret_next)
{
    json_t *data, *comment;
    size_t index, inner;

    json_array_foreach(json_object_get(output, "commentsForPullRequestData"), index, data)
        json_array_foreach(json_object_get(data, "comments"), inner, comment)
    {
        const char *text = json_string_value(json_object_get(comment, "content"));
        if (*ret_id == NULL && !json_is_true(json_object_get(comment, "deleted")) &&
            lk_thread_is_ours(thread, text))
            *ret_id =
                lk_strdup(thread->mem, json_string_value(json_object_get(comment, "commentId")));
    }
    *ret_next = lk_strdup(thread->mem, json_string_value(json_object_get(output, "nextToken")));
}

static bool
find(struct lk_thread *thread, const char **ret_id, struct lk_error *err)
{
    const char *next = NULL;

    *ret_id = NULL;
    if (!find_credentials(thread, err) || (thread->before == NULL && !find_target(thread, err)))
        return false;
    do {
        json_t *input = json_pack("{s:s,s:s,s:s?}", "pullRequestId", thread->number,
                                  "repositoryName", thread->repository, "nextToken", next);
        if (next == NULL)
            json_object_del(input, "nextToken");
        json_t *output = call(thread, "GetCommentsForPullRequest", input, err);
        if (output == NULL)
            return false;
        find_in(thread, output, ret_id, &next);
        json_decref(output);
    } while (*ret_id == NULL && next != NULL);
    return true;
}

static bool
put(struct lk_thread *thread, const char *id, const char *text, struct lk_error *err)
{
    json_t *output =
        id != NULL
            ? call(thread, "UpdateComment",
                   json_pack("{s:s,s:s}", "commentId", id, "content", text), err)
            : call(thread, "PostCommentForPullRequest",
                   json_pack("{s:s,s:s,s:s,s:s,s:s}", "pullRequestId", thread->number,
                             "repositoryName", thread->repository, "beforeCommitId", thread->before,
                             "afterCommitId", thread->after, "content", text),
                   err);

    json_decref(output);
    return output != NULL;
}

const struct lk_host lk_host_codecommit = {
    .name = "codecommit",
    .runs_here = "CODEBUILD_BUILD_ID",
    .limit = 10240,
    .html = false,
    .open = open_thread,
    .find = find,
    .put = put,
};
