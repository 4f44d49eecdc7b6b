/*
 * tests/bench/proxy.c
 *     bench_proxy DELAY_MS TRIPS COMMAND [ARG...]: runs a command whose PGHOST is a proxy in front
 * of the server, as far away as one whose answer to a message takes DELAY_MS longer; writes into
 * the file TRIPS how many times the server was waited for. Ends with the command's exit code.
 *
 * Bytes are held back on the way to the server, each for the whole delay: what is sent without
 * waiting for an answer is late once and not each time.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "parser/base/mem.h"

#define SOCKET_NAME ".s.PGSQL.5432"
#define LINES 16

/* Bytes on their way to the server. */
struct piece {
    struct piece *next;
    int64_t due_ns;
    size_t size;
    char bytes[];
};

struct line {
    int client, server; /* both -1: free */
    bool asking;        /* the client has spoken last */
    struct piece *first, **last;
};

static struct line lines[LINES];
static int64_t delay_ns;
static unsigned long trips;

static int64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static struct sockaddr_un
address_in(const char *folder)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if ((size_t)snprintf(address.sun_path, sizeof(address.sun_path), "%s/" SOCKET_NAME, folder) >=
        sizeof(address.sun_path))
        LK_BUG("the path of a socket is too long: %s", folder);
    return address;
}

static bool
send_all(int fd, const char *bytes, size_t size)
{
    for (ssize_t sent; size > 0; bytes += sent, size -= (size_t)sent) {
        sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
    }
    return true;
}

static void
close_line(struct line *line)
{
    close(line->client);
    close(line->server);
    while (line->first != NULL) {
        struct piece *next = line->first->next;
        talloc_free(line->first);
        line->first = next;
    }
    *line = (struct line){.client = -1, .server = -1};
}

static void
take_client(int listener, const struct sockaddr_un *server)
{
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    struct line *line = lines;

    while (line < lines + LINES && line->client >= 0)
        line++;
    if (client < 0 || line == lines + LINES)
        LK_BUG("too many connections");
    *line = (struct line){.client = client, .last = &line->first};
    line->server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(line->server, (const struct sockaddr *)server, sizeof(*server)) != 0)
        close_line(line);
}

/* take_question keeps what the client says for as long as the way is. */
static bool
take_question(struct line *line)
{
    char bytes[65536];
    ssize_t got = recv(line->client, bytes, sizeof(bytes), 0);

    if (got <= 0)
        return false;
    line->asking = true;
    struct piece *piece = talloc_size(NULL, sizeof(*piece) + (size_t)got);
    *piece = (struct piece){.due_ns = now_ns() + delay_ns, .size = (size_t)got};
    memcpy(piece->bytes, bytes, (size_t)got);
    *line->last = piece;
    line->last = &piece->next;
    return true;
}

static bool
pass_answer(struct line *line)
{
    char bytes[65536];
    ssize_t got = recv(line->server, bytes, sizeof(bytes), 0);

    trips += line->asking && got > 0;
    line->asking = false;
    return got > 0 && send_all(line->client, bytes, (size_t)got);
}

/* pass_due passes on what has been on its way for long enough. */
static bool
pass_due(struct line *line)
{
    int64_t now = now_ns();

    while (line->first != NULL && line->first->due_ns <= now) {
        struct piece *piece = line->first;
        if (!send_all(line->server, piece->bytes, piece->size))
            return false;
        line->first = piece->next;
        if (line->first == NULL)
            line->last = &line->first;
        talloc_free(piece);
    }
    return true;
}

/* serve passes everything on, for as long as the command runs; returns its exit code. */
static int
serve(int listener, const struct sockaddr_un *server, pid_t command)
{
    int status;

    while (waitpid(command, &status, WNOHANG) == 0) {
        struct pollfd fds[1 + 2 * LINES] = {{listener, POLLIN, 0}};
        int64_t wait_ns = 20000000;
        for (size_t i = 0; i < LINES; i++) {
            fds[1 + 2 * i] = (struct pollfd){lines[i].client, POLLIN, 0};
            fds[2 + 2 * i] = (struct pollfd){lines[i].server, POLLIN, 0};
            if (lines[i].first != NULL)
                wait_ns = LK_MIN(wait_ns, lines[i].first->due_ns - now_ns());
        }
        struct timespec wait = {0, LK_MAX(wait_ns, 0)};
        if (ppoll(fds, LK_ARRAY_SIZE(fds), &wait, NULL) < 0)
            continue;
        for (size_t i = 0; i < LINES; i++) {
            bool open = lines[i].client < 0 || pass_due(&lines[i]);
            if (open && fds[2 + 2 * i].revents != 0)
                open = pass_answer(&lines[i]);
            if (open && fds[1 + 2 * i].revents != 0)
                open = take_question(&lines[i]);
            if (!open)
                close_line(&lines[i]);
        }
        if (fds[0].revents != 0)
            take_client(listener, server);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static pid_t
start(char **args, const char *host)
{
    pid_t command = fork();

    if (command != 0)
        return command;
    setenv("PGHOST", host, 1);
    execvp(args[0], args);
    fprintf(stderr, "bench_proxy: cannot run %s: %s\n", args[0], strerror(errno));
    _exit(127);
}

int
main(int argc, char **argv)
{
    const char *host = getenv("PGHOST");
    char folder[] = "/tmp/bench-proxy-XXXXXX";
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (argc < 4 || host == NULL || mkdtemp(folder) == NULL) {
        fprintf(stderr, "usage: PGHOST=FOLDER bench_proxy DELAY_MS TRIPS COMMAND [ARG...]\n");
        return 2;
    }
    delay_ns = (int64_t)(strtod(argv[1], NULL) * 1e6);
    struct sockaddr_un server = address_in(host), own = address_in(folder);
    if (bind(listener, (struct sockaddr *)&own, sizeof(own)) != 0 || listen(listener, LINES) != 0)
        LK_BUG("cannot listen: %s", strerror(errno));
    for (size_t i = 0; i < LINES; i++)
        lines[i].client = lines[i].server = -1;
    int code = serve(listener, &server, start(argv + 3, folder));
    unlink(own.sun_path);
    rmdir(folder);
    FILE *out = fopen(argv[2], "w");
    if (out == NULL || fprintf(out, "%lu\n", trips) < 0 || fclose(out) != 0)
        return 2;
    return code;
}
