/*
 * rules/rule.h
 *     What a rule is, and what it sees.
 *
 * A rule is one file rules/checks/<name>.c with one exported `const struct lk_rule`, one line in
 * rules.def and one folder fixtures/rules/<name>/. Its file starts with its page, in Markdown. A
 * rule cannot fail: it reports, or stays silent.
 */
#ifndef LK_RULES_RULE_H
#define LK_RULES_RULE_H

#include "parser/body.h"
#include "parser/script.h"
#include "rules/effects/effects.h"
#include "rules/finding.h"
#include "rules/held.h"
#include "rules/outline.h"
#include "rules/schema/refusal.h"
#include "rules/session.h"
#include "rules/settings.h"

enum lk_group {
#define LK_GROUP(name, word, title) LK_GROUP_##name,
#include "rules/groups.def"
#undef LK_GROUP
    LK_GROUP_COUNT
};

/* A call of a routine of the history, which is looked into. */
struct lk_call {
    const struct lk_function *routine;
    const struct lk_call *outer;           /* the call whose routine calls this one; or NULL */
    struct lk_source *text;                /* what made it: all of it stands for the call */
    const struct CreateFunctionStmt *made; /* the same */
    const struct lk_body *body;            /* in there */
    struct lk_source *source;              /* what calls it: the text around it, */
    const struct lk_statement *from;       /* the statement, */
    const struct lk_nested *nested;        /* and as one in a body; or NULL */
    bool maybe;                            /* it is called on a condition */
    bool caught;                           /* and where errors are caught */
};

/* Everything a rule may look at. */
struct lk_check {
    const struct lk_rule *rule;
    const struct lk_settings *settings;
    const struct lk_changelog *changelog;
    const struct lk_migration *migration;   /* NULL at the end of the changelog */
    struct lk_source *source;               /* what the spans of the statement at hand are of */
    struct lk_script *script;               /* of the file */
    const struct lk_outline *outline;       /* the whole migration's transactions */
    const struct lk_catalog *catalog;       /* before the statement */
    const struct lk_session *session;       /* before the statement */
    const struct lk_held *held;             /* by the transaction, before the statement */
    const struct lk_effects *effects;       /* of the statement */
    const struct lk_directives *directives; /* in the comments of the file */
    const struct lk_statement *statement;   /* NULL in end_of_file and end_of_changelog */
    const struct lk_nested *nested;         /* the same, where it stands in a body; else NULL */
    bool alters_used;                       /* it is ALTER TABLE, see lk_alters_used_table */
    const struct lk_body *body;             /* that `nested` stands in */
    const struct lk_call *call;             /* by which that is carried out; NULL: a DO block */
    struct lk_findings *findings;
    TALLOC_CTX *mem; /* lives as long as the findings */
};

/*
 * A check is called for each node of the tags it subscribes to: the statement itself, those in its
 * WITH clause, and of ALTER TABLE and CREATE TABLE the commands, column definitions and constraints
 * in it. The statements in a DO block are checked like others, behind the block itself, which has
 * no effects of its own then. Those in routines wait for a call: SELECT and CALL of one that the
 * history has made is followed by what it does, whose findings stand at the call.
 */
typedef void lk_check_node(struct lk_check *check, const struct Node *node);
typedef void lk_check_all(struct lk_check *check);
typedef void lk_check_refusal(struct lk_check *check, const struct lk_refusal *refusal);

#define LK_RULE_MAX_TAGS 6
#define LK_RULE_MAX_REFUSALS 32

/* What may come with a rule's findings, where their surroundings allow it. */
enum lk_rule_fix {
    LK_RULE_FIX_NONE,
    LK_RULE_FIX_SAFE,
    LK_RULE_FIX_UNSAFE, /* one that `fix` makes with --unsafe alone */
    LK_RULE_FIX_EITHER, /* as the case may be */
};

struct lk_rule_option {
    const char *name;
    const char *summary; /* what it means; of a boolean, what `true` means */
    enum lk_option_type type;
    int64_t low, high, standard; /* of an integer; strings and lists are not given by default */
};

struct lk_rule {
    const char *name;
    enum lk_group group;
    enum lk_severity severity; /* by default */
    const char *summary;       /* what it flags, a clause without a period */
    enum lk_rule_fix fix;      /* what comes with its findings; a test compares */
    const char *aliases[4];    /* "tool:name" of other tools' suppressions that are honoured */
    bool undo_too;             /* it looks at undo migrations as well */
    bool needs_past;           /* it compares with an earlier time, where that is known */
    bool leaves_out;           /* apply would leave out what it reports: it does not begin then */
    struct lk_rule_option options[LK_RULE_MAX_OPTIONS];

    struct {
        int tag; /* a NodeTag */
        lk_check_node *check;
    } on[LK_RULE_MAX_TAGS];
    lk_check_all *on_statement; /* every statement that has a tree */
    lk_check_all *end_of_file;
    lk_check_all *after_suppression; /* of a file's findings; it has no script any more */
    lk_check_all *end_of_changelog;
    lk_check_all *on_broken; /* a statement without a tree, or a file that is no text */
    const char *refusals[LK_RULE_MAX_REFUSALS]; /* the SQLSTATEs that on_refused is called for */
    lk_check_refusal *on_refused; /* the server refuses the statement; the catalog is as before */
    lk_check_all *on_dynamic;     /* an EXECUTE in a DO block, of a text that is not known */
};

/*
 * lk_report adds a finding at `span` of the file at hand and returns it to be completed; it stays
 * good until the next report. The message is lowercase without a final period.
 */
struct lk_finding *lk_report(struct lk_check *check, struct lk_span span, const char *format, ...)
    LK_PRINTF(3, 4);

/* lk_report_file is lk_report for a file as a whole, or one that is no migration. */
struct lk_finding *lk_report_file(struct lk_check *check, const char *path, uint32_t ordinal,
                                  const char *format, ...) LK_PRINTF(4, 5);

void lk_finding_detail(struct lk_check *check, struct lk_finding *finding, const char *format, ...)
    LK_PRINTF(3, 4);
void lk_finding_hint(struct lk_check *check, struct lk_finding *finding, const char *format, ...)
    LK_PRINTF(3, 4);
/* lk_finding_hint_marked gives a hint about lk_marked_text: where a routine is called, that is the
 * call, not the statement in the routine. */
void lk_finding_hint_marked(struct lk_check *check, struct lk_finding *finding, const char *format,
                            ...) LK_PRINTF(3, 4);
void lk_finding_object(struct lk_check *check, struct lk_finding *finding, const char *object);

/*
 * lk_report_refusal reports what the server refuses, in the server's words, at the place and with
 * the objects that it names.
 */
struct lk_finding *lk_report_refusal(struct lk_check *check, const struct lk_refusal *refusal);

/* lk_rule_option returns whether the boolean option of the rule at hand is switched on. */
bool lk_rule_option(const struct lk_check *check, const char *name);

/* lk_rule_number returns an integer option, lk_rule_list the strings of a list (NULL: none), and
 * lk_rule_string a string (NULL: none), for the file at `path`. */
int64_t lk_rule_number(const struct lk_check *check, const char *name);
const char *const *lk_rule_list(const struct lk_check *check, const char *name);
const char *lk_rule_string(const struct lk_check *check, const char *name, const char *path);

/* lk_word_span returns the span of the word or literal at a node's location. */
struct lk_span lk_word_span(const struct lk_check *check, int location);

#endif
