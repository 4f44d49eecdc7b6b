/*
 * parser/ahead.c
 *     Reading ahead: see ahead.h.
 *
 * What is read is a function of the file alone, and everything of it lies in a pool of its own: the
 * two threads share nothing but the ring of these. A slot of it is the thread's until it is
 * filled, and then of whoever asks, until the one behind it is asked for. What was in it stays
 * there up to the next filling: memory is freed in the thread that it came from.
 */
#include "parser/ahead.h"

#include "parser/base/thread.h"
#include "parser/pgparse.h"

/* What one migration usually takes: text, statements, comments. Trees lie beside it. */
#define POOL_SIZE ((size_t)64 << 10)

#define FEW 16                 /* so few migrations are read sooner than a thread is there */
#define RING_SIZE 33           /* the one that somebody looks at, and those that are ready */
#define READY_BYTES (1 << 20)  /* no more text than this is ready */
#define LARGE_BYTES (64 << 10) /* what is larger is freed at once */
#define WORTH_COUNT 8          /* who waits is woken for no less than so many, */
#define WORTH_BYTES (32 << 10) /* or so much: waking takes the time of parsing some pages */

struct slot {
    TALLOC_CTX *pool; /* NULL: it is kept */
    struct lk_reading *reading;
};

struct lk_ahead {
    const struct lk_changelog *changelog;
    struct lk_ahead_options options;
    struct slot ring[RING_SIZE];
    size_t read;  /* the place in the changelog of what is read next, and so in the ring */
    size_t given; /* how many were asked for: the last of them is looked at */
    bool keeps;   /* what is looked at */
    LK_VEC(TALLOC_CTX *) kept;
    bool threaded;
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t filled, emptied;
    size_t ready, bytes;
    bool ended;   /* nothing more comes */
    bool stopped; /* nobody asks for more */
};

/* read_next fills the next slot, and returns what is in it: NULL behind the last migration. */
static struct lk_reading *
read_next(struct lk_ahead *ahead)
{
    struct slot *slot = &ahead->ring[ahead->threaded ? ahead->read % RING_SIZE : 0];

    if (ahead->read == ahead->changelog->migrations.count)
        return NULL;
    const struct lk_migration *migration = &ahead->changelog->migrations.items[ahead->read];
    if (ahead->options.last != 0 && migration->ordinal > ahead->options.last)
        return NULL;
    ahead->read++;
    if (slot->pool == NULL)
        slot->pool = lk_mem_pool(NULL, POOL_SIZE);
    else
        talloc_free(slot->reading);
    slot->reading =
        lk_reading_of(slot->pool, migration, ahead->options.values, ahead->options.version);
    return slot->reading;
}

/* ---- the thread ---- */

/* is_full returns whether the thread is far enough ahead. */
static bool
is_full(const struct lk_ahead *ahead)
{
    return ahead->ready == RING_SIZE - 1 || ahead->bytes > READY_BYTES;
}

/* is_roomy returns whether it is worth to wake the thread. */
static bool
is_roomy(const struct lk_ahead *ahead)
{
    return ahead->ready <= RING_SIZE / 2 && ahead->bytes <= READY_BYTES / 2;
}

/* is_worth returns whether it is worth to wake who waits. */
static bool
is_worth(const struct lk_ahead *ahead)
{
    return ahead->ready >= WORTH_COUNT || ahead->bytes >= WORTH_BYTES || ahead->ended;
}

static size_t
size_of(const struct lk_reading *reading)
{
    return reading->source != NULL ? reading->source->size : 0;
}

static void *
read_all(void *data)
{
    struct lk_ahead *ahead = data;
    struct lk_reading *reading;

    do {
        reading = read_next(ahead);
        pthread_mutex_lock(&ahead->lock);
        if (reading != NULL) {
            ahead->ready++;
            ahead->bytes += size_of(reading);
        }
        ahead->ended = reading == NULL;
        if (is_worth(ahead))
            pthread_cond_signal(&ahead->filled);
        if (is_full(ahead))
            while (!is_roomy(ahead) && !ahead->stopped)
                pthread_cond_wait(&ahead->emptied, &ahead->lock);
        if (ahead->stopped)
            reading = NULL;
        pthread_mutex_unlock(&ahead->lock);
    } while (reading != NULL);
    return NULL;
}

/* looked_at returns the slot of what was given last. */
static struct slot *
looked_at(struct lk_ahead *ahead)
{
    return &ahead->ring[ahead->threaded ? (ahead->given - 1) % RING_SIZE : 0];
}

/* wait_for_next returns what the thread has read next, or NULL. */
static struct lk_reading *
wait_for_next(struct lk_ahead *ahead)
{
    struct lk_reading *reading = NULL;

    pthread_mutex_lock(&ahead->lock);
    if (ahead->ready == 0)
        while (!is_worth(ahead))
            pthread_cond_wait(&ahead->filled, &ahead->lock);
    if (ahead->ready > 0) {
        ahead->given++;
        ahead->ready--;
        reading = looked_at(ahead)->reading;
        ahead->bytes -= size_of(reading);
    }
    if (is_roomy(ahead))
        pthread_cond_signal(&ahead->emptied);
    pthread_mutex_unlock(&ahead->lock);
    return reading;
}

static int
stop(struct lk_ahead *ahead)
{
    if (ahead->threaded) {
        pthread_mutex_lock(&ahead->lock);
        ahead->stopped = true;
        pthread_cond_signal(&ahead->emptied);
        pthread_mutex_unlock(&ahead->lock);
        pthread_join(ahead->thread, NULL);
    }
    for (size_t i = 0; i < RING_SIZE; i++)
        talloc_free(ahead->ring[i].pool);
    lk_vec_foreach(pool, &ahead->kept)
        talloc_free(*pool);
    pthread_cond_destroy(&ahead->emptied);
    pthread_cond_destroy(&ahead->filled);
    pthread_mutex_destroy(&ahead->lock);
    return 0;
}

struct lk_ahead *
lk_ahead_start(TALLOC_CTX *mem, const struct lk_changelog *changelog,
               const struct lk_ahead_options *options)
{
    struct lk_ahead *ahead = lk_new(mem, struct lk_ahead);

    ahead->changelog = changelog;
    ahead->options = *options;
    lk_pg_start();
    pthread_mutex_init(&ahead->lock, NULL);
    pthread_cond_init(&ahead->filled, NULL);
    pthread_cond_init(&ahead->emptied, NULL);
    talloc_set_destructor(ahead, stop);
    ahead->threaded = changelog->migrations.count > FEW && lk_threads_most() > 1;
    if (ahead->threaded && !lk_thread_start(&ahead->thread, read_all, ahead))
        ahead->threaded = false;
    return ahead;
}

/* leave takes leave of what was given last. */
static void
leave(struct lk_ahead *ahead)
{
    struct slot *slot = looked_at(ahead);

    if (ahead->keeps) {
        talloc_free(slot->reading->up);
        talloc_free(slot->reading->down);
        lk_vec_push(ahead, &ahead->kept, slot->pool);
        *slot = (struct slot){0};
    } else if (slot->reading != NULL && size_of(slot->reading) > LARGE_BYTES) {
        talloc_free(slot->reading);
        slot->reading = NULL;
    }
    ahead->keeps = false;
}

struct lk_reading *
lk_ahead_next(struct lk_ahead *ahead)
{
    if (ahead->given > 0)
        leave(ahead);
    if (ahead->threaded)
        return wait_for_next(ahead);
    ahead->given++;
    return read_next(ahead);
}

void
lk_ahead_keep(struct lk_ahead *ahead)
{
    ahead->keeps = true;
}
