/*
 * parser/base/text.c
 *     Small questions about strings: see text.h.
 */
#include "parser/base/text.h"

#include <unistd.h>

#include <errno.h>
#include <strings.h>

#define NEAREST_MAX_LENGTH 63

bool
lk_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool
lk_ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text);
    size_t wanted = strlen(suffix);

    return length >= wanted && strcmp(text + length - wanted, suffix) == 0;
}

bool
lk_word_is(const char *text, size_t length, const char *word)
{
    if (length > 0 && ((text[0] ^ word[0]) & ~0x20) != 0) /* nearly always */
        return false;
    return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

/* edit_distance returns the optimal string alignment distance of two short strings. */
static size_t
edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][NEAREST_MAX_LENGTH + 1];
    size_t *before = rows[0], *previous = rows[1], *current = rows[2];

    for (size_t j = 0; j <= b_length; j++)
        previous[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        current[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t cost = a[i - 1] != b[j - 1];
            size_t best = LK_MIN(previous[j] + 1, current[j - 1] + 1);

            best = LK_MIN(best, previous[j - 1] + cost);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = LK_MIN(best, before[j - 2] + 1);
            current[j] = best;
        }
        size_t *oldest = before;
        before = previous;
        previous = current;
        current = oldest;
    }
    return previous[b_length];
}

/* letters_of returns which bytes a string has, some of them as one. */
static uint64_t
letters_of(const char *text)
{
    uint64_t letters = 0;

    for (; *text != '\0'; text++)
        letters |= UINT64_C(1) << (*text & 63);
    return letters;
}

/* is_far returns whether strings are more than `allowed` edits apart for sure: each takes away or
 * adds one byte of those that only one of them has. */
static bool
is_far(uint64_t a, uint64_t b, size_t allowed)
{
    return (size_t)__builtin_popcountll(a & ~b) > allowed ||
           (size_t)__builtin_popcountll(b & ~a) > allowed;
}

const char *
lk_nearest(const char *name, const char *const *names, size_t count)
{
    size_t length = strlen(name);
    const char *nearest = NULL;
    size_t allowed = LK_MAX(length / 3, 1);

    if (length > NEAREST_MAX_LENGTH)
        return NULL;
    uint64_t letters = letters_of(name);
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(names[i]);

        if (other > NEAREST_MAX_LENGTH || other > length + allowed || length > other + allowed ||
            is_far(letters, letters_of(names[i]), allowed))
            continue;
        size_t distance = edit_distance(name, length, names[i], other);
        if (distance <= allowed) {
            nearest = names[i];
            allowed = distance == 0 ? 0 : distance - 1;
        }
        if (distance == 0)
            break;
    }
    return nearest;
}

bool
lk_glob_match(const char *pattern, const char *path)
{
    for (;; pattern++, path++) {
        if (pattern[0] == '*' && pattern[1] == '*') {
            const char *rest = pattern + 2;
            if (*rest == '/' && lk_glob_match(rest + 1, path))
                return true;
            do {
                if (lk_glob_match(rest, path))
                    return true;
            } while (*path++ != '\0');
            return false;
        }
        if (*pattern == '*') {
            do {
                if (lk_glob_match(pattern + 1, path))
                    return true;
            } while (*path != '\0' && *path++ != '/');
            return false;
        }
        /* a folder, with a slash at its end or without: all of it */
        if (*pattern == '\0' || strcmp(pattern, "/") == 0)
            return *path == '\0' || *path == '/';
        if (*path == '\0' || (*pattern != *path && !(*pattern == '?' && *path != '/')))
            return false;
    }
}

bool
lk_duration_parse(const char *text, int64_t *ret_ms)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"", 1}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"min", 60000}, {"h", 3600000}};
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    while (*end == ' ')
        end++;
    for (size_t i = 0; i < LK_ARRAY_SIZE(units); i++) {
        if (strcmp(end, units[i].unit) != 0)
            continue;
        if (errno != 0 || number > INT32_MAX / units[i].ms) /* the server's limit for timeouts */
            return false;
        *ret_ms = number * units[i].ms;
        return true;
    }
    return false;
}

char *
lk_path_join(TALLOC_CTX *mem, const char *dir, const char *name)
{
    if (dir[0] == '\0' || strcmp(dir, ".") == 0)
        return lk_strdup(mem, name);
    if (strcmp(name, ".") == 0)
        return lk_strdup(mem, dir);
    size_t first = strlen(dir), second = strlen(name);
    bool slash = dir[first - 1] != '/';
    char *path = lk_mem_check(talloc_array(mem, char, first + slash + second + 1));
    memcpy(path, dir, first);
    path[first] = '/';
    memcpy(path + first + slash, name, second + 1);
    return path;
}

int
lk_path_compare(const char *left, const char *right)
{
    while (*left != '\0' && *left == *right) {
        left++;
        right++;
    }
    int first = *left == '/' ? 0 : (unsigned char)*left;
    int second = *right == '/' ? 0 : (unsigned char)*right;
    return first != second ? first - second : (*left == '/') - (*right == '/');
}

const char *
lk_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

char *
lk_path_dir(TALLOC_CTX *mem, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return lk_strdup(mem, ".");
    return lk_strndup(mem, path, slash == path ? 1 : (size_t)(slash - path));
}

char *
lk_path_absolute(TALLOC_CTX *mem, const char *path)
{
    char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);
    char *ret = lk_fmt(mem, "%s/%s/", here != NULL ? here : "", path);
    size_t length = 0; /* of what is done, without a slash at its end */

    free(here);
    for (const char *at = ret; *at != '\0';) {
        size_t name = strcspn(at, "/");
        if (name == 2 && strncmp(at, "..", 2) == 0) {
            while (length > 0 && ret[--length] != '/')
                ;
        } else if (name > 0 && !(name == 1 && *at == '.')) {
            ret[length++] = '/';
            memmove(ret + length, at, name);
            length += name;
        }
        at += name + (at[name] == '/');
    }
    if (length == 0)
        ret[length++] = '/';
    ret[length] = '\0';
    return ret;
}
