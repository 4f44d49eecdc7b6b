/*
 * parser/atlas_sum.c
 *     Reading and checking atlas.sum: see atlas_sum.h.
 *
 * Source: Atlas, sql/migrate/dir.go (NewHashFile, HashFile.Sum): one SHA-256 goes through the names
 * and bytes of all files and is noted behind each, so that a change shows in every later line; the
 * first line is that of all names and notes.
 */
#include "parser/atlas_sum.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "parser/base/buf.h"
#include "parser/base/text.h"

#define MARK "h1:"
#define BASE64_SIZE (((SHA256_DIGEST_LENGTH + 2) / 3) * 4 + 1)

struct names {
    LK_VEC(const char *) items;
};

/* digest_so_far writes what a running hash has come to, in base64. */
static void
digest_so_far(const EVP_MD_CTX *running, char ret[BASE64_SIZE])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    EVP_MD_CTX *copy = EVP_MD_CTX_new();

    if (copy == NULL || EVP_MD_CTX_copy_ex(copy, running) != 1 ||
        EVP_DigestFinal_ex(copy, digest, NULL) != 1)
        LK_BUG("SHA-256 failed");
    EVP_EncodeBlock((unsigned char *)ret, digest, SHA256_DIGEST_LENGTH);
    EVP_MD_CTX_free(copy);
}

static EVP_MD_CTX *
start_digest(void)
{
    EVP_MD_CTX *running = EVP_MD_CTX_new();

    if (running == NULL || EVP_DigestInit_ex(running, EVP_sha256(), NULL) != 1)
        LK_BUG("SHA-256 failed");
    return running;
}

bool
lk_atlas_sum_read(TALLOC_CTX *mem, const char *folder, struct lk_atlas_sum *ret)
{
    char *path = lk_path_join(mem, folder, LK_ATLAS_SUM);
    struct lk_error ignored = {0};
    struct lk_bytes bytes;
    uint32_t number = 0;

    *ret = (struct lk_atlas_sum){0};
    if (!lk_file_read(mem, path, &bytes, &ignored)) {
        lk_error_clear(&ignored);
        return false;
    }
    for (const char *line = bytes.data; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        char *text = lk_strndup(mem, line, length - (length > 0 && line[length - 1] == '\r'));
        char *mark = strstr(text, MARK);
        line += length + (line[length] == '\n');
        number++;
        if (mark == NULL)
            continue;
        if (mark == text) {
            ret->total = text + strlen(MARK);
        } else {
            mark[-1] = '\0'; /* the blank between a name and its hash */
            *lk_vec_add(mem, &ret->entries) =
                (struct lk_atlas_entry){number, text, mark + strlen(MARK)};
        }
    }
    return true;
}

/* is_left_out returns whether a file's leading comments say "atlas:sum ignore". */
static bool
is_left_out(const char *text)
{
    while (lk_starts_with(text, "--")) {
        const char *words = text + 2 + strspn(text + 2, " ");
        if (lk_starts_with(words, "atlas:sum ignore"))
            return true;
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    return false;
}

/* add_file takes a file into the running hash; false when it cannot be read. */
static bool
add_file(EVP_MD_CTX *running, const char *folder, const char *name)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_error ignored = {0};
    struct lk_bytes bytes;

    if (!lk_file_read(scratch, lk_path_join(scratch, folder, name), &bytes, &ignored)) {
        lk_error_clear(&ignored);
        return false;
    }
    EVP_DigestUpdate(running, name, strlen(name));
    if (!is_left_out(bytes.data))
        EVP_DigestUpdate(running, bytes.data, bytes.size);
    return true;
}

static enum lk_atlas_verdict
check_files(EVP_MD_CTX *running, const struct lk_atlas_sum *sum, const char *folder,
            const struct lk_atlas_entry **ret_entry)
{
    char hash[BASE64_SIZE];

    lk_vec_foreach(entry, &sum->entries) {
        *ret_entry = entry;
        if (!add_file(running, folder, entry->file))
            return LK_ATLAS_MISSING;
        digest_so_far(running, hash);
        if (strcmp(hash, entry->hash) != 0)
            return LK_ATLAS_CHANGED;
    }
    *ret_entry = NULL;
    return LK_ATLAS_SAME;
}

/* add_line takes the name and the hash of an entry into the running hash of the first line. */
static void
add_line(EVP_MD_CTX *running, const char *file, const char *hash)
{
    EVP_DigestUpdate(running, file, strlen(file));
    EVP_DigestUpdate(running, hash, strlen(hash));
}

/* is_whole returns whether the first line is that of the others. */
static bool
is_whole(EVP_MD_CTX *running, const struct lk_atlas_sum *sum)
{
    char hash[BASE64_SIZE];

    lk_vec_foreach(entry, &sum->entries)
        add_line(running, entry->file, entry->hash);
    digest_so_far(running, hash);
    return sum->total != NULL && strcmp(hash, sum->total) == 0;
}

enum lk_atlas_verdict
lk_atlas_sum_check(const struct lk_atlas_sum *sum, const char *folder,
                   const struct lk_atlas_entry **ret_entry)
{
    EVP_MD_CTX *files = start_digest();
    EVP_MD_CTX *lines = start_digest();
    enum lk_atlas_verdict verdict = check_files(files, sum, folder, ret_entry);

    if (verdict == LK_ATLAS_SAME && !is_whole(lines, sum))
        verdict = LK_ATLAS_BROKEN;
    EVP_MD_CTX_free(files);
    EVP_MD_CTX_free(lines);
    return verdict;
}

/* names_with returns the files of the entries and one more, in the order that Atlas sums them up.
 */
static struct names
names_with(TALLOC_CTX *mem, const struct lk_atlas_sum *sum, const char *file)
{
    struct names names = {0};
    bool added = false;

    lk_vec_foreach(entry, &sum->entries) {
        if (!added && strcmp(file, entry->file) < 0) {
            lk_vec_push(mem, &names.items, file);
            added = true;
        }
        lk_vec_push(mem, &names.items, entry->file);
    }
    if (!added)
        lk_vec_push(mem, &names.items, file);
    return names;
}

/* sum_up returns the content of atlas.sum for some files; NULL when one cannot be read. */
static char *
sum_up(TALLOC_CTX *mem, const char *folder, const struct names *names)
{
    EVP_MD_CTX *files = start_digest(), *lines = start_digest();
    struct lk_buf entries = lk_buf_init(mem);
    char hash[BASE64_SIZE];
    bool read = true;

    lk_vec_foreach(name, &names->items) {
        read = read && add_file(files, folder, *name);
        digest_so_far(files, hash);
        add_line(lines, *name, hash);
        lk_buf_addf(&entries, "%s " MARK "%s\n", *name, hash);
    }
    digest_so_far(lines, hash);
    EVP_MD_CTX_free(files);
    EVP_MD_CTX_free(lines);
    return read ? lk_fmt(mem, MARK "%s\n%s", hash, entries.data) : NULL;
}

char *
lk_atlas_sum_with(TALLOC_CTX *mem, const char *folder, const char *file)
{
    const struct lk_atlas_entry *entry;
    struct lk_atlas_sum sum;

    if (!lk_atlas_sum_read(mem, folder, &sum) ||
        lk_atlas_sum_check(&sum, folder, &entry) != LK_ATLAS_SAME)
        return NULL;
    struct names names = names_with(mem, &sum, file);
    return sum_up(mem, folder, &names);
}
