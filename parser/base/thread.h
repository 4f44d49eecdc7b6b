/*
 * parser/base/thread.h
 *     Threads: how many are worth it, and starting one.
 */
#ifndef LK_PARSER_BASE_THREAD_H
#define LK_PARSER_BASE_THREAD_H

#include <pthread.h>

#include "parser/base/lk.h"

#define LK_THREADS_MOST 16

/* lk_threads_most returns how many processors this process may use, LK_THREADS_MOST at most. */
size_t lk_threads_most(void);

/*
 * lk_thread_start starts a thread that no signal is delivered to, with as much of a stack as a
 * program's first one usually has; false where there can be none.
 */
bool lk_thread_start(pthread_t *thread, void *(*function)(void *data), void *data);

#endif
