/*
 * tests/unit/test_file.c
 *     parser/base/file: whole files in and out, and listings.
 */
#include "parser/base/file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parser/base/text.h"
#include "tests/unit/unit.h"

static mode_t
mode_of(const char *path)
{
    struct stat info;

    assert_int_equal(stat(path, &info), 0);
    return info.st_mode & 07777;
}

static void
set_mode(const char *path, mode_t mode)
{
    assert_int_equal(chmod(path, mode), 0);
}

static size_t
count_entries(TALLOC_CTX *mem, const char *dir)
{
    struct lk_listing listing;
    struct lk_error err = {0};

    assert_true(lk_directory_list(mem, dir, &listing, &err));
    return listing.entries.count;
}

static void
reads_what_was_written(void **state)
{
    static const char content[] = "SELECT 1;\n\0binary\xFF";
    const char *path = lk_path_join(*state, lk_test_dir(*state), "a.sql");
    struct lk_bytes bytes;
    struct lk_error err = {0};

    assert_true(lk_file_write(path, content, sizeof(content) - 1, &err));
    assert_true(lk_file_read(*state, path, &bytes, &err));
    assert_int_equal(bytes.size, sizeof(content) - 1);
    assert_memory_equal(bytes.data, content, sizeof(content)); /* with the NUL behind it */
}

static void
reads_empty_and_large_files(void **state)
{
    const char *dir = lk_test_dir(*state);
    const char *path = lk_path_join(*state, dir, "a.sql");
    size_t sizes[] = {0, 1, 4094, 4095, 4096, 4097, 1 << 20};
    char *content = lk_new_array(*state, char, 1 << 20);
    struct lk_bytes bytes;
    struct lk_error err = {0};

    memset(content, 'x', 1 << 20);
    for (size_t i = 0; i < LK_ARRAY_SIZE(sizes); i++) {
        assert_true(lk_file_write(path, content, sizes[i], &err));
        assert_true(lk_file_read(*state, path, &bytes, &err));
        assert_int_equal(bytes.size, sizes[i]);
        assert_int_equal(strlen(bytes.data), sizes[i]);
    }
}

/* The size of a pipe is not known beforehand. */
static void
reads_pipes(void **state)
{
    struct lk_bytes bytes;
    struct lk_error err = {0};
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], "SELECT 1;", 9), 9);
    close(ends[1]);
    assert_true(lk_file_read(*state, lk_fmt(*state, "/proc/self/fd/%d", ends[0]), &bytes, &err));
    close(ends[0]);
    assert_string_equal(bytes.data, "SELECT 1;");
}

static void
reads_standard_input(void **state)
{
    const char *path = lk_path_join(*state, lk_test_dir(*state), "a.sql");
    struct lk_bytes bytes;
    struct lk_error err = {0};
    int kept = dup(STDIN_FILENO);

    assert_true(lk_file_write(path, "SELECT 2;", 9, &err));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    dup2(fd, STDIN_FILENO);
    close(fd);
    bool read = lk_file_read(*state, "-", &bytes, &err);
    dup2(kept, STDIN_FILENO);
    close(kept);
    assert_true(read);
    assert_string_equal(bytes.data, "SELECT 2;");
}

static void
says_what_cannot_be_read(void **state)
{
    const char *dir = lk_test_dir(*state);
    const char *missing = lk_path_join(*state, dir, "missing.sql");
    struct lk_bytes bytes;
    struct lk_error err = {0};

    assert_false(lk_file_read(*state, missing, &bytes, &err));
    assert_int_equal(err.code, LK_ERR_INPUT);
    assert_string_equal(err.message,
                        lk_fmt(*state, "cannot read %s: No such file or directory", missing));
    assert_false(lk_file_read(*state, dir, &bytes, &err));
    assert_int_equal(err.code, LK_ERR_INPUT);
    assert_string_equal(err.message, lk_fmt(*state, "cannot read %s: it is a directory", dir));
    lk_error_clear(&err);
}

static void
writes_keep_permissions(void **state)
{
    const char *dir = lk_test_dir(*state);
    const char *old = lk_path_join(*state, dir, "old.sql");
    const char *new = lk_path_join(*state, dir, "new.sql");
    struct lk_error err = {0};
    mode_t before = umask(027);

    lk_test_write(dir, "old.sql", "old");
    static const mode_t modes[] = {0600, 0644, 0755, 0444, 0666};
    for (size_t i = 0; i < LK_ARRAY_SIZE(modes); i++) {
        set_mode(old, modes[i]);
        assert_true(lk_file_write(old, "new", 3, &err));
        assert_int_equal(mode_of(old), modes[i]);
        assert_string_equal(lk_test_read(*state, old), "new");
    }
    assert_true(lk_file_write(new, "new", 3, &err));
    umask(before);
    assert_int_equal(mode_of(new), 0640); /* what the umask leaves of 0666 */
    assert_int_equal(count_entries(*state, dir), 2);
}

/* A reader that has the old file open goes on seeing all of it. */
static void
writes_replace_the_file_as_a_whole(void **state)
{
    const char *dir = lk_test_dir(*state);
    const char *path = lk_path_join(*state, dir, "a.sql");
    struct lk_error err = {0};
    char seen[16] = "";

    lk_test_write(dir, "a.sql", "the old one");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(lk_file_write(path, "new", 3, &err));
    assert_int_equal(read(fd, seen, sizeof(seen) - 1), 11);
    close(fd);
    assert_string_equal(seen, "the old one");
    assert_string_equal(lk_test_read(*state, path), "new");
}

/* The limit on file sizes makes the write fail half way. */
static void
a_failed_write_leaves_the_old_file(void **state)
{
    const char *dir = lk_test_dir(*state);
    const char *path = lk_path_join(*state, dir, "a.sql");
    char *content = lk_new_array(*state, char, 65536);
    struct rlimit before, tight;
    struct lk_error err = {0};

    memset(content, 'x', 65536);
    lk_test_write(dir, "a.sql", "the old one");
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = before;
    tight.rlim_cur = 4096;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    bool written = lk_file_write(path, content, 65536, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_false(written);
    assert_int_equal(err.code, LK_ERR_INPUT);
    assert_string_equal(err.message, lk_fmt(*state, "cannot write %s: File too large", path));
    assert_string_equal(lk_test_read(*state, path), "the old one");
    assert_int_equal(count_entries(*state, dir), 1); /* no temporary file */
    lk_error_clear(&err);
}

static void
writes_follow_links(void **state)
{
    const char *dir = lk_test_dir(*state);
    const char *link = lk_path_join(*state, dir, "link.sql");
    struct lk_error err = {0};
    struct stat info;

    lk_test_write(dir, "below/a.sql", "old");
    assert_int_equal(symlink("below/a.sql", link), 0);
    assert_true(lk_file_write(link, "new", 3, &err));
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_string_equal(lk_test_read(*state, lk_path_join(*state, dir, "below/a.sql")), "new");
    assert_int_equal(count_entries(*state, dir), 2);
}

/* What the process is ended at, in a child: all is written, but not in place yet. */
static bool ends_at_rename;

int
rename(const char *from, const char *to)
{
    if (ends_at_rename)
        raise(SIGKILL);
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

static void
a_killed_write_leaves_the_old_file(void **state)
{
    const char *dir = lk_test_dir(*state);
    const char *path = lk_path_join(*state, dir, "a.sql");
    struct lk_error err = {0};
    int status;

    lk_test_write(dir, "a.sql", "the old one");
    pid_t child = fork();
    if (child == 0) {
        ends_at_rename = true;
        _exit(lk_file_write(path, "new", 3, &err));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_string_equal(lk_test_read(*state, path), "the old one");
    assert_int_equal(count_entries(*state, dir), 1); /* what is left is hidden */
    assert_true(lk_file_write(path, "new", 3, &err));
    assert_string_equal(lk_test_read(*state, path), "new");
}

static void
writing_into_nowhere_fails(void **state)
{
    const char *dir = lk_test_dir(*state);
    struct lk_error err = {0};

    assert_false(lk_file_write(lk_path_join(*state, dir, "no/such/a.sql"), "x", 1, &err));
    assert_int_equal(err.code, LK_ERR_INPUT);
    assert_non_null(strstr(err.message, "No such file or directory"));
    assert_false(lk_file_write(dir, "x", 1, &err)); /* a directory */
    assert_non_null(strstr(err.message, "Is a directory"));
    assert_int_equal(count_entries(*state, dir), 0);
    lk_error_clear(&err);
}

static void
writes_to_what_is_no_file(void **state)
{
    struct lk_error err = {0};

    (void)state;
    assert_true(lk_file_write("/dev/null", "x", 1, &err));
    assert_false(lk_file_write("/dev/full", "x", 1, &err));
    assert_string_equal(err.message, "cannot write /dev/full: No space left on device");
    lk_error_clear(&err);
}

static void
lists_sorted_without_hidden_ones(void **state)
{
    const char *dir = lk_test_dir(*state);
    static const struct {
        const char *name;
        bool directory;
    } expected[] = {{"B.sql", false}, {"a.sql", false}, {"link", true}, {"sub", true}};
    struct lk_listing listing;
    struct lk_error err = {0};

    lk_test_write(dir, "a.sql", "");
    lk_test_write(dir, "B.sql", "");
    lk_test_write(dir, ".hidden.sql", "");
    lk_test_write(dir, "sub/c.sql", "");
    assert_int_equal(symlink("sub", lk_path_join(*state, dir, "link")), 0);
    assert_true(lk_directory_list(*state, dir, &listing, &err));
    assert_int_equal(listing.entries.count, LK_ARRAY_SIZE(expected));
    for (size_t i = 0; i < LK_ARRAY_SIZE(expected); i++) {
        assert_string_equal(listing.entries.items[i].name, expected[i].name);
        assert_int_equal(listing.entries.items[i].directory, expected[i].directory);
    }
    assert_false(lk_directory_list(*state, lk_path_join(*state, dir, "none"), &listing, &err));
    assert_int_equal(err.code, LK_ERR_INPUT);
    lk_error_clear(&err);
}

static void
tells_what_is_there(void **state)
{
    const char *dir = lk_test_dir(*state);
    const char *file = lk_path_join(*state, dir, "a.sql");
    const char *dangling = lk_path_join(*state, dir, "dangling");

    lk_test_write(dir, "a.sql", "");
    assert_int_equal(symlink("nowhere", dangling), 0);
    assert_true(lk_is_directory(dir));
    assert_false(lk_is_directory(file));
    assert_false(lk_is_directory(dangling));
    assert_true(lk_file_exists(dir));
    assert_true(lk_file_exists(file));
    assert_true(lk_file_exists(dangling)); /* something is there */
    assert_false(lk_file_exists(lk_path_join(*state, dir, "b.sql")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(reads_what_was_written),
        lk_unit(reads_empty_and_large_files),
        lk_unit(reads_pipes),
        lk_unit(reads_standard_input),
        lk_unit(says_what_cannot_be_read),
        lk_unit(writes_keep_permissions),
        lk_unit(writes_replace_the_file_as_a_whole),
        lk_unit(writes_follow_links),
        lk_unit(a_failed_write_leaves_the_old_file),
        lk_unit(a_killed_write_leaves_the_old_file),
        lk_unit(writing_into_nowhere_fails),
        lk_unit(writes_to_what_is_no_file),
        lk_unit(lists_sorted_without_hidden_ones),
        lk_unit(tells_what_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
