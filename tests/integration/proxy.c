/*
 * tests/integration/proxy.c
 *     Cutting connections: see proxy.h.
 *
 * A thread serves one client at a time: that is all that a run of apply opens.
 */
#include "tests/integration/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/lktest.h"

#define SOCKET_NAME ".s.PGSQL.5432"

struct lk_proxy {
    char *folder; /* of its own socket */
    struct sockaddr_un server;
    int listener;
    int stop[2]; /* a pipe: closing the writing end ends the thread */
    pthread_t thread;
    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t changed;
    enum lk_cut cut;
    unsigned nth, messages;
    bool kills, has_cut;
    pid_t client;
};

/* Both directions of one connection. */
struct line {
    struct lk_proxy *proxy;
    int client, server;
    bool started;               /* the first message, which has no type, has passed */
    unsigned char out[1 << 20]; /* of the client, not passed on yet */
    size_t out_size;
};

static struct sockaddr_un
address_in(const char *folder)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if ((size_t)snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", folder,
                         SOCKET_NAME) >= sizeof(address.sun_path))
        LK_BUG("the path of a socket is too long: %s", folder);
    return address;
}

static bool
send_all(int fd, const unsigned char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

/* message_size returns the size of a message with a type, or 0 while that is not known. */
static size_t
message_size(const unsigned char *bytes, size_t size, bool has_type)
{
    uint32_t length;

    if (size < 4u + has_type)
        return 0;
    memcpy(&length, bytes + has_type, sizeof(length));
    return ntohl(length) + has_type;
}

/* hear_out reads the server's answer to its end, ReadyForQuery, or until it hangs up. */
static void
hear_out(int server)
{
    unsigned char answer[65536];
    size_t size = 0;
    ssize_t got;

    while ((got = recv(server, answer + size, sizeof(answer) - size, 0)) > 0) {
        size += (size_t)got;
        size_t length;
        while ((length = message_size(answer, size, true)) > 0 && length <= size) {
            if (answer[0] == 'Z')
                return;
            memmove(answer, answer + length, size - length);
            size -= length;
        }
    }
}

/* is_due counts a message, and returns whether this is where to cut. */
static bool
is_due(struct lk_proxy *proxy)
{
    pthread_mutex_lock(&proxy->mutex);
    bool due = ++proxy->messages == proxy->nth;
    proxy->has_cut |= due;
    while (due && proxy->kills && proxy->client == 0)
        pthread_cond_wait(&proxy->changed, &proxy->mutex);
    pthread_mutex_unlock(&proxy->mutex);
    return due;
}

static void
cut(struct line *line, const unsigned char *message, size_t size)
{
    struct lk_proxy *proxy = line->proxy;

    if (proxy->cut != LK_CUT_BEFORE)
        send_all(line->server, message, size);
    if (proxy->cut == LK_CUT_AFTER)
        hear_out(line->server);
    if (proxy->kills)
        kill(proxy->client, SIGKILL);
}

/* pass_messages passes on what is complete; false at the end of the connection. */
static bool
pass_messages(struct line *line)
{
    ssize_t got =
        recv(line->client, line->out + line->out_size, sizeof(line->out) - line->out_size, 0);
    size_t size;

    if (got <= 0)
        return false;
    line->out_size += (size_t)got;
    while ((size = message_size(line->out, line->out_size, line->started)) > 0 &&
           size <= line->out_size) {
        if (is_due(line->proxy)) {
            cut(line, line->out, size);
            return false;
        }
        if (!send_all(line->server, line->out, size))
            return false;
        line->started = true;
        memmove(line->out, line->out + size, line->out_size - size);
        line->out_size -= size;
    }
    return true;
}

static bool
pass_answer(struct line *line)
{
    unsigned char answer[65536];
    ssize_t got = recv(line->server, answer, sizeof(answer), 0);

    return got > 0 && send_all(line->client, answer, (size_t)got);
}

static void
serve(struct lk_proxy *proxy, int client)
{
    struct line *line = lk_new(NULL, struct line);
    bool open = true;

    line->proxy = proxy;
    line->client = client;
    line->server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(line->server, (struct sockaddr *)&proxy->server, sizeof(proxy->server)) != 0)
        open = false;
    while (open) {
        struct pollfd fds[] = {{line->client, POLLIN, 0}, {line->server, POLLIN, 0}};
        if (poll(fds, LK_ARRAY_SIZE(fds), -1) < 0)
            continue;
        if (fds[1].revents != 0)
            open = pass_answer(line);
        if (open && fds[0].revents != 0)
            open = pass_messages(line);
    }
    close(line->server);
    close(line->client);
    talloc_free(line);
}

static void *
serve_all(void *data)
{
    struct lk_proxy *proxy = data;

    for (;;) {
        struct pollfd fds[] = {{proxy->listener, POLLIN, 0}, {proxy->stop[0], POLLIN, 0}};
        if (poll(fds, LK_ARRAY_SIZE(fds), -1) < 0)
            continue;
        if (fds[1].revents != 0)
            return NULL;
        int client = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC);
        if (client >= 0)
            serve(proxy, client);
    }
}

static int
stop(struct lk_proxy *proxy)
{
    close(proxy->stop[1]);
    pthread_join(proxy->thread, NULL);
    close(proxy->stop[0]);
    close(proxy->listener);
    return 0;
}

struct lk_proxy *
lk_proxy_start(TALLOC_CTX *mem, const char *folder)
{
    struct lk_proxy *proxy = lk_new(mem, struct lk_proxy);

    proxy->folder = lk_test_dir(proxy);
    proxy->server = address_in(folder);
    proxy->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un own = address_in(proxy->folder);
    if (bind(proxy->listener, (struct sockaddr *)&own, sizeof(own)) != 0 ||
        listen(proxy->listener, 8) != 0 || pipe2(proxy->stop, O_CLOEXEC) != 0)
        LK_BUG("cannot listen: %s", strerror(errno));
    pthread_mutex_init(&proxy->mutex, NULL);
    pthread_cond_init(&proxy->changed, NULL);
    if (pthread_create(&proxy->thread, NULL, serve_all, proxy) != 0)
        LK_BUG("cannot start a thread");
    talloc_set_destructor(proxy, stop);
    return proxy;
}

const char *
lk_proxy_folder(const struct lk_proxy *proxy)
{
    return proxy->folder;
}

void
lk_proxy_arm(struct lk_proxy *proxy, enum lk_cut where, unsigned nth, bool kills)
{
    pthread_mutex_lock(&proxy->mutex);
    proxy->cut = where;
    proxy->nth = nth;
    proxy->kills = kills;
    proxy->messages = 0;
    proxy->has_cut = false;
    proxy->client = 0;
    pthread_mutex_unlock(&proxy->mutex);
}

void
lk_proxy_client(struct lk_proxy *proxy, pid_t client)
{
    pthread_mutex_lock(&proxy->mutex);
    proxy->client = client;
    pthread_cond_signal(&proxy->changed);
    pthread_mutex_unlock(&proxy->mutex);
}

unsigned
lk_proxy_messages(struct lk_proxy *proxy)
{
    pthread_mutex_lock(&proxy->mutex);
    unsigned messages = proxy->messages;
    pthread_mutex_unlock(&proxy->mutex);
    return messages;
}

bool
lk_proxy_has_cut(struct lk_proxy *proxy)
{
    pthread_mutex_lock(&proxy->mutex);
    bool has_cut = proxy->has_cut;
    pthread_mutex_unlock(&proxy->mutex);
    return has_cut;
}
