/*
 * parser/ahead.c
 *     Reading ahead: see ahead.h.
 *
 * What is read is a function of the file alone, and everything of it lies in a context of its own:
 * the two threads share nothing but the list of what is ready.
 */
#include "parser/ahead.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "parser/pgparse.h"

/* What a small migration takes: text, statements, comments. Trees lie beside it. */
#define POOL_SIZE ((size_t)16 << 10)
#define POOL_OBJECTS 64

#define FEW 16                 /* so few migrations are read sooner than a thread is there */
#define READY_COUNT 64         /* no more is read ahead than so many migrations, */
#define READY_BYTES (1 << 20)  /* or so much text: trees take some ten times as much */
#define WORTH_COUNT 8          /* who waits is woken for no less, */
#define WORTH_BYTES (32 << 10) /* as waking takes the time of parsing some pages */

struct lk_ahead {
    const struct lk_changelog *changelog;
    struct lk_ahead_options options;
    size_t next;   /* the place in the changelog of what is read next */
    bool threaded; /* what follows is there for the thread only */
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t filled, emptied;
    struct lk_reading *ready[READY_COUNT]; /* a ring */
    size_t first, count, bytes;
    bool ended;   /* nothing more comes */
    bool stopped; /* nobody asks for more */
};

static int
free_reading(struct lk_reading *reading)
{
    lk_error_clear(&reading->err);
    return 0;
}

/* script_of returns the statements of a part of a file, with the first trees and bodies. */
static struct lk_script *
script_of(TALLOC_CTX *mem, struct lk_source *source, const struct lk_spans *part)
{
    struct lk_script *script = lk_script_new(mem, source, (struct lk_span){0, 0});

    lk_vec_foreach(span, &part->items)
        lk_script_add(script, *span);
    lk_script_load(script);
    return script;
}

static struct lk_reading *
read_migration(const struct lk_ahead *ahead, const struct lk_migration *migration)
{
    struct lk_reading *ret =
        lk_mem_check(talloc_pooled_object(NULL, struct lk_reading, POOL_OBJECTS, POOL_SIZE));
    struct lk_parts *parts = &ret->parts;

    *ret = (struct lk_reading){.migration = migration};
    talloc_set_destructor(ret, free_reading);
    ret->source =
        lk_migration_read(ret, migration, ahead->options.values, ahead->options.version, &ret->err);
    if (ret->source == NULL)
        return ret;
    *parts = lk_naming_split(ret, migration->folder->naming, ret->source);
    parts->transaction_off |= (migration->beside & LK_BESIDE_TRANSACTION_OFF) != 0;
    parts->transaction_on = (migration->beside & LK_BESIDE_TRANSACTION_ON) != 0;
    if (migration->backwards) {
        parts->up = parts->down;
        parts->down = (struct lk_spans){0};
    }
    if (ret->source->invalid < ret->source->size)
        return ret;
    ret->up = script_of(ret, ret->source, &parts->up);
    if (migration->replayed && parts->down.items.count > 0)
        ret->down = script_of(ret, ret->source, &parts->down);
    return ret;
}

/* read_next returns NULL behind the last migration. */
static struct lk_reading *
read_next(struct lk_ahead *ahead)
{
    if (ahead->next == ahead->changelog->migrations.count)
        return NULL;
    const struct lk_migration *migration = &ahead->changelog->migrations.items[ahead->next++];
    if (ahead->options.last != 0 && migration->ordinal > ahead->options.last)
        return NULL;
    return read_migration(ahead, migration);
}

/* ---- the thread ---- */

/* is_full returns whether the thread is far enough ahead. */
static bool
is_full(const struct lk_ahead *ahead)
{
    return ahead->count == READY_COUNT || ahead->bytes > READY_BYTES;
}

/* is_roomy returns whether it is worth to wake the thread. */
static bool
is_roomy(const struct lk_ahead *ahead)
{
    return ahead->count <= READY_COUNT / 2 && ahead->bytes <= READY_BYTES / 2;
}

/* is_worth returns whether it is worth to wake who waits. */
static bool
is_worth(const struct lk_ahead *ahead)
{
    return ahead->count >= WORTH_COUNT || ahead->bytes >= WORTH_BYTES || ahead->ended;
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
            ahead->ready[(ahead->first + ahead->count++) % READY_COUNT] = reading;
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

/* take returns the first of what is ready: NULL where nothing is, and nothing comes. */
static struct lk_reading *
take(struct lk_ahead *ahead)
{
    if (ahead->count == 0)
        return NULL;
    struct lk_reading *reading = ahead->ready[ahead->first];
    ahead->first = (ahead->first + 1) % READY_COUNT;
    ahead->count--;
    ahead->bytes -= size_of(reading);
    return reading;
}

static int
stop(struct lk_ahead *ahead)
{
    if (!ahead->threaded)
        return 0;
    pthread_mutex_lock(&ahead->lock);
    ahead->stopped = true;
    pthread_cond_signal(&ahead->emptied);
    pthread_mutex_unlock(&ahead->lock);
    pthread_join(ahead->thread, NULL);
    for (struct lk_reading *left = take(ahead); left != NULL; left = take(ahead))
        talloc_free(left);
    pthread_cond_destroy(&ahead->emptied);
    pthread_cond_destroy(&ahead->filled);
    pthread_mutex_destroy(&ahead->lock);
    return 0;
}

static bool
has_processors(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 1;
}

/* start_thread starts one that no signal is delivered to: they are the program's. */
static bool
start_thread(struct lk_ahead *ahead)
{
    sigset_t all, before;

    pthread_mutex_init(&ahead->lock, NULL);
    pthread_cond_init(&ahead->filled, NULL);
    pthread_cond_init(&ahead->emptied, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&ahead->thread, NULL, read_all, ahead) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

struct lk_ahead *
lk_ahead_start(TALLOC_CTX *mem, const struct lk_changelog *changelog,
               const struct lk_ahead_options *options)
{
    struct lk_ahead *ahead = lk_new(mem, struct lk_ahead);

    ahead->changelog = changelog;
    ahead->options = *options;
    lk_pg_start();
    talloc_set_destructor(ahead, stop);
    ahead->threaded = changelog->migrations.count > FEW && has_processors() && start_thread(ahead);
    return ahead;
}

struct lk_reading *
lk_ahead_next(struct lk_ahead *ahead)
{
    if (!ahead->threaded)
        return read_next(ahead);
    pthread_mutex_lock(&ahead->lock);
    if (ahead->count == 0)
        while (!is_worth(ahead))
            pthread_cond_wait(&ahead->filled, &ahead->lock);
    struct lk_reading *reading = take(ahead);
    if (is_roomy(ahead))
        pthread_cond_signal(&ahead->emptied);
    pthread_mutex_unlock(&ahead->lock);
    return reading;
}
