/*
 * rules/fix_statement.c
 *     Fixes around whole statements, with the comments that are theirs: see fix.h.
 */
#include "parser/command.h"
#include "parser/lexer.h"
#include "rules/fix_private.h"
#include "rules/suggest.h"

/* line_start returns where the line starts that an offset is in. */
static uint32_t
line_start(const char *text, uint32_t at, uint32_t least)
{
    while (at > least && text[at - 1] != '\n')
        at--;
    return at;
}

uint32_t
lk_skip_blanks(const char *text, uint32_t at, uint32_t end)
{
    while (at < end && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r'))
        at++;
    return at;
}

/* comments_before returns how many comments end at an offset or before it. */
static size_t
comments_before(const struct lk_script *script, uint32_t offset)
{
    size_t low = 0, high = script->comments.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (script->comments.items[middle].end <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* own_start returns where the comments start that stand right above a statement, no empty line
 * between; of the statement itself where something else stands in its line. */
static uint32_t
own_start(const struct lk_check *check, const struct lk_statement *statement)
{
    const char *text = check->source->text;
    uint32_t least = statement->region.start;
    uint32_t start = line_start(text, statement->span.start, least);

    if (lk_skip_blanks(text, start, statement->span.start) < statement->span.start ||
        (start > 0 && text[start - 1] != '\n'))
        return statement->span.start;
    for (size_t i = comments_before(check->script, start); i-- > 0;) {
        struct lk_span comment = check->script->comments.items[i];
        if (comment.start < least)
            break;
        uint32_t above = line_start(text, comment.start, least);
        uint32_t behind = lk_skip_blanks(text, comment.end, start);
        if (behind + (text[behind] == '\n') != start ||
            lk_skip_blanks(text, above, comment.start) < comment.start ||
            (above > 0 && text[above - 1] != '\n'))
            break;
        start = above;
    }
    return start;
}

/* semicolon_behind returns where a statement's semicolon ends; false where it has none. */
static bool
semicolon_behind(const struct lk_check *check, const struct lk_statement *statement,
                 uint32_t *ret_end)
{
    const char *text = check->source->text;
    struct lk_lexer lexer =
        lk_lexer_at(text, (struct lk_span){statement->span.end,
                                           LK_MAX(statement->region.end, statement->span.end)});
    struct lk_token token = lk_lex_code(&lexer);

    *ret_end = token.span.end;
    return lk_token_is_symbol(text, token, ';');
}

/* own_end returns where a statement's line ends, with its semicolon, the rows that belong to it,
 * and a comment behind it. */
static uint32_t
own_end(const struct lk_check *check, const struct lk_statement *statement)
{
    const char *text = check->source->text;
    uint32_t end;
    bool ended = semicolon_behind(check, statement, &end);
    const struct lk_inset *rows = ended ? lk_source_data(check->source, statement->span.end) : NULL;

    if (!ended)
        end = statement->span.end;
    if (rows != NULL && rows->owner < end)
        return rows->span.end;
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){end, check->source->size});
    struct lk_token token = lk_lex(&lexer);
    if (token.kind == LK_TOKEN_COMMENT &&
        memchr(text + end, '\n', token.span.start - end) == NULL &&
        memchr(text + token.span.start, '\n', token.span.end - token.span.start) == NULL)
        end = token.span.end;
    uint32_t next = lk_skip_blanks(text, end, check->source->size);
    return text[next] == '\n' ? next + 1 : next == check->source->size ? next : end;
}

struct lk_span
lk_fix_whole(const struct lk_check *check, const struct lk_statement *statement)
{
    return (struct lk_span){own_start(check, statement), own_end(check, statement)};
}

/* bare_span returns where a statement and its semicolon stand, and all of the line if there is
 * nothing else in it. */
static struct lk_span
bare_span(const struct lk_check *check, const struct lk_statement *statement)
{
    const char *text = check->source->text;
    struct lk_span span = statement->span;

    if (!semicolon_behind(check, statement, &span.end))
        span.end = statement->span.end;
    uint32_t start = line_start(text, span.start, 0);
    uint32_t next = lk_skip_blanks(text, span.end, check->source->size);
    if (lk_skip_blanks(text, start, span.start) < span.start || text[next] != '\n')
        return span;
    return (struct lk_span){start, next + 1};
}

/* is_in returns whether an edit is of a part of the text: what is put in at its ends is, what is
 * replaced beside it is not. */
static bool
is_in(const struct lk_edit *edit, struct lk_span span)
{
    if (edit->seen.end == edit->seen.start)
        return edit->seen.start >= span.start && edit->seen.start <= span.end;
    return edit->seen.end > span.start && edit->seen.start < span.end;
}

/* take_out deletes a part of the text. Of what was put into it nothing is left. */
static void
take_out(struct lk_check *check, struct lk_finding *finding, struct lk_span span)
{
    struct lk_fix *fix = lk_fix_of(check, finding);
    size_t kept = 0;

    lk_vec_foreach(edit, &fix->edits)
        if (!is_in(edit, span))
            fix->edits.items[kept++] = *edit;
    fix->edits.count = kept;
    lk_fix_replace(check, finding, span, "");
    fix->whole = true;
}

void
lk_fix_delete(struct lk_check *check, struct lk_finding *finding,
              const struct lk_statement *statement)
{
    take_out(check, finding, bare_span(check, statement));
}

void
lk_fix_take_whole(struct lk_check *check, struct lk_finding *finding)
{
    struct lk_span span = lk_fix_whole(check, check->statement);
    const char *text = check->source->text;

    /* of the empty lines above and below one is enough */
    bool above = span.start < 2 || (text[span.start - 1] == '\n' && text[span.start - 2] == '\n');
    if (above && text[span.end] == '\n')
        span.end++;
    take_out(check, finding, span);
}

/*
 * is_ended_otherwise returns whether psql sends a statement by a command in place of a semicolon:
 * what is put behind it would be another's.
 */
static bool
is_ended_otherwise(const struct lk_check *check, const struct lk_statement *statement)
{
    uint32_t end;

    if (semicolon_behind(check, statement, &end))
        return false;
    lk_vec_foreach(inset, &check->source->insets.items)
        if (inset->kind == LK_INSET_COMMAND && inset->span.start >= statement->span.end)
            return true;
    return false;
}

void
lk_fix_end(struct lk_check *check, struct lk_finding *finding, const struct lk_statement *statement)
{
    uint32_t end;

    if (check->nested != NULL || is_ended_otherwise(check, statement))
        lk_fix_refuse(check, finding);
    else if (!semicolon_behind(check, statement, &end))
        lk_fix_insert(check, finding, statement->span.end, ";");
}

/* between_of returns what a file has between its statements, beside semicolons: "" for nothing. */
static const char *
between_of(const struct lk_check *check)
{
    const struct lk_naming *naming = check->migration->folder->naming;
    const char *between = naming != NULL ? naming->between : NULL;

    return between != NULL && memmem(check->source->text, check->source->size, between,
                                     strlen(between)) != NULL
               ? between
               : "";
}

void
lk_fix_below(struct lk_check *check, struct lk_finding *finding,
             const struct lk_statement *statement, const char *sql)
{
    uint32_t end = own_end(check, statement);
    const char *text = check->source->text, *between = between_of(check);
    bool line = end > 0 && text[end - 1] == '\n';

    lk_fix_end(check, finding, statement);
    if (between[0] == '\0')
        sql = line ? lk_fmt(check->mem, "%s\n", sql) : lk_fmt(check->mem, "\n%s", sql);
    else if (memmem(text + statement->span.end, end - statement->span.end, between,
                    strlen(between)) != NULL) /* it stands in front already */
        sql = lk_fmt(check->mem, "%s%s%s\n", line ? "" : "\n", sql, between);
    else
        sql = lk_fmt(check->mem, "%s%s\n%s%s", line ? "" : "\n", between, sql, line ? "\n" : "");
    lk_fix_insert(check, finding, end, sql);
}

void
lk_fix_before(struct lk_check *check, struct lk_finding *finding, const char *sql)
{
    if (check->nested != NULL)
        lk_fix_refuse(check, finding);
    else
        lk_fix_insert(check, finding, own_start(check, check->statement),
                      lk_fmt(check->mem, "%s%s\n", sql, between_of(check)));
}

void
lk_fix_after(struct lk_check *check, struct lk_finding *finding, const char *sql)
{
    if (check->nested != NULL)
        lk_fix_refuse(check, finding);
    else
        lk_fix_below(check, finding, check->statement, sql);
}

void
lk_fix_append(struct lk_check *check, struct lk_finding *finding, const char *sql)
{
    if (check->nested != NULL || check->script->statements.count == 0)
        lk_fix_refuse(check, finding);
    else
        lk_fix_below(check, finding, lk_vec_last(&check->script->statements), sql);
}

/*
 * last_bounded returns the last statement, from the one at hand on, that one SET lock_timeout can
 * stand for: up to what must not be cut short, and what settings or transactions end at.
 */
static const struct lk_statement *
last_bounded(const struct lk_check *check)
{
    const struct lk_statement *last = check->statement;
    const struct lk_statement *end =
        check->script->statements.items + check->script->statements.count;

    if (check->nested != NULL)
        return last;
    for (const struct lk_statement *next = last + 1; next < end; last = next++)
        if (next->tree == NULL || IsA(next->tree, TransactionStmt) ||
            IsA(next->tree, VariableSetStmt) || lk_refuses_transaction(check->catalog, next->tree))
            break;
    return last;
}

void
lk_fix_bound(struct lk_check *check, struct lk_finding *finding)
{
    if (lk_wait_is_bounded(check))
        return;
    if (lk_session_in_transaction(check->session)) {
        lk_fix_before(check, finding, "SET LOCAL lock_timeout = '5s';");
        return;
    }
    lk_fix_before(check, finding, "SET lock_timeout = '5s';");
    lk_fix_below(check, finding, last_bounded(check), "RESET lock_timeout;");
}
