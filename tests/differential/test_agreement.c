/*
 * tests/differential/test_agreement.c
 *     test_agreement [--page FILE]: our parser and real servers take and refuse the same
 * statements.
 *
 * LK_SERVER_BIN says where the servers' programs are, LK_CORPUS which files are tried in place of
 * the fixtures: NAME=FOLDER, several of both with colons between. With --page it writes what came
 * out as a page of documentation.
 */
#include <unistd.h>

#include "parser/base/file.h"
#include "parser/pgparse.h"
#include "tests/differential/agreement.h"

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

static void
compare_all(TALLOC_CTX *mem, struct lk_agreement *agreement, PGconn *pg)
{
    const char *list = getenv("LK_CORPUS");

    if (list == NULL)
        list = "fixtures=" LK_SOURCE_DIR "/fixtures";
    for (char *part; (part = next_part(mem, &list)) != NULL;) {
        char *folder = strchr(part, '=');
        if (folder == NULL)
            LK_BUG("LK_CORPUS holds no NAME=FOLDER: %s", part);
        *folder++ = '\0';
        lk_agreement_add(mem, agreement, pg, &(struct lk_inputs){part, folder});
    }
}

static struct lk_agreement
compare_with(TALLOC_CTX *mem, const char *bin)
{
    struct lk_error err = {0};
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const struct lk_server *server = lk_server_start(scratch, bin, &err);

    if (server == NULL)
        LK_BUG("%s", err.message);
    PGconn *pg =
        PQconnectdb(lk_fmt(scratch, "%s options='-c client_min_messages=error'", server->url));
    if (PQstatus(pg) != CONNECTION_OK)
        LK_BUG("cannot connect: %s", PQerrorMessage(pg));
    struct lk_agreement agreement = {.version = lk_strdup(mem, server->version),
                                     .major = PQserverVersion(pg) / 10000};
    compare_all(mem, &agreement, pg);
    PQfinish(pg);
    return agreement;
}

/* unexplained returns how many disagreements have no reason, and says which. */
static size_t
unexplained(const struct lk_agreement *agreement)
{
    size_t count = 0;

    lk_vec_foreach(it, &agreement->disagreements) {
        if (it->reason != NULL)
            continue;
        count++;
        fprintf(stderr, "%s:%u: only %s takes it (%s)\n%s\n", it->file, it->line,
                it->alarm  ? "the linter says that not even"
                : it->ours ? "our parser"
                           : "the server",
                it->message, it->text);
    }
    return count;
}

int
main(int argc, char **argv)
{
    TALLOC_CTX *mem = lk_mem_new(NULL);
    const char *bins = getenv("LK_SERVER_BIN");
    LK_VEC(struct lk_agreement) agreements = {0};
    struct lk_error err = {0};
    size_t statements = 0, bad = 0;

    for (char *bin; bins != NULL && (bin = next_part(mem, &bins)) != NULL;)
        if (access(lk_fmt(mem, "%s/postgres", bin), X_OK) == 0)
            lk_vec_push(mem, &agreements, compare_with(mem, bin));
    if (agreements.count == 0)
        return SKIPPED;
    lk_vec_foreach(agreement, &agreements) {
        lk_vec_foreach(tally, &agreement->tallies)
            statements += tally->statements;
        bad += unexplained(agreement);
    }
    char *page = lk_agreement_page(mem, agreements.items, agreements.count);
    bool written = argc != 3 || strcmp(argv[1], "--page") != 0 ||
                   lk_file_write(argv[2], page, strlen(page), &err);
    if (!written)
        fprintf(stderr, "%s\n", err.message);
    fprintf(stderr, "%zu statements, %zu unexplained\n", statements, bad);
    talloc_free(mem);
    lk_pg_finish();
    return written && statements > 0 && bad == 0 ? 0 : 1;
}
