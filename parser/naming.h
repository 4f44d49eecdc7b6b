/*
 * parser/naming.h
 *     Naming conventions: what a migration's file name says, and how its runner treats the file.
 *
 * One convention is one file naming_<tool>.c with one exported `const struct lk_naming`, and one
 * line in namings.def.
 */
#ifndef LK_PARSER_NAMING_H
#define LK_PARSER_NAMING_H

#include "parser/base/vec.h"
#include "parser/hook.h"
#include "parser/source.h"
#include "parser/version.h"

struct Node;
struct lk_markers;

enum lk_migration_kind {
    LK_KIND_VERSIONED,  /* runs once, in the order of versions */
    LK_KIND_BASELINE,   /* stands for everything up to its version on an empty database */
    LK_KIND_REPEATABLE, /* runs whenever its content changed, after the versioned ones */
    LK_KIND_UNDO,       /* takes the versioned one of its version back */
    LK_KIND_DRAFT,      /* comes behind all others one day; nothing carries it out before */
    LK_KIND_COUNT
};

/* What a name says. Strings live in the context given to `read`. */
struct lk_name {
    enum lk_migration_kind kind;
    struct lk_version version; /* text NULL for repeatables and drafts */
    const char *description;   /* never NULL */
};

enum lk_name_verdict {
    LK_NAME_OTHER,   /* not meant to be a migration of this convention */
    LK_NAME_INVALID, /* meant to be one, but breaks the convention's rules */
    LK_NAME_VALID,
};

/* How the runner that the convention belongs to sends a file to the server. */
enum lk_runner {
    LK_RUNNER_STATEMENTS,  /* statement by statement, as the file says */
    LK_RUNNER_TRANSACTION, /* BEGIN, the file, COMMIT */
    LK_RUNNER_ONE_MESSAGE, /* the whole file as one simple query: an implicit transaction */
};

/* Spans of a file, in its order. */
struct lk_spans {
    LK_VEC(struct lk_span) items;
};

/* What in a file asks its own runner for more than is done with it here. */
enum lk_beyond_kind {
    LK_BEYOND_DIRECTIVE, /* it is left out */
    LK_BEYOND_VALUE,     /* a value that the runner would put in, and nobody else */
    LK_BEYOND_NO_VALUE,  /* a value that nobody knows */
};

struct lk_beyond {
    enum lk_beyond_kind kind;
    struct lk_span span;
};

struct lk_beyonds {
    LK_VEC(struct lk_beyond) items; /* in the order of the file */
};

/* What the content says of itself. A statement lies in one span: the end of each ends it, too. */
struct lk_parts {
    struct lk_spans up;
    struct lk_spans down; /* none: nothing in this file takes it back */
    bool transaction_off;
    bool transaction_on; /* also for what the runner itself would not put into one */
};

/* The files of a folder and below, as paths relative to it, in the order of lk_path_compare. */
struct lk_scripts {
    LK_VEC(const char *) paths;
    LK_VEC(const char *) others; /* what is no script */
};

/* What a file beside a migration can say. */
enum {
    LK_BESIDE_TRANSACTION_OFF = 1,
    LK_BESIDE_TRANSACTION_ON = 2, /* also for what the runner itself would not put into one */
    LK_BESIDE_VERBATIM = 4,       /* no values are put into it */
    LK_BESIDE_IDLE = 8,           /* the runner does not carry it out */
};

/* A line "key = value" of such a file. */
struct lk_beside {
    const char *key;
    const char *value; /* ASCII case ignored */
    unsigned says;     /* LK_BESIDE_*; 0: no more than is so without it */
};

struct lk_naming {
    const char *name;
    const char *summary; /* for people: the shape of a name */
    const char *example; /* a valid name, for hints; %s stands for the description */
    const char *maker;   /* how its own tool makes one, where that keeps more than the files */
    int preference;      /* `auto` asks the conventions with the higher ones first */
    int tolerance;       /* percent of the names it must read to be taken by `auto` */
    bool subfolders;     /* files in subfolders belong to the same changelog */
    bool paired;         /* `auto` takes it only where a file that takes another back is there */
    bool informal;       /* no runner says what its names mean */
    bool chained;        /* each migration names the hash of the one before */
    bool summed;         /* a file beside the migrations holds the hashes of all */
    bool any_order;      /* its runner carries out all that is not applied, in whatever order */
    bool nameless;       /* its history knows migrations by what they hold, not by a name */
    bool describes;      /* its history keeps descriptions, and the runner compares them */
    enum lk_runner runner;
    bool replaces;               /* it puts values in for ${name}, also inside literals */
    bool replaces_words;         /* and for :NAME, of capitals, inside the bodies of routines */
    enum lk_runner runner_off;   /* the same of files that want no transaction */
    const char *transaction_off; /* how a file of this convention says "no transaction"; or NULL */
    /* where no file can: what gets a statement past the runner, in words; or NULL */
    const char *past_runner;
    const char *off; /* the same as a line on top of the file, or of the file beside it; NULL: a
                        marker's option says it, or nothing does. "\n" at its end: an empty line */

    /* what its generator puts between statements beside semicolons, for runners that send them one
       by one; NULL: nothing */
    const char *between;

    /*
     * What makes a folder one of this convention for `auto`, where names are not enough: a file or
     * folder of that name in it, or what a migration holds. Where neither is, names are enough.
     */
    const char *landmark;

    /* The subfolders that its scripts lie in, NULL-terminated; NULL: they lie in the folder. */
    const char *const *homes;

    /* The endings of its files, NULL-terminated, where those are programs; NULL: they are SQL. */
    const char *const *programs;

    /*
     * read returns what `path` (relative to the changelog's folder) is. `ret` is filled for
     * VALID; `*problem` says in words what is wrong for INVALID.
     */
    enum lk_name_verdict (*read)(TALLOC_CTX *mem, const char *path, struct lk_name *ret,
                                 const char **problem);

    /* The lines that mark the parts of a file and prove the convention; NULL: it has none. */
    const struct lk_markers *markers;

    /* marks is for other proof in a migration; NULL: there is none. */
    bool (*marks)(const struct lk_source *source);

    /*
     * fits is for proof that lies in the names of a folder's own scripts, in what stands beside
     * them, or around the folder; NULL: there is none.
     */
    bool (*fits)(const char *folder, const struct lk_scripts *all, const struct lk_scripts *own);

    /*
     * The file beside a migration that says how to run it, '*' standing for the migration's name,
     * and what its lines mean, ending with key == NULL; or NULL.
     */
    const char *beside;
    const struct lk_beside *beside_lines;

    /* The names of files that its runner carries out with every run; NULL: it has none. */
    const struct lk_hook_name *hooks;

    /*
     * order returns in `ret` the versions in the order of application where that is written in a
     * file of `folder`, or is that of the scripts; false where it is not. NULL: versions compare.
     */
    bool (*order)(TALLOC_CTX *mem, const struct lk_naming *naming, const char *folder,
                  const struct lk_scripts *scripts, struct lk_version_list *ret);
    const char *unlisted; /* what is wrong with a version that `order` leaves out; or NULL */
    const char *list;     /* the file that `order` reads, where the runner carries out all that it
                             names, and nothing else; or NULL */

    /*
     * stands_for_all returns whether a migration is a baseline, which its name does not say; NULL:
     * none is.
     */
    bool (*stands_for_all)(const struct lk_source *source);

    /*
     * runs_outside returns whether the runner itself notices that a statement cannot run in a
     * transaction, and opens none for its file; NULL: it notices nothing.
     */
    bool (*runs_outside)(const struct Node *tree);

    /* beyond returns what in a file, `up` of it where that counts, is LK_BEYOND_*; NULL: nothing.
     */
    struct lk_beyonds (*beyond)(TALLOC_CTX *mem, const struct lk_source *source, struct lk_span up);

    /* split is for parts that are not marked by lines; NULL: without `markers` all is up. */
    struct lk_parts (*split)(TALLOC_CTX *mem, const struct lk_source *source);
};

/* lk_namings returns all conventions, sorted by name; `*count` of them. */
const struct lk_naming *const *lk_namings(size_t *count);

/* lk_naming_find returns the convention of that name, or NULL. */
const struct lk_naming *lk_naming_find(const char *name);

/* lk_naming_split returns the parts of `source` under `naming` (NULL: all of it is up). */
struct lk_parts lk_naming_split(TALLOC_CTX *mem, const struct lk_naming *naming,
                                const struct lk_source *source);

/* lk_naming_proven returns whether the content of a migration shows that it is of `naming`. */
bool lk_naming_proven(const struct lk_naming *naming, const struct lk_source *source);

/* lk_spans_add adds [start, end). */
void lk_spans_add(TALLOC_CTX *mem, struct lk_spans *spans, uint32_t start, uint32_t end);

/* lk_parts_whole returns the parts of a file that is up as a whole. */
struct lk_parts lk_parts_whole(TALLOC_CTX *mem, const struct lk_source *source);

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

/*
 * lk_unnumbered returns what a file without a version is: OTHER where it is called like what lies
 * beside migrations (schema.sql, seed_users.sql), else INVALID, `what` being the problem.
 */
enum lk_name_verdict lk_unnumbered(const char *path, const char *what, const char **problem);

/*
 * lk_underscored_read reads "<number>_<description>", which ends at `end`, as a versioned
 * migration; the number is at most `highest`.
 */
enum lk_name_verdict lk_underscored_read(TALLOC_CTX *mem, const char *path, const char *end,
                                         const char *highest, struct lk_name *ret,
                                         const char **problem);

#define LK_HIGHEST_INT32 "2147483647"
#define LK_HIGHEST_INT64 "9223372036854775807"
#define LK_HIGHEST_UINT64 "18446744073709551615"

/* lk_order_by_name is an `order` for runners that go by the names of files as text. */
bool lk_order_by_name(TALLOC_CTX *mem, const struct lk_naming *naming, const char *folder,
                      const struct lk_scripts *scripts, struct lk_version_list *ret);

/* lk_scripts_place returns the place of the first file that is no script from `path` on. */
size_t lk_scripts_place(const struct lk_scripts *scripts, const char *path);

/* lk_scripts_have returns whether a file that is no script is there. */
bool lk_scripts_have(const struct lk_scripts *scripts, const char *path);

/* lk_naming_beside_path returns where the file beside a script has to be, in the same folder. */
char *lk_naming_beside_path(TALLOC_CTX *mem, const struct lk_naming *naming, const char *script);

/*
 * lk_naming_beside returns what the file beside a script of `folder` says, LK_BESIDE_*: 0 where
 * there is none. Its lines are "key = value" or "key: value".
 */
unsigned lk_naming_beside(const struct lk_naming *naming, const char *folder,
                          const struct lk_scripts *scripts, const char *script);

/*
 * lk_naming_beside_unknown returns the first line of that file that says something else than
 * `beside_lines` know; NULL: there is none.
 */
char *lk_naming_beside_unknown(TALLOC_CTX *mem, const struct lk_naming *naming, const char *folder,
                               const struct lk_scripts *scripts, const char *script);

/* lk_description returns the text of a description: '_' and '-' are spaces. */
char *lk_description(TALLOC_CTX *mem, const char *start, const char *end);

#endif
