/*
 * parser/base/thread.c
 *     Threads: see thread.h.
 */
#include "parser/base/thread.h"

#include <sched.h>
#include <signal.h>

#define STACK_SIZE ((size_t)8 << 20)

size_t
lk_threads_most(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return 1;
    return LK_MIN((size_t)CPU_COUNT(&set), LK_THREADS_MOST);
}

bool
lk_thread_start(pthread_t *thread, void *(*function)(void *data), void *data)
{
    pthread_attr_t attributes;
    sigset_t all, before;

    if (pthread_attr_init(&attributes) != 0)
        return false;
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(thread, &attributes, function, data) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return started;
}
