/*
 * tests/meta/tree.h
 *     The project's own files, as the meta tests look at them.
 */
#ifndef LK_TESTS_META_TREE_H
#define LK_TESTS_META_TREE_H

#include "tests/support/lktest.h"

#include "parser/base/vec.h"

struct lk_paths {
    LK_VEC(char *) items; /* relative to the project's folder, sorted */
};

/* lk_tree_files returns the files below a folder whose names end in `ending`. */
struct lk_paths lk_tree_files(TALLOC_CTX *mem, const char *folder, const char *ending);

/* lk_tree_sources returns the .c and .h files of the product, or of tests/ as well. */
struct lk_paths lk_tree_sources(TALLOC_CTX *mem, bool tests);

/* lk_tree_read returns the content of a file of the project. */
char *lk_tree_read(TALLOC_CTX *mem, const char *path);

/* lk_tree_line takes the next line off *text, its newline left out; false at the end. */
bool lk_tree_line(TALLOC_CTX *mem, const char **text, char **ret_line);

/* lk_tree_list returns the names in a .def file: NAME of each line MACRO(NAME...). */
struct lk_paths lk_tree_list(TALLOC_CTX *mem, const char *path, const char *macro);

/* lk_tree_holds returns whether a list has a name. */
bool lk_tree_holds(const struct lk_paths *names, const char *name);

#endif
