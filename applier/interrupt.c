/*
 * applier/interrupt.c
 *     SIGINT and SIGTERM: see interrupt.h.
 */
#include "applier/interrupt.h"

#include <signal.h>

#include "applier/libpq.h"

/* Global because a signal handler has nothing else to go by. */
static volatile sig_atomic_t signals;
static PGcancel *volatile cancel;
static void (*leave)(void);

static void
on_signal(int number)
{
    char message[256];

    (void)number;
    if (signals++ > 0)
        leave();
    if (cancel != NULL)
        PQcancel(cancel, message, sizeof(message)); /* documented as safe in a signal handler */
}

void
lk_interrupt_install(void (*again)(void))
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

    leave = again;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool
lk_interrupted(void)
{
    return signals > 0;
}

void
lk_interrupt_watch(struct pg_conn *connection)
{
    PGcancel *old = cancel;
    PGcancel *fresh = connection != NULL ? PQgetCancel(connection) : NULL;

    cancel = fresh;
    if (old != NULL)
        PQfreeCancel(old);
}
