/*
 * parser/naming.h
 *     Naming conventions: what a migration's file name says, and how its runner treats the file.
 *
 * One convention is one file naming_<tool>.c with one exported `const struct lk_naming`, and one
 * line in namings.def.
 */
#ifndef LK_PARSER_NAMING_H
#define LK_PARSER_NAMING_H

#include "parser/source.h"
#include "parser/version.h"

struct Node;

enum lk_migration_kind {
    LK_KIND_VERSIONED,  /* runs once, in the order of versions */
    LK_KIND_BASELINE,   /* stands for everything up to its version on an empty database */
    LK_KIND_REPEATABLE, /* runs whenever its content changed, after the versioned ones */
    LK_KIND_UNDO,       /* takes the versioned one of its version back */
    LK_KIND_COUNT
};

/* What a name says. Strings live in the context given to `read`. */
struct lk_name {
    enum lk_migration_kind kind;
    struct lk_version version; /* text NULL for repeatables */
    const char *description;   /* never NULL */
};

enum lk_name_verdict {
    LK_NAME_OTHER,   /* not meant to be a migration of this convention */
    LK_NAME_INVALID, /* meant to be one, but breaks the convention's rules */
    LK_NAME_VALID,
};

/* How the runner that the convention belongs to sends a file to the server. */
enum lk_runner {
    LK_RUNNER_TRANSACTION, /* BEGIN, the file, COMMIT */
    LK_RUNNER_ONE_MESSAGE, /* the whole file as one simple query: an implicit transaction */
    LK_RUNNER_STATEMENTS,  /* statement by statement, as the file says */
};

/* What the content says of itself. */
struct lk_parts {
    struct lk_span up;
    struct lk_span down; /* empty: none in this file */
    bool transaction_off;
};

struct lk_naming {
    const char *name;
    const char *summary; /* for people: the shape of a name */
    const char *example; /* a valid name, for hints; %s stands for the description */
    int preference;      /* `auto` asks the conventions with the higher ones first */
    int tolerance;       /* percent of the names it must read to be taken by `auto` */
    bool subfolders;     /* files in subfolders belong to the same changelog */
    enum lk_runner runner;
    bool replaces;               /* it puts values in for ${name}, also inside literals */
    const char *transaction_off; /* how a file of this convention says "no transaction"; or NULL */

    /*
     * read returns what `path` (relative to the changelog's folder) is. `ret` is filled for
     * VALID; `*problem` says in words what is wrong for INVALID.
     */
    enum lk_name_verdict (*read)(TALLOC_CTX *mem, const char *path, struct lk_name *ret,
                                 const char **problem);

    /* marks returns whether the content bears this convention's own marks; NULL: it has none. */
    bool (*marks)(const struct lk_source *source);

    /*
     * runs_outside returns whether the runner itself notices that a statement cannot run in a
     * transaction, and opens none for its file; NULL: it notices nothing.
     */
    bool (*runs_outside)(const struct Node *tree);

    /* split returns the parts of a file; NULL: the whole text is the up part. */
    struct lk_parts (*split)(const struct lk_source *source);
};

/* lk_namings returns all conventions, sorted by name; `*count` of them. */
const struct lk_naming *const *lk_namings(size_t *count);

/* lk_naming_find returns the convention of that name, or NULL. */
const struct lk_naming *lk_naming_find(const char *name);

/* lk_naming_split returns the parts of `source` under `naming` (NULL: all of it is up). */
struct lk_parts lk_naming_split(const struct lk_naming *naming, const struct lk_source *source);

/*
 * lk_naming_suggest returns the valid name nearest to `path` that its own description and digits
 * allow ("V2_add.sql" is likely "V2__add.sql"), or NULL when nothing can be made of it.
 */
char *lk_naming_suggest(TALLOC_CTX *mem, const struct lk_naming *naming, const char *path);

/* lk_kind_name returns the word for a kind: "versioned", "repeatable", ... */
const char *lk_kind_name(enum lk_migration_kind kind);

/* Shared by the conventions whose names start with a number. */
struct lk_numbered_name {
    size_t version;          /* length of the version at the start of `at` */
    const char *at;          /* where the version starts */
    const char *description; /* where the description starts; it ends at `end` */
    const char *end;
    bool down;
};

/*
 * lk_numbered_read takes "[V]<digits>[sep]<description>[.up|.down].sql", and the same as a folder
 * name with up.sql, down.sql or migration.sql in it. It returns whether `path` has that shape.
 */
bool lk_numbered_read(const char *path, bool dotted, struct lk_numbered_name *ret);

/* lk_description returns the text of a description: '_' and '-' are spaces. */
char *lk_description(TALLOC_CTX *mem, const char *start, const char *end);

#endif
