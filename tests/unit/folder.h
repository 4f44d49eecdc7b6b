/*
 * tests/unit/folder.h
 *     Folders of migrations for tests, and what the changelog makes of them.
 */
#ifndef LK_TESTS_UNIT_FOLDER_H
#define LK_TESTS_UNIT_FOLDER_H

#include "parser/changelog.h"

/* lk_folder_automatic is nothing configured. */
extern const struct lk_changelog_options lk_folder_automatic;

/* lk_folder_new writes empty files, NULL-terminated, into a new folder. */
const char *lk_folder_new(TALLOC_CTX *mem, const char *const *names);
#define LK_FOLDER(mem, ...) lk_folder_new(mem, (const char *const[]){__VA_ARGS__, NULL})

/* lk_folder_add adds the folder `dir`, with what lies below it where the convention has subfolders.
 */
bool lk_folder_add(TALLOC_CTX *mem, struct lk_changelog *changelog, const char *dir,
                   const struct lk_changelog_options *options, struct lk_error *err);

/* lk_folder_read returns the changelog of one folder, sorted. */
struct lk_changelog lk_folder_read(TALLOC_CTX *mem, const char *dir,
                                   const struct lk_changelog_options *options);

/* lk_folder_scripts returns the scripts in their order, joined by blanks. */
const char *lk_folder_scripts(TALLOC_CTX *mem, const struct lk_changelog *changelog);

#endif
