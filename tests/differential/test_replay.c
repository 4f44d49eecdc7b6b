/*
 * tests/differential/test_replay.c
 *     test_replay [--page FILE]: the replayed schema is that of real servers.
 *
 * LK_SERVER_BIN says where the servers' programs are, LK_CORPUS which folders of migrations are
 * tried in place of the fixtures: NAME=FOLDER, several of both with colons between. With --page it
 * writes what came out as a page of documentation. LK_REPLAY_VERBOSE=1 prints each statement that
 * the server refuses and the replay takes, or the other way round, and each row that differs or is
 * not known.
 */
#include <unistd.h>

#include "parser/base/file.h"
#include "parser/pgparse.h"
#include "tests/differential/replay.h"

#define SKIPPED 77

/* next_part returns the text up to the next colon, or NULL at the end. */
static char *
next_part(TALLOC_CTX *mem, const char **list)
{
    size_t length = strcspn(*list, ":");

    if (**list == '\0')
        return NULL;
    char *part = lk_strndup(mem, *list, length);
    *list += length + ((*list)[length] == ':');
    return part;
}

struct results {
    LK_VEC(struct lk_replayed) items;
};

static void
compare_with(TALLOC_CTX *mem, const char *bin, struct results *results)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const char *list = getenv("LK_CORPUS");
    struct lk_error err = {0};
    const struct lk_server *server = lk_server_start(scratch, bin, &err);

    if (server == NULL)
        LK_BUG("%s", err.message);
    if (list == NULL)
        list = "replay=" LK_SOURCE_DIR "/fixtures/replay";
    for (char *part; (part = next_part(mem, &list)) != NULL;) {
        char *folder = strchr(part, '=');
        if (folder == NULL)
            LK_BUG("LK_CORPUS holds no NAME=FOLDER: %s", part);
        *folder++ = '\0';
        struct lk_replayed *it = lk_vec_add(mem, &results->items);
        it->name = part;
        it->version = lk_strdup(mem, server->version);
        lk_replay_folder(mem, server, folder, it);
    }
}

static void
show_differences(const struct lk_differences *list, const char *what)
{
    lk_vec_foreach(it, &list->items) {
        const struct lk_row *row = it->server.kind != NULL ? &it->server : &it->replay;
        fprintf(stderr, "%s: %s: %s %s %s: server %s, replay %s\n", it->place, what, row->kind,
                row->identity, row->property,
                it->server.kind != NULL ? it->server.value : "nothing",
                it->replay.kind != NULL ? it->replay.value : "nothing");
    }
}

/* report says how a folder compares; returns whether something differs. */
static bool
report(const struct lk_replayed *it)
{
    size_t equal = 0, unknown = 0, different = 0, wrong = 0, foreseen = 0, refused = 0;

    lk_vec_foreach(kind, &it->kinds) {
        equal += kind->equal;
        unknown += kind->unknown;
        different += kind->different;
    }
    lk_vec_foreach(verdict, &it->verdicts) {
        wrong += verdict->wrong;
        foreseen += verdict->foreseen;
        refused += lk_is_by_schema(verdict->sqlstate) ? verdict->refused : 0;
    }
    fprintf(stderr,
            "%s on %s: %zu equal, %zu unknown, %zu different, %zu of %zu refusals foreseen, %zu "
            "wrongly\n",
            it->name, it->version, equal, unknown, different, foreseen, refused, wrong);
    if (getenv("LK_REPLAY_VERBOSE") != NULL) {
        show_differences(&it->differences, "different");
        show_differences(&it->unknowns, "unknown");
    }
    return different + wrong + it->printed.different + it->again.different > 0 || equal == 0;
}

int
main(int argc, char **argv)
{
    TALLOC_CTX *mem = lk_mem_new(NULL);
    const char *bins = getenv("LK_SERVER_BIN");
    struct results results = {0};
    struct lk_error err = {0};
    bool bad = false;

    for (char *bin; bins != NULL && (bin = next_part(mem, &bins)) != NULL;)
        if (access(lk_fmt(mem, "%s/postgres", bin), X_OK) == 0)
            compare_with(mem, bin, &results);
    if (results.items.count == 0)
        return SKIPPED;
    lk_vec_foreach(it, &results.items)
        bad |= report(it);
    char *page = lk_replay_page(mem, results.items.items, results.items.count);
    bool paged = argc == 3 && strcmp(argv[1], "--page") == 0;
    bool written = !paged || lk_file_write(argv[2], page, strlen(page), &err);
    if (!written)
        fprintf(stderr, "%s\n", err.message);
    if (bad && !paged)
        fputs(page, stderr);
    talloc_free(mem);
    lk_pg_finish();
    return written && !bad ? 0 : 1;
}
