/*
 * parser/naming_write.h
 *     Naming conventions the other way round: names and files as their runners want them.
 */
#ifndef LK_PARSER_NAMING_WRITE_H
#define LK_PARSER_NAMING_WRITE_H

#include "parser/changelog.h"

/* What makes a migration run outside a transaction: text for it, or for the file beside it. */
struct lk_switch {
    const char *beside; /* relative to the folder; NULL: the text goes into the migration itself */
    uint32_t at;        /* where it is put in */
    const char *text;
};

/*
 * lk_naming_switch_off returns what is to be written so that the runner opens no transaction around
 * a migration whose own text is `source`; false where the convention has no way to say it, or the
 * file's form gives no place for it.
 */
bool lk_naming_switch_off(TALLOC_CTX *mem, const struct lk_migration *migration,
                          const struct lk_source *source, struct lk_switch *ret);

/* lk_naming_has_off returns whether the convention has a way to say it. */
bool lk_naming_has_off(const struct lk_naming *naming);

/*
 * lk_naming_next returns the name, relative to the folder, of a migration that comes right behind
 * this one and those made to stand there: the next version and `label`, of which letters and digits
 * are taken. With `front`, and where no such version is free, it comes in front of those, or of
 * some. NULL where the convention knows no such name, or another migration is in the way.
 */
char *lk_naming_next(TALLOC_CTX *mem, const struct lk_changelog *changelog,
                     const struct lk_migration *migration, const char *label, bool front);

/*
 * lk_naming_is_taken returns whether a name in a folder is a file's: what was there under it may be
 * called something else by now.
 */
bool lk_naming_is_taken(const struct lk_changelog *changelog, const struct lk_folder *folder,
                        const char *script);

/*
 * lk_naming_renumber returns the name of a migration with the version that follows `before`; NULL
 * where there is none.
 */
char *lk_naming_renumber(TALLOC_CTX *mem, const struct lk_changelog *changelog,
                         const struct lk_migration *migration, const struct lk_migration *before);

/*
 * lk_naming_compose returns the text of a file with `up`, and `down` where the convention has both
 * in one file, which the runner opens no transaction for if `off`. Both end with a newline; `off`
 * takes a convention for which lk_naming_switch_off finds a way.
 */
char *lk_naming_compose(TALLOC_CTX *mem, const struct lk_naming *naming, bool off, const char *up,
                        const char *down);

/*
 * lk_naming_undo returns the name of the file that takes `script` back, called as `undo` is beside
 * the migration that one takes back; NULL where the names do not tell.
 */
char *lk_naming_undo(TALLOC_CTX *mem, const struct lk_migration *undo, const char *script);

/* lk_naming_down_inside returns whether a file of the convention holds what takes it back, too. */
bool lk_naming_down_inside(const struct lk_naming *naming);

#endif
