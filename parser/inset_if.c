/*
 * parser/inset_if.c
 *     What psql runs under a condition: \if, \elif, \else, \endif.
 *
 * A condition whose value is known is decided as psql does, and what it rules out is masked. Where
 * a value is missing the \if is refused, and all branches are read. Each file has conditions of its
 * own. Source: PostgreSQL documentation, psql, \if; src/bin/psql/command.c, exec_command_if and
 * those behind it; src/bin/psql/variables.c, ParseVariableBool.
 */
#include "parser/base/text.h"
#include "parser/inset_private.h"

/* psql_bool returns whether psql takes a text for a Boolean, and in `ret` which. */
static bool
psql_bool(const char *text, bool *ret)
{
    static const struct {
        const char *word;
        size_t shortest; /* "o" could be both */
        bool value;
    } words[] = {
        {"true", 1, true}, {"false", 1, false}, {"yes", 1, true}, {"no", 1, false},
        {"on", 2, true},   {"off", 2, false},   {"1", 1, true},   {"0", 1, false},
    };
    size_t length = strlen(text);

    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++) {
        if (length < words[i].shortest || length > strlen(words[i].word))
            continue;
        char prefix[8] = {0};
        memcpy(prefix, words[i].word, length);
        if (lk_word_is(text, length, prefix)) {
            *ret = words[i].value;
            return true;
        }
    }
    return false;
}

static struct lk_inset_branch *
innermost(const struct lk_inset_search *search)
{
    return search->file->branches.count > 0 ? lk_vec_last(&search->file->branches) : NULL;
}

bool
lk_inset_is_skipped(const struct lk_inset_search *search)
{
    const struct lk_inset_branch *branch = innermost(search);

    return branch != NULL &&
           (branch->state == LK_BRANCH_NOT_YET || branch->state == LK_BRANCH_OVER);
}

bool
lk_inset_is_certain(const struct lk_inset_search *search)
{
    for (const struct lk_inset_file *file = search->file; file != NULL; file = file->outer)
        lk_vec_foreach(branch, &file->branches)
            if (branch->state == LK_BRANCH_UNKNOWN)
                return false;
    return true;
}

void
lk_inset_skip(struct lk_inset_search *search, uint32_t at, uint32_t next)
{
    struct lk_span span = {search->file->skipped, at};

    search->file->skipped = next;
    if (span.end <= span.start)
        return;
    lk_inset_add(search, LK_INSET_SKIPPED, span);
    lk_inset_blank(search, span, "");
}

static void
refuse(struct lk_inset_search *search, size_t index, const char *why)
{
    search->source->insets.items.items[index].why = why;
}

/* decide returns what follows from a condition; what is not known of it, it refuses. */
static enum lk_inset_branch_state
decide(struct lk_inset_search *search, size_t index, const struct lk_inset_argument *condition)
{
    bool value = false;

    if (condition->missing != NULL || condition->unknown) {
        refuse(search, index,
               condition->missing != NULL
                   ? lk_fmt(search->source,
                            "what is run depends on the variable %s, which has no value here",
                            condition->missing)
                   : "what is run depends on what is known only then");
        return LK_BRANCH_UNKNOWN;
    }
    if (!psql_bool(condition->text, &value))
        refuse(search, index, "psql takes its condition for false, as it is no Boolean");
    return value ? LK_BRANCH_TAKEN : LK_BRANCH_NOT_YET;
}

static void
open_branch(struct lk_inset_search *search, size_t index, const struct lk_inset_argument *condition)
{
    struct lk_inset_branch branch = {.command = index, .state = LK_BRANCH_OVER};

    if (!lk_inset_is_skipped(search))
        branch.state = decide(search, index, condition);
    lk_vec_push(search->source, &search->file->branches, branch);
}

/* next_branch goes on behind \elif or \else, in the \if that is open. */
static void
next_branch(struct lk_inset_search *search, size_t index, const struct lk_inset_argument *condition)
{
    struct lk_inset_branch *branch = innermost(search);
    bool last = search->source->insets.items.items[index].command->effect == LK_PSQL_ELSE;

    if (branch->last) {
        refuse(search, index, "it stands behind the \\else of its \\if");
        return;
    }
    branch->last = last;
    if (branch->state == LK_BRANCH_TAKEN)
        branch->state = LK_BRANCH_OVER;
    else if (branch->state == LK_BRANCH_NOT_YET)
        branch->state = last ? LK_BRANCH_TAKEN : decide(search, index, condition);
}

void
lk_inset_branch(struct lk_inset_search *search, size_t index,
                const struct lk_inset_argument *condition)
{
    enum lk_psql_effect effect = search->source->insets.items.items[index].command->effect;

    if (effect == LK_PSQL_IF)
        open_branch(search, index, condition);
    else if (innermost(search) == NULL)
        refuse(search, index, "no \\if is open");
    else if (effect == LK_PSQL_ENDIF)
        search->file->branches.count--;
    else
        next_branch(search, index, condition);
    search->file->skipped = search->lexer.pos;
}

void
lk_inset_end_file(struct lk_inset_search *search)
{
    if (lk_inset_is_skipped(search))
        lk_inset_skip(search, search->lexer.end, search->lexer.end);
    lk_vec_foreach(branch, &search->file->branches)
        refuse(search, branch->command, "no \\endif closes it in its file");
    search->file->branches.count = 0;
}
