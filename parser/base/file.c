/*
 * parser/base/file.c
 *     Files and directories: see file.h.
 */
#include "parser/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parser/base/text.h"

static void
close_fd(int *fd)
{
    if (*fd > STDERR_FILENO)
        close(*fd);
}

static bool
read_failed(struct lk_error *err, const char *path)
{
    return lk_fail(err, LK_ERR_INPUT, "cannot read %s: %s", path, strerror(errno));
}

/*
 * read_all reads `fd` to its end. Of a regular file stat knows the size, and a read that gets less
 * than it asked for has seen the end; of a pipe neither is true, and `expected` is 0.
 */
static bool
read_all(TALLOC_CTX *mem, int fd, const char *path, size_t expected, struct lk_bytes *ret,
         struct lk_error *err)
{
    size_t capacity = expected > 0 ? expected + 2 : 4096;
    size_t size = 0;
    char *data = lk_mem_check(talloc_array(mem, char, capacity));

    for (;;) {
        size_t room = capacity - size - 1;
        ssize_t got = read(fd, data + size, room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return read_failed(err, path);
        size += (size_t)got;
        if (got == 0 || (expected > 0 && (size_t)got < room))
            break;
        if (size + 1 >= capacity) {
            capacity = LK_MIN(capacity * 2, LK_FILE_MAX + 2);
            data = lk_mem_check(talloc_realloc(mem, data, char, capacity));
        }
        if (size > LK_FILE_MAX)
            return lk_fail(err, LK_ERR_INPUT, "%s is larger than 200 MiB", path);
    }
    data[size] = '\0';
    *ret = (struct lk_bytes){data, size};
    return true;
}

bool
lk_file_read(TALLOC_CTX *mem, const char *path, struct lk_bytes *ret, struct lk_error *err)
{
    struct stat info;
    bool standard_input = strcmp(path, "-") == 0;
    int fd LK_CLEANUP(close_fd) =
        standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0 || fstat(fd, &info) != 0)
        return read_failed(err, path);
    if (S_ISDIR(info.st_mode))
        return lk_fail(err, LK_ERR_INPUT, "cannot read %s: it is a directory", path);
    size_t expected = S_ISREG(info.st_mode) ? (size_t)info.st_size : 0;
    if (expected > LK_FILE_MAX)
        return lk_fail(err, LK_ERR_INPUT, "%s is larger than 200 MiB", path);
    return read_all(mem, fd, standard_input ? "standard input" : path, expected, ret, err);
}

static bool
write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t done = write(fd, data, size);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        data += done;
        size -= (size_t)done;
    }
    return true;
}

/* sync_folder has the folder of a path written to disk, with the names in it; what cannot sync
 * does without. */
static void
sync_folder(const char *path)
{
    char *folder LK_CLEANUP(lk_mem_cleanup) = lk_path_dir(NULL, path);
    int fd LK_CLEANUP(close_fd) =
        open(folder[0] != '\0' ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0)
        (void)fsync(fd);
}

/* keep_owner gives a file the owner and the permissions of another one, as far as it may. */
static bool
keep_owner(int fd, const struct stat *old)
{
    if (fchown(fd, old->st_uid, old->st_gid) != 0 && fchown(fd, (uid_t)-1, old->st_gid) != 0)
        errno = 0; /* then it is the writer's */
    return fchmod(fd, old->st_mode & 07777) == 0;
}

/*
 * replace puts a new file in place of `path`, which is no link. The new one is hidden until then:
 * runners take what they see.
 */
static bool
replace(const char *path, const struct stat *old, const char *data, size_t size)
{
    const char *base = lk_path_base(path);
    char *temporary LK_CLEANUP(lk_mem_cleanup) =
        lk_fmt(NULL, "%.*s.%s.XXXXXX", (int)(base - path), path, base);
    int fd LK_CLEANUP(close_fd) = mkostemp(temporary, O_CLOEXEC);
    mode_t mask = umask(0);

    umask(mask);
    if (fd >= 0 && (old != NULL ? keep_owner(fd, old) : fchmod(fd, 0666 & ~mask) == 0) &&
        write_all(fd, data, size) && fsync(fd) == 0 && rename(temporary, path) == 0) {
        sync_folder(path);
        return true;
    }
    int failure = errno;
    if (fd >= 0)
        unlink(temporary);
    errno = failure;
    return false;
}

bool
lk_file_write(const char *path, const char *data, size_t size, struct lk_error *err)
{
    struct stat info;
    bool exists = stat(path, &info) == 0, written;

    if (exists && !S_ISREG(info.st_mode)) { /* /dev/stdout, a pipe: nothing to replace */
        int fd LK_CLEANUP(close_fd) = open(path, O_WRONLY | O_CLOEXEC);
        written = fd >= 0 && write_all(fd, data, size);
    } else {
        char *target = exists ? realpath(path, NULL) : NULL; /* a link stays one */
        written = replace(target != NULL ? target : path, exists ? &info : NULL, data, size);
        int failure = errno;
        free(target);
        errno = failure;
    }
    return written || lk_fail(err, LK_ERR_INPUT, "cannot write %s: %s", path, strerror(errno));
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(((const struct lk_entry *)a)->name, ((const struct lk_entry *)b)->name);
}

static void
close_directory(DIR **directory)
{
    if (*directory != NULL)
        closedir(*directory);
}

bool
lk_directory_list(TALLOC_CTX *mem, const char *path, struct lk_listing *ret, struct lk_error *err)
{
    DIR *directory LK_CLEANUP(close_directory) = opendir(path);

    if (directory == NULL)
        return read_failed(err, path);
    *ret = (struct lk_listing){0};
    for (;;) {
        errno = 0;
        struct dirent *found = readdir(directory);
        if (found == NULL && errno != 0)
            return read_failed(err, path);
        if (found == NULL)
            break;
        if (found->d_name[0] == '.')
            continue;
        bool is_directory = found->d_type == DT_DIR;
        if (found->d_type == DT_LNK || found->d_type == DT_UNKNOWN) {
            char *full = lk_path_join(mem, path, found->d_name);
            is_directory = lk_is_directory(full);
            talloc_free(full);
        }
        *lk_vec_add(mem, &ret->entries) =
            (struct lk_entry){lk_strdup(mem, found->d_name), is_directory};
    }
    if (ret->entries.count > 0)
        qsort(ret->entries.items, ret->entries.count, sizeof(struct lk_entry), by_name);
    return true;
}

bool
lk_is_directory(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool
lk_file_exists(const char *path)
{
    struct stat info;

    return lstat(path, &info) == 0;
}
