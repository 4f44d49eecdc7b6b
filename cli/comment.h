/*
 * cli/comment.h
 *     The comment on a pull request: one host, one file host_<name>.c, one line in hosts.def.
 *
 * A comment is ours when its text starts with a mark that readers do not see. It is looked for
 * before each try to write, so that there is one, however often a reply is lost.
 */
#ifndef LK_CLI_COMMENT_H
#define LK_CLI_COMMENT_H

#include "cli/http.h"

/* Where a comment goes. All strings live in `mem`. */
struct lk_thread {
    TALLOC_CTX *mem;
    const struct lk_host *host;
    const char *api;        /* what URLs start with, without a slash at the end */
    const char *repository; /* "owner/name", or what the host calls it */
    const char *number;     /* of the pull request */
    const char *name;       /* of the comment, where there are several */
    const char *secret;     /* a header that proves who we are; or AWS's secret access key */
    const char *key_id;     /* AWS */
    const char *session;    /* AWS: a header with the session's token, or NULL */
    const char *region;     /* AWS */
    const char *before;     /* AWS: commits of the pull request */
    const char *after;
    bool busy;             /* the last request failed, and may succeed later */
    bool silent;           /* it got no reply at all */
    int64_t wait_ms;       /* what the host asks to wait before that; 0: it says nothing */
    bool created, updated; /* what was done */
};

struct lk_host {
    const char *name;
    const char *runs_here; /* a variable that is set where its CI runs */
    size_t limit;          /* characters that a comment may have */
    bool html;             /* Markdown may hold HTML */
    /* open completes what the thread does not know yet from the environment; it sends nothing. */
    bool (*open)(struct lk_thread *thread, struct lk_error *err);
    /* find looks for our comment: its id, or NULL where there is none. */
    bool (*find)(struct lk_thread *thread, const char **ret_id, struct lk_error *err);
    /* put replaces the comment with that id, or writes a new one (NULL). */
    bool (*put)(struct lk_thread *thread, const char *id, const char *text, struct lk_error *err);
    const struct lk_rest *rest; /* see host_rest.h; NULL: it speaks otherwise */
};

/* lk_host_choose returns the host of that name, or (NULL) the one whose CI this is. */
const struct lk_host *lk_host_choose(const char *name, struct lk_error *err);

/* lk_thread_mark returns the line that our comment starts with. */
const char *lk_thread_mark(const struct lk_thread *thread);

/* lk_thread_is_ours returns whether a comment's text starts with our mark. */
bool lk_thread_is_ours(const struct lk_thread *thread, const char *text);

/*
 * lk_thread_need fills a field that is NULL from the first of two environment variables (the second
 * may be NULL) that is set and not empty; without one it fails and says that `what` is missing.
 */
bool lk_thread_need(const char **field, const char *what, const char *first, const char *second,
                    struct lk_error *err) LK_MUST_CHECK;

/*
 * lk_thread_send sends a request and fails unless the reply's status is 2xx: `busy` and `wait_ms`
 * of the thread tell whether to come again. `err` quotes what the host says.
 */
bool lk_thread_send(struct lk_thread *thread, const struct lk_http_request *request,
                    struct lk_http_reply *ret, struct lk_error *err) LK_MUST_CHECK;

/*
 * lk_thread_write writes the comment, in place of ours where there is one; with `only_update`
 * nothing where there is none. A host that is busy is tried again, for two minutes at most, one
 * that does not answer a few times.
 */
bool lk_thread_write(struct lk_thread *thread, const char *text, bool only_update,
                     struct lk_error *err) LK_MUST_CHECK;

#endif
