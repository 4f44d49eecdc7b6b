/*
 * tests/integration/proxy.c
 *     Cutting connections: see proxy.h.
 *
 * One thread serves all connections: what passes is passed on message by message.
 */
#include "tests/integration/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/lktest.h"

#define OWN_PORT "5432"
#define LINES 16 /* connections at a time */

/* What has come from one side, and is not passed on yet. */
struct stream {
    unsigned char bytes[1 << 20];
    size_t size;
};

/* Both directions of one connection. */
struct line {
    int client, server;
    bool started; /* the first message, which has no type, has passed */
    struct stream asked, answered;
};

struct lk_proxy {
    char *folder; /* of its own socket */
    struct sockaddr_un server;
    int listener;
    int told[2]; /* a pipe: a byte asks to say when all is passed on, its end ends the thread */
    pthread_t thread;
    struct line *lines[LINES]; /* NULL: free */
    pthread_mutex_t mutex;     /* of what follows */
    pthread_cond_t changed;
    enum lk_cut cut;
    unsigned nth, messages;
    bool (*strike)(void *data, pid_t client);
    void *data;
    bool striking, has_struck, settled;
    pid_t client;
};

static struct sockaddr_un
address_in(const char *folder, const char *port)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if ((size_t)snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.%s", folder,
                         port) >= sizeof(address.sun_path))
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

/*
 * hear_out reads the server's answer to its end, until it waits for more or hangs up. A row of COPY
 * has none of its own.
 */
static void
hear_out(int server, unsigned char type)
{
    unsigned char answer[65536];
    size_t size = 0;
    ssize_t got;

    while (type != 'd' && (got = recv(server, answer + size, sizeof(answer) - size, 0)) > 0) {
        size += (size_t)got;
        size_t length;
        while ((length = message_size(answer, size, true)) > 0 && length <= size) {
            if (answer[0] == 'Z' || answer[0] == 'G') /* ReadyForQuery, CopyInResponse */
                return;
            memmove(answer, answer + length, size - length);
            size -= length;
        }
    }
}

/* is_due counts a message, and returns whether this is where to cut. */
static bool
is_due(struct lk_proxy *proxy, bool answer)
{
    pthread_mutex_lock(&proxy->mutex);
    bool counts = answer == (proxy->cut == LK_CUT_ANSWER);
    bool due = counts && ++proxy->messages == proxy->nth;
    proxy->striking |= due;
    while (due && proxy->strike != NULL && proxy->client == 0)
        pthread_cond_wait(&proxy->changed, &proxy->mutex);
    pthread_mutex_unlock(&proxy->mutex);
    return due;
}

static void
close_line(struct lk_proxy *proxy, size_t index)
{
    struct line *line = proxy->lines[index];

    close(line->server);
    close(line->client);
    talloc_free(line);
    proxy->lines[index] = NULL;
}

/*
 * cut lets the fault happen at a message of the line's, and closes all lines; false where the fault
 * is one that leaves them.
 */
static bool
cut(struct lk_proxy *proxy, struct line *line, const unsigned char *message, size_t size)
{
    if (proxy->cut == LK_CUT_ANSWER)
        send_all(line->client, message, size);
    else if (proxy->cut != LK_CUT_BEFORE)
        send_all(line->server, message, size);
    if (proxy->cut == LK_CUT_AFTER)
        hear_out(line->server, line->started ? message[0] : 0);
    bool cuts = proxy->strike == NULL || proxy->strike(proxy->data, proxy->client);
    for (size_t i = 0; i < LINES && cuts; i++)
        if (proxy->lines[i] != NULL)
            close_line(proxy, i);
    pthread_mutex_lock(&proxy->mutex);
    proxy->striking = false;
    proxy->has_struck = true;
    pthread_cond_broadcast(&proxy->changed);
    pthread_mutex_unlock(&proxy->mutex);
    return cuts;
}

enum passed { PASSED, ENDED, CUT };

/* pass passes on what is complete of the clients' messages, or of the server's answers. */
static enum passed
pass(struct lk_proxy *proxy, struct line *line, bool answer)
{
    struct stream *stream = answer ? &line->answered : &line->asked;
    ssize_t got = recv(answer ? line->server : line->client, stream->bytes + stream->size,
                       sizeof(stream->bytes) - stream->size, 0);
    size_t size;

    if (got <= 0)
        return ENDED;
    stream->size += (size_t)got;
    while ((size = message_size(stream->bytes, stream->size, answer || line->started)) > 0 &&
           size <= stream->size) {
        if (is_due(proxy, answer) && cut(proxy, line, stream->bytes, size))
            return CUT;
        if (!send_all(answer ? line->client : line->server, stream->bytes, size))
            return ENDED;
        line->started |= !answer;
        memmove(stream->bytes, stream->bytes + size, stream->size - size);
        stream->size -= size;
    }
    return PASSED;
}

/* take_client opens a line for a client; where the server takes none, the client is turned away. */
static void
take_client(struct lk_proxy *proxy)
{
    int client = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC);
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    size_t place = 0;

    while (place < LINES && proxy->lines[place] != NULL)
        place++;
    if (client >= 0 && place < LINES &&
        connect(server, (struct sockaddr *)&proxy->server, sizeof(proxy->server)) == 0) {
        struct line *line = lk_new(NULL, struct line);
        line->client = client;
        line->server = server;
        proxy->lines[place] = line;
        return;
    }
    close(server);
    if (client >= 0)
        close(client);
}

/* serve_line passes on what `ready` (of both its ends) says is there; false once all are closed. */
static bool
serve_line(struct lk_proxy *proxy, size_t index, const struct pollfd ready[2])
{
    struct line *line = proxy->lines[index];
    enum passed passed = PASSED;

    if (ready[1].revents != 0)
        passed = pass(proxy, line, true);
    if (passed == PASSED && ready[0].revents != 0)
        passed = pass(proxy, line, false);
    if (passed == ENDED)
        close_line(proxy, index);
    return passed != CUT;
}

/* settle answers lk_proxy_settle, unless a line is open or a client knocks. */
static void
settle(struct lk_proxy *proxy, bool knocks)
{
    char byte;

    for (size_t i = 0; i < LINES; i++)
        knocks |= proxy->lines[i] != NULL;
    if (knocks || read(proxy->told[0], &byte, 1) != 1)
        return;
    pthread_mutex_lock(&proxy->mutex);
    proxy->settled = true;
    pthread_cond_broadcast(&proxy->changed);
    pthread_mutex_unlock(&proxy->mutex);
}

static void *
serve_all(void *data)
{
    struct lk_proxy *proxy = data;

    for (;;) {
        struct pollfd fds[2 + 2 * LINES] = {{proxy->listener, POLLIN, 0},
                                            {proxy->told[0], POLLIN, 0}};
        for (size_t i = 0; i < LINES; i++) { /* a negative one is passed over */
            const struct line *line = proxy->lines[i];
            fds[2 + 2 * i] = (struct pollfd){line != NULL ? line->client : -1, POLLIN, 0};
            fds[3 + 2 * i] = (struct pollfd){line != NULL ? line->server : -1, POLLIN, 0};
        }
        if (poll(fds, LK_ARRAY_SIZE(fds), -1) < 0)
            continue;
        if ((fds[1].revents & (POLLIN | POLLHUP)) == POLLHUP)
            break;
        bool open = true;
        for (size_t i = 0; i < LINES && open; i++)
            if (proxy->lines[i] != NULL)
                open = serve_line(proxy, i, &fds[2 + 2 * i]);
        if (fds[0].revents != 0)
            take_client(proxy);
        if (fds[1].revents != 0)
            settle(proxy, fds[0].revents != 0);
    }
    for (size_t i = 0; i < LINES; i++)
        if (proxy->lines[i] != NULL)
            close_line(proxy, i);
    return NULL;
}

static int
stop(struct lk_proxy *proxy)
{
    close(proxy->told[1]);
    pthread_join(proxy->thread, NULL);
    close(proxy->told[0]);
    close(proxy->listener);
    return 0;
}

struct lk_proxy *
lk_proxy_start(TALLOC_CTX *mem, const char *folder, const char *port)
{
    struct lk_proxy *proxy = lk_new(mem, struct lk_proxy);

    proxy->folder = lk_test_dir(proxy);
    proxy->server = address_in(folder, port);
    proxy->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un own = address_in(proxy->folder, OWN_PORT);
    if (bind(proxy->listener, (struct sockaddr *)&own, sizeof(own)) != 0 ||
        listen(proxy->listener, LINES) != 0 || pipe2(proxy->told, O_CLOEXEC) != 0)
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
lk_proxy_arm(struct lk_proxy *proxy, enum lk_cut where, unsigned nth,
             bool (*strike)(void *data, pid_t client), void *data)
{
    pthread_mutex_lock(&proxy->mutex);
    proxy->cut = where;
    proxy->nth = nth;
    proxy->strike = strike;
    proxy->data = data;
    proxy->messages = 0;
    proxy->has_struck = false;
    proxy->client = 0;
    pthread_mutex_unlock(&proxy->mutex);
}

void
lk_proxy_client(struct lk_proxy *proxy, pid_t client)
{
    pthread_mutex_lock(&proxy->mutex);
    proxy->client = client;
    pthread_cond_broadcast(&proxy->changed);
    pthread_mutex_unlock(&proxy->mutex);
}

void
lk_proxy_settle(struct lk_proxy *proxy)
{
    pthread_mutex_lock(&proxy->mutex);
    proxy->settled = false;
    if (write(proxy->told[1], "", 1) != 1)
        LK_BUG("cannot ask the proxy: %s", strerror(errno));
    while (!proxy->settled)
        pthread_cond_wait(&proxy->changed, &proxy->mutex);
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
lk_proxy_has_struck(struct lk_proxy *proxy)
{
    pthread_mutex_lock(&proxy->mutex);
    while (proxy->striking)
        pthread_cond_wait(&proxy->changed, &proxy->mutex);
    bool has_struck = proxy->has_struck;
    pthread_mutex_unlock(&proxy->mutex);
    return has_struck;
}
