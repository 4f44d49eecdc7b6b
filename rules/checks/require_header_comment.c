/*
 * # require-header-comment
 *
 * ## What it flags
 *
 * A migration that does not start with a comment, or whose comments on top lack a word that option
 * `contains` asks for. Off by default.
 *
 * ## Why it hurts
 *
 * SQL says what is done, not why. Years later the file is all that is left of the reason.
 *
 * ## Do instead
 *
 * ```sql
 * -- Orders keep the currency that they were made in: prices may change later.
 * ALTER TABLE orders ADD COLUMN currency text;
 * ```
 *
 * ## When it stays silent
 *
 * Where a comment stands before the first statement that says something in words: one that speaks
 * to a tool (`-- lockkeeper: ...`, `-- +goose Up`) does not count. On a file without statements.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - none
 */
#include <ctype.h>

#include "rules/suggest.h"

/* is_directive returns whether a comment is known to speak to this tool or to another linter. */
static bool
is_directive(const struct lk_check *check, struct lk_span comment)
{
    lk_vec_foreach(directive, &check->directives->items)
        if (directive->span.start == comment.start)
            return true;
    return false;
}

/*
 * has_words returns whether a comment has two words that letters begin: "+goose Up", "migrate:up"
 * and lines of dashes have not.
 */
static bool
has_words(const char *text, struct lk_span comment)
{
    unsigned words = 0;
    bool inside = false;

    for (uint32_t i = comment.start; i < comment.end; i++) {
        bool blank = isspace((unsigned char)text[i]) != 0;
        if (!blank && !inside)
            words += isalpha((unsigned char)text[i]) || ((unsigned char)text[i] & 0x80) != 0;
        inside = !blank;
    }
    return words >= 2;
}

/* contains returns whether one of the comments in front of `first` contains a word. */
static bool
contains(const struct lk_check *check, uint32_t first, const char *word)
{
    lk_vec_foreach(comment, &check->script->comments)
        if (comment->start < first &&
            memmem(check->source->text + comment->start, comment->end - comment->start, word,
                   strlen(word)) != NULL)
            return true;
    return false;
}

/* check_words reports the first word that has to be there and is not. */
static void
check_words(struct lk_check *check, uint32_t first)
{
    const char *const *words = lk_rule_list(check, "contains");

    while (words != NULL && *words != NULL && contains(check, first, *words))
        words++;
    if (words == NULL || *words == NULL)
        return;
    struct lk_finding *finding =
        lk_report_file(check, check->migration->path, check->migration->ordinal,
                       "the comment that the migration starts with does not say \"%s\"", *words);
    lk_finding_hint(check, finding, "Say it on top of the file.");
}

static void
check_file(struct lk_check *check)
{
    if (check->script->statements.count == 0)
        return;
    uint32_t first = check->script->statements.items[0].span.start;
    lk_vec_foreach(comment, &check->script->comments) {
        if (comment->start < first && !is_directive(check, *comment) &&
            has_words(check->source->text, *comment)) {
            check_words(check, first);
            return;
        }
    }
    struct lk_finding *finding =
        lk_report_file(check, check->migration->path, check->migration->ordinal,
                       "the migration does not start with a comment that says why it is there");
    lk_finding_hint(check, finding, "Say on top of the file, in words, what it is for.");
}

const struct lk_rule lk_rule_require_header_comment = {
    .name = "require-header-comment",
    .group = LK_GROUP_VERSION,
    .severity = LK_SEVERITY_OFF,
    .summary = "a migration that does not say why it is there",
    .options = {{.name = "contains",
                 .summary = "what the comments on top have to say, each word for word",
                 .type = LK_TYPE_LIST}},
    .end_of_file = check_file,
};
