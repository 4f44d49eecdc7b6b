/*
 * cli/init_text.h
 *     The configuration that `lockkeeper init` writes, as text.
 */
#ifndef LK_CLI_INIT_TEXT_H
#define LK_CLI_INIT_TEXT_H

#include "parser/changelog.h"
#include "rules/finding.h"

/* A folder of migrations, and what is known of it. */
struct lk_init_folder {
    const char *path; /* as the configuration names it: from the folder that it lies in */
    const struct lk_naming *naming; /* NULL: loose scripts */
    const char *newest;             /* its highest version; NULL: none */
};

struct lk_init {
    int postgres_version; /* 0: not known */
    LK_VEC(struct lk_init_folder) folders;
    const struct lk_findings *findings; /* that the configuration is to leave out; or NULL */
    const char *home;                   /* the folder that the configuration lies in */
};

/* lk_init_text returns the configuration: with several folders, a database for each. */
char *lk_init_text(TALLOC_CTX *mem, const struct lk_init *init);

/* lk_init_relative returns the path that leads from the folder `home` to `path`. */
char *lk_init_relative(TALLOC_CTX *mem, const char *home, const char *path);

#endif
