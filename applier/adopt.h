/*
 * applier/adopt.h
 *     Histories of other tools: which are there, what they say, and how it becomes ours.
 */
#ifndef LK_APPLIER_ADOPT_H
#define LK_APPLIER_ADOPT_H

#include "applier/operation.h"

/* How a row finds the file that it is about. */
enum lk_adopt_match {
    LK_ADOPT_BY_VERSION,
    LK_ADOPT_BY_SCRIPT,  /* its name without folder and ending; or the number in front */
    LK_ADOPT_BY_CONTENT, /* its SHA-256 */
    LK_ADOPT_BY_UP_TO,   /* it is the highest one: those below are applied, too */
};

/* How the key of a tool's advisory lock is made. */
enum lk_adopt_salt {
    LK_ADOPT_SALT_NONE,   /* it takes none */
    LK_ADOPT_SALT_PLAIN,  /* it is the same everywhere */
    LK_ADOPT_SALT_FLYWAY, /* of the table's name: lk_flyway_lock_key */
    LK_ADOPT_SALT_GOLANG, /* of the names of schema, table and database, 32 bits */
    LK_ADOPT_SALT_RAILS,  /* of the database's name */
    LK_ADOPT_SALT_SQLX,   /* of the database's name, with another factor */
    LK_ADOPT_SALT_KNEX,   /* a row in the table of the same name and "_lock" */
};

struct lk_adopt_tool {
    const char *name;
    const char *schema;  /* that its table is always in; NULL: any */
    const char *home;    /* that it by itself puts it into; NULL: the first one of search_path */
    const char *table;   /* NULL: there is a query alone */
    const char *with;    /* columns, a blank between two; "@x": a table beside it */
    const char *without; /* the same of what must not be there */
    enum lk_adopt_match match;
    enum lk_adopt_salt salt;
    int64_t key;
    const char *query; /* see adopt_tools.def */
    const char *advice;
};

enum lk_adopt_state {
    LK_ADOPT_APPLIED,
    LK_ADOPT_FAILED,
    LK_ADOPT_UNDONE,
    LK_ADOPT_DELETED,
    LK_ADOPT_BASELINE,  /* everything up to the version is there */
    LK_ADOPT_START,     /* the same, by a file that stands for all of it */
    LK_ADOPT_ELSEWHERE, /* carried out by a program: there is no file of SQL */
};

/* What a tool's history says of a migration; NULL where it says nothing. */
struct lk_adopt_row {
    const char *version;
    const char *script;
    const char *description;
    const char *checksum;
    const char *when; /* with its time zone */
    const char *who;
    enum lk_adopt_state state;
    bool repeatable;
};

struct lk_adopt_source {
    const struct lk_adopt_tool *tool;
    const char *name;  /* for people: the tool's, or "query" */
    const char *table; /* as SQL names it; NULL: of a query */
    const char *schema_name, *table_name;
    bool has_lock_table;
    bool on_path;                     /* its schema is one of search_path */
    LK_VEC(struct lk_adopt_row) rows; /* oldest first */
};

/* lk_adopt_tools returns all tools, sorted by name; `*count` of them. */
const struct lk_adopt_tool *lk_adopt_tools(size_t *count);

/*
 * lk_adopt_read finds the history that a request means (`from`, `table`, `query`), waits for no
 * lock but takes the tool's own, and reads it. None, or several, is an error that says what to ask
 * for; so is a tool that is at work (code LOCKED).
 */
bool lk_adopt_read(TALLOC_CTX *mem, const struct lk_request *request,
                   const struct lk_target *target, struct lk_adopt_source *ret,
                   struct lk_error *err) LK_MUST_CHECK;

/*
 * lk_adopt_check_none fails, of code DISAGREE, where the history of `target` has nothing that was
 * applied and that of another tool has: what is pending is there already, then. Histories count
 * that lie where names without a schema lead to, or where the tool by itself puts them.
 */
bool lk_adopt_check_none(TALLOC_CTX *mem, const struct lk_target *target,
                         struct lk_error *err) LK_MUST_CHECK;

/* What a checksum of another tool says of a file. */
enum lk_adopt_checked { LK_ADOPT_SAME, LK_ADOPT_DIFFERENT, LK_ADOPT_UNKNOWN };

/*
 * lk_adopt_check compares a file with a checksum: its form tells which one it is (CRC32 as Flyway
 * has it, MD5, SHA-1, SHA-256, SHA-384, graphile-migrate's, that of atlas.sum).
 */
enum lk_adopt_checked lk_adopt_check(TALLOC_CTX *mem, const struct lk_status_item *item,
                                     const char *checksum);

#endif
