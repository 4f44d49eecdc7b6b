/*
 * cli/host_rest.h
 *     What hosts share whose comments are a collection of JSON objects under a URL.
 */
#ifndef LK_CLI_HOST_REST_H
#define LK_CLI_HOST_REST_H

#include "cli/comment.h"

#define LK_REST_PAGE 100 /* comments a page: what all of them allow */

struct lk_rest {
    const char *collection; /* path of a pull request's comments, with {repository}, {number} */
    const char *member;     /* path of one of them, with {id}, too */
    const char *page_size;  /* the parameter that says how many comments a page has */
    const char *list;       /* the member of a page that is the list; NULL: the page itself */
    const char *nested;     /* the member of a comment that holds its text; NULL: the comment */
    const char *text;       /* the member of that one that is the text */
    const char *update;     /* the method that replaces a comment */
};

/* lk_rest_find and lk_rest_put are the find and put of hosts that say how, by their `rest`. */
bool lk_rest_find(struct lk_thread *thread, const char **ret_id,
                  struct lk_error *err) LK_MUST_CHECK;
bool lk_rest_put(struct lk_thread *thread, const char *id, const char *text,
                 struct lk_error *err) LK_MUST_CHECK;

#endif
