/*
 * cli/places.c
 *     Paths from the repository's root: see places.h.
 */
#include "cli/places.h"

#include <unistd.h>

#include "parser/base/buf.h"
#include "parser/base/file.h"
#include "parser/base/text.h"

char *
lk_root_find(TALLOC_CTX *mem)
{
    char *here = lk_path_absolute(mem, "."), *at = here;

    for (;;) {
        if (lk_file_exists(lk_path_join(mem, at, ".git"))) /* a file in work trees, submodules */
            return at;
        if (strcmp(at, "/") == 0)
            return here;
        at = lk_path_dir(mem, at);
    }
}

/* below returns the part of an absolute path below a folder, or NULL. */
static const char *
below(const char *folder, const char *path)
{
    size_t length = strcmp(folder, "/") == 0 ? 0 : strlen(folder);

    return strncmp(path, folder, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

char *
lk_root_path(TALLOC_CTX *mem, const char *root, const char *path)
{
    if (strcmp(path, "-") == 0) /* standard input, without a name */
        return lk_strdup(mem, path);
    char *absolute = lk_path_absolute(mem, path);
    const char *shown = below(root, absolute);
    char *real = shown == NULL ? realpath(lk_path_dir(mem, absolute), NULL) : NULL;

    if (real != NULL) { /* by way of a link */
        absolute = lk_path_join(mem, real, lk_path_base(absolute));
        free(real);
        shown = below(root, absolute);
    }
    return lk_strdup(mem, shown != NULL ? shown : absolute);
}

char *
lk_uri_path(TALLOC_CTX *mem, const char *path)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-._~!$&'()*+,;=@/"; /* RFC 3986, pchar without the colon */
    struct lk_buf uri = lk_buf_init(mem);

    for (const char *at = path; *at != '\0'; at++)
        if (strchr(plain, *at) != NULL)
            lk_buf_addc(&uri, *at);
        else
            lk_buf_addf(&uri, "%%%02X", (unsigned)(unsigned char)*at);
    return uri.data;
}
