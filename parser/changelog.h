/*
 * parser/changelog.h
 *     The migrations of one database, in the order in which they are applied.
 */
#ifndef LK_PARSER_CHANGELOG_H
#define LK_PARSER_CHANGELOG_H

#include "parser/naming.h"

/* A folder that migrations come from. */
struct lk_folder {
    uint32_t priority; /* folders given first are applied first */
    const char *path;
    const struct lk_naming *naming; /* NULL: no file of it follows any convention */
    bool detected;                  /* the convention was found out, not configured */
    struct lk_scripts files;        /* empty where a file was given by itself */
};

struct lk_migration {
    uint32_t ordinal; /* from 1, in the order of application */
    const struct lk_folder *folder;
    const char *path;             /* as shown to people */
    const char *input;            /* where its bytes are read from: the path, or "-" */
    const struct lk_bytes *given; /* what stands for them; NULL: they are read */
    bool made;                    /* it is not in the folder yet: lk_changelog_add_given */
    const char *script;           /* relative to the folder */
    struct lk_name name;
    unsigned beside; /* what the file beside it says: LK_BESIDE_* */
    bool replayed;  /* part of the history from an empty database: not undo, not below a baseline */
    bool reported;  /* its findings are of interest */
    bool start;     /* the history begins with it, whatever versions below are there */
    bool backwards; /* what is carried out of it is the part that takes it back */
};

/* A file that looks like a migration but whose name breaks the convention. */
struct lk_stray {
    const struct lk_folder *folder;
    const char *path;
    const char *script;
    const char *problem;
};

/* A version in a list of the folder's convention that no file is of. */
struct lk_lacking {
    const struct lk_folder *folder;
    const char *version;
};

/* A script that goes with every run: its migration is of kind REPEATABLE, and has no version. */
struct lk_hook {
    enum lk_hook_event event; /* COUNT: its runner carries it out, and nobody else does */
    bool always;              /* also in a run that has nothing else to do */
    bool undo;                /* of rollbacks; else of steps forwards */
    struct lk_migration migration;
};

struct lk_hooks {
    LK_VEC(struct lk_hook)
    items; /* those of one event in the order in which they are carried out */
};

struct lk_past;

struct lk_changelog {
    LK_VEC(const struct lk_folder *) folders;
    LK_VEC(struct lk_migration) migrations;
    LK_VEC(struct lk_stray) strays;    /* sorted by path */
    LK_VEC(struct lk_lacking) lacking; /* in the order of their lists */
    struct lk_hooks hooks;
    bool partial; /* single files of it were asked for: what else is there or not is not meant */
    const struct lk_past *past; /* what it was at an earlier time; NULL: nobody asks */
};

struct lk_changelog_options {
    const struct lk_naming *naming; /* NULL: found out per folder */
    const char *const
        *exclude; /* globs on absolute paths, `**` crossing folders; NULL at the end */
};

/* A folder that is a changelog or a part of one. */
struct lk_found_folder {
    const char *path; /* as shown to people */
    struct lk_scripts scripts;
    const struct lk_naming *naming; /* NULL: loose scripts */
};

struct lk_found_folders {
    LK_VEC(struct lk_found_folder) folders; /* sorted by path */
    struct lk_found_folder programs;        /* the first one left out, as its files are no SQL */
};

/*
 * lk_changelog_find returns `path` itself where migrations lie in it, else the folders below that
 * hold some, each a changelog of its own. None at all is an error of code INPUT.
 */
bool lk_changelog_find(TALLOC_CTX *mem, const char *path,
                       const struct lk_changelog_options *options, struct lk_found_folders *ret,
                       struct lk_error *err) LK_MUST_CHECK;

/* lk_changelog_excludes returns whether the options leave a script of a folder out. */
bool lk_changelog_excludes(const struct lk_changelog_options *options, const char *folder,
                           const char *script);

/* lk_changelog_refuse_programs fails, of code INPUT: the migrations of a folder are programs. */
bool lk_changelog_refuse_programs(const struct lk_found_folder *programs, struct lk_error *err);

/*
 * lk_changelog_home returns in `ret` the folder whose changelog the file at `path` is a migration
 * of, looking no further than the file's own; false when its name says nothing.
 */
bool lk_changelog_home(TALLOC_CTX *mem, const char *path,
                       const struct lk_changelog_options *options,
                       struct lk_found_folder *ret) LK_MUST_CHECK;

/* lk_changelog_join adds the migrations of a folder, behind those that are there. */
void lk_changelog_join(TALLOC_CTX *mem, struct lk_changelog *changelog,
                       const struct lk_found_folder *found,
                       const struct lk_changelog_options *options);

/*
 * lk_changelog_add_hook adds a hook that the configuration names: read as the migrations are where
 * values are put into those.
 */
void lk_changelog_add_hook(TALLOC_CTX *mem, struct lk_changelog *changelog,
                           enum lk_hook_event event, const char *path);

/*
 * lk_changelog_add_baseline adds the schema at a version, as pg_dump writes it: an empty database
 * is started with it, and so is what is known of the schema.
 */
void lk_changelog_add_baseline(TALLOC_CTX *mem, struct lk_changelog *changelog, const char *path,
                               const char *version);

/* lk_changelog_add_file adds one file, which need not follow any convention. */
void lk_changelog_add_file(TALLOC_CTX *mem, struct lk_changelog *changelog, const char *path);

/*
 * lk_changelog_add_given adds a migration of a folder that is not there yet, of which `given` is
 * the text; false where the folder's convention does not take the name for a migration's.
 */
bool lk_changelog_add_given(TALLOC_CTX *mem, struct lk_changelog *changelog,
                            const struct lk_folder *folder, const char *script,
                            const struct lk_bytes *given) LK_MUST_CHECK;

/* lk_changelog_sort puts the migrations in order and numbers them; call it once all are added. */
void lk_changelog_sort(struct lk_changelog *changelog);

/*
 * lk_changelog_version returns the version that people or a history call `text`: that of a
 * migration, with its place in the order; where the convention's versions are names, the number in
 * front of one is enough. A text that no migration answers to is a version as it stands.
 */
struct lk_version lk_changelog_version(TALLOC_CTX *mem, const struct lk_changelog *changelog,
                                       const char *text);

/*
 * lk_migration_read returns the text of a migration, with the files that it includes, and what is
 * no SQL masked where all of it is UTF-8: see lk_source_mask. It lives as long as `mem`.
 */
struct lk_source *lk_migration_read(TALLOC_CTX *mem, const struct lk_migration *migration,
                                    const struct lk_values *values, int version,
                                    struct lk_error *err) LK_MUST_CHECK;

/*
 * lk_folder_title returns what tells a folder from the others of its changelog: its name, with as
 * much of its path in front as that takes.
 */
const char *lk_folder_title(const struct lk_changelog *changelog, const struct lk_folder *folder);

/* lk_migration_title returns how a migration is called: "V2 add users", "R users view". */
char *lk_migration_title(TALLOC_CTX *mem, const struct lk_migration *migration);

#endif
