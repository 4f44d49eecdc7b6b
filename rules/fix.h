/*
 * rules/fix.h
 *     Fixes: what would make a finding go away, as data.
 *
 * A fix is edits on spans of the migration's own text, files that are to be made, and perhaps a new
 * name: comments and layout stay as they are, nothing is deparsed. How a rule offers one, beside
 * its hint and from the same words:
 *
 *     struct lk_finding *finding = lk_report(check, span, "...");
 *     lk_fix_behind(check, finding, "index", " CONCURRENTLY");
 *     lk_finding_hint(check, finding, "%s%s;", lk_outside_advice(check),
 *                     lk_fix_statement(check, finding));
 *     lk_fix_outside(check, finding);
 *
 * - lk_fix_insert, lk_fix_replace, lk_fix_behind and lk_fix_delete note edits, by offsets of
 *   check->source, smaller ones rather than large ones: what is copied from the text into an edit
 *   lacks the comments in it, and what placeholders stand for.
 * - lk_fix_before, lk_fix_after and lk_fix_append put further statements around it.
 * - lk_fix_statement returns the statement with the edits done, for the hint.
 * - lk_fix_outside makes the statement as edited run outside a transaction: in place, with the
 *   convention's directive, or in a migration of its own behind this one.
 * - lk_fix_follow puts SQL into a further migration behind this one.
 * - lk_fix_unsafe marks a fix that changes more than the flagged clause: `fix` asks for --unsafe.
 *
 * None of them fails: where something cannot be done (the text is an included file's, no name is
 * free for a migration behind this one) the finding has no fix in the end, and the hint stays. A
 * rule that cannot do without a condition calls lk_fix_refuse.
 */
#ifndef LK_RULES_FIX_H
#define LK_RULES_FIX_H

#include "rules/rule.h"

struct ColumnDef;
struct Constraint;

/* A part of a file that is replaced; of an insertion the span is empty. */
struct lk_edit {
    struct lk_span span;      /* of the file, behind a byte order mark */
    struct lk_span seen;      /* the same in the text that the rule saw */
    const char *text;         /* line ends are \n, whatever the file's are */
    struct lk_position start; /* of the span, and the one behind it: see lk_quote_places */
    struct lk_position end;
    uint32_t start_byte; /* the columns as bytes of UTF-8 */
    uint32_t end_byte;
};

/* A file that is made, or of which a new text is known as a whole. */
struct lk_fix_file {
    const struct lk_folder *folder;
    const char *script; /* relative to it */
    const char *path;
    const char *text;
    unsigned beside; /* what the file beside it says, where the fix makes one: LK_BESIDE_* */
    bool migration;  /* it is one */
};

struct lk_fix {
    bool safe;
    bool refused; /* not offered: see lk_finding_fix */
    bool whole; /* it changes more than its statement: what is true of the others may not be then */
    LK_VEC(struct lk_edit) edits; /* of the finding's file, in its order, none overlapping */
    LK_VEC(struct lk_fix_file) files;
    const char *rename;              /* the file's new name, relative to its folder; or NULL */
    const struct lk_migration *undo; /* the one that takes it back, and is renamed along; or NULL */
    const char *undo_rename;
    unsigned beside; /* what the file beside it says then, in addition */
    bool front;      /* further migrations come before those that other fixes made there */
};

/* lk_finding_fix returns the fix that a finding offers, or NULL. */
const struct lk_fix *lk_finding_fix(const struct lk_finding *finding);

/*
 * lk_finding_fix_shown is the same for reports: a fix whose text holds a secret is not printed, and
 * with asterisks in it, it would be another one. `lockkeeper fix` writes it.
 */
const struct lk_fix *lk_finding_fix_shown(const struct lk_finding *finding);

/* lk_fix_insert puts text in at an offset. */
void lk_fix_insert(struct lk_check *check, struct lk_finding *finding, uint32_t at,
                   const char *text);

/* lk_fix_replace puts text in place of a span. */
void lk_fix_replace(struct lk_check *check, struct lk_finding *finding, struct lk_span span,
                    const char *text);

/* lk_fix_behind puts text in behind the first `word` of the statement (any case). */
void lk_fix_behind(struct lk_check *check, struct lk_finding *finding, const char *word,
                   const char *text);

/* lk_fix_delete takes a statement of the file out, with its semicolon; comments stay. */
void lk_fix_delete(struct lk_check *check, struct lk_finding *finding,
                   const struct lk_statement *statement);

/*
 * lk_fix_before puts a complete statement above the one at hand and its comments, lk_fix_after
 * below it, lk_fix_below below another one of the file, lk_fix_append below the last one that is
 * applied.
 */
void lk_fix_before(struct lk_check *check, struct lk_finding *finding, const char *sql);
void lk_fix_after(struct lk_check *check, struct lk_finding *finding, const char *sql);
void lk_fix_below(struct lk_check *check, struct lk_finding *finding,
                  const struct lk_statement *statement, const char *sql);
void lk_fix_append(struct lk_check *check, struct lk_finding *finding, const char *sql);

/* lk_fix_bound bounds the wait for the locks of the statement at hand, where nothing does. */
void lk_fix_bound(struct lk_check *check, struct lk_finding *finding);

/* lk_fix_statement returns the statement at hand as the edits so far make it; for hints. */
char *lk_fix_statement(struct lk_check *check, const struct lk_finding *finding);

/* lk_fix_swap puts text in place of a part of the statement; the comments in it stay, behind it. */
void lk_fix_swap(struct lk_check *check, struct lk_finding *finding, struct lk_span span,
                 const char *text);

/* lk_fix_cut takes a part of the statement out, with the blanks in front; comments in it stay. */
void lk_fix_cut(struct lk_check *check, struct lk_finding *finding, struct lk_span span);

/*
 * lk_fix_command returns the index of the subcommand of the ALTER TABLE at hand that `def` is part
 * of: what it adds, a constraint or column.
 */
size_t lk_fix_command(const struct lk_check *check, const void *def);

/* lk_fix_cut_command takes the subcommand of that index out of the ALTER TABLE at hand, which has
 * others. */
void lk_fix_cut_command(struct lk_check *check, struct lk_finding *finding, size_t index);

/* lk_fix_cut_part takes a constraint out of the definition of the column that is added. */
void lk_fix_cut_part(struct lk_check *check, struct lk_finding *finding,
                     const struct ColumnDef *definition, const struct Constraint *constraint);

/*
 * lk_fix_wait says that the check of the rows that `constraint` brings, or what else comes with it,
 * is put off to a migration behind this one: nothing behind the statement in the file may need it
 * done, nor have the names mean something else.
 */
void lk_fix_wait(struct lk_check *check, struct lk_finding *finding, const char *constraint);

/*
 * lk_fix_not_valid has the ALTER TABLE at hand add a constraint NOT VALID, called `name`, and a
 * migration behind this one validate it.
 */
void lk_fix_not_valid(struct lk_check *check, struct lk_finding *finding,
                      const struct Constraint *constraint, const char *name);

/* lk_fix_name refuses the fix where a constraint has no name, and `name` may become another's that
 * the statement adds. */
void lk_fix_name(struct lk_check *check, struct lk_finding *finding,
                 const struct Constraint *constraint, const char *name);

/* lk_fix_validate adds a migration behind this one that validates the constraint of that name. */
void lk_fix_validate(struct lk_check *check, struct lk_finding *finding, const char *name);

/* lk_fix_postpone moves the statement, as the edits so far make it, into a migration behind this
 * one. */
void lk_fix_postpone(struct lk_check *check, struct lk_finding *finding, const char *label);

/* lk_fix_need_sql refuses the fix where something stands in the statement that is no SQL, such as a
 * placeholder: what is made of its names and texts would not say what that stands for. */
void lk_fix_need_sql(struct lk_check *check, struct lk_finding *finding);

/*
 * lk_fix_need_free refuses the fix where the rest of the file may need what the statement makes,
 * `made`, or the file sets what names mean.
 */
void lk_fix_need_free(struct lk_check *check, struct lk_finding *finding, const char *made);

/* An index that is built in place of a constraint that ALTER TABLE adds. */
struct lk_fix_index {
    const char *sql;  /* CREATE INDEX CONCURRENTLY ... */
    const char *name; /* of the index, not quoted */
    const char *undo; /* a complete statement */
};

/* lk_fix_build adds a migration behind this one that builds an index, outside a transaction. */
void lk_fix_build(struct lk_check *check, struct lk_finding *finding,
                  const struct lk_fix_index *index);

/*
 * lk_fix_build_for has the index built in place of the subcommand `command` of the ALTER TABLE at
 * hand: by that statement, as lk_fix_outside does, or where it has others, behind this migration.
 */
void lk_fix_build_for(struct lk_check *check, struct lk_finding *finding, size_t command,
                      const struct lk_fix_index *index);

/* What a further migration holds. */
struct lk_follow {
    const char *label; /* what it does, for its name: "validate orders_user_id_fkey" */
    const char *sql;   /* complete statements */
    bool locks;        /* it waits for strong locks */
    const char *undo;  /* what takes it back; NULL: nothing, or the migration in front does */
    bool outside;      /* it must not run in a transaction, and the runner has to be told */
};

/* lk_fix_follow adds a migration behind this one, and behind those that were added before. */
void lk_fix_follow(struct lk_check *check, struct lk_finding *finding,
                   const struct lk_follow *follow);

/*
 * lk_fix_outside has the statement, as the edits so far make it, run outside a transaction: where
 * it stands, or where other statements want a transaction there, in a migration of its own, if
 * none of those behind it can need it.
 */
void lk_fix_outside(struct lk_check *check, struct lk_finding *finding);

/*
 * lk_fix_anew has CREATE INDEX CONCURRENTLY IF NOT EXISTS, the statement at hand as the edits so
 * far make it, build the index anew in place of what a failed build may have left: the clause goes,
 * DROP INDEX comes in front. It gives the hint, too, which begins with `outside`.
 */
void lk_fix_anew(struct lk_check *check, struct lk_finding *finding, const char *outside);

/* lk_fix_unsay takes the name of that index out of a suppression, or with SIZE_MAX all of the
 * comment. */
void lk_fix_unsay(struct lk_check *check, struct lk_finding *finding,
                  const struct lk_directive *directive, size_t name);

/*
 * lk_fix_rename gives a finding on a file as a whole a new name for it, and lk_fix_rename_undo the
 * migration that takes that one back a new name along with it.
 */
void lk_fix_rename(struct lk_check *check, struct lk_finding *finding, const char *script);
void lk_fix_rename_undo(struct lk_check *check, struct lk_finding *finding,
                        const struct lk_migration *undo, const char *script);

void lk_fix_unsafe(struct lk_check *check, struct lk_finding *finding);
void lk_fix_refuse(struct lk_check *check, struct lk_finding *finding);

#endif
