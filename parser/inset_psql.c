/*
 * parser/inset_psql.c
 *     psql's commands and the rows of COPY, as psql reads them (psqlscanslash.l): see inset.h.
 */
#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/inset_private.h"
#include "parser/pgparse.h"

static const struct lk_psql_command commands[] = {
#define LK_PSQL(name, effect, why) {name, LK_PSQL_##effect, why},
#include "parser/psql_commands.def"
#undef LK_PSQL
};

/* A variable with a longer value counts as one that is not known: values can double line by line.
 */
#define LONGEST_VALUE (64u << 10)

/* Commands whose argument is the rest of the line, whatever is in it. */
static const char *const greedy[] = {"!", "copy", "ef", "ev", "h", "help", "sf", "sv"};

static uint32_t
line_end(const struct lk_inset_search *search, uint32_t at)
{
    const char *text = search->source->original;

    while (at < search->lexer.end && text[at] != '\n' && text[at] != '\r')
        at++;
    return at;
}

static uint32_t
next_line(const struct lk_inset_search *search, uint32_t at)
{
    at = line_end(search, at);
    if (at < search->lexer.end && search->source->original[at] == '\r')
        at++;
    if (at < search->lexer.end && search->source->original[at] == '\n')
        at++;
    return at;
}

/* ---- arguments ---- */

/* arguments_end returns where the arguments from `at` end: with the line, or at a backslash. */
static uint32_t
arguments_end(const struct lk_inset_search *search, const char *name, uint32_t at)
{
    const char *text = search->source->original;
    uint32_t end = line_end(search, at);
    char quote = '\0';

    for (size_t i = 0; i < LK_ARRAY_SIZE(greedy); i++)
        if (strcmp(name, greedy[i]) == 0)
            return end;
    at += (uint32_t)strspn(text + at, " \t");
    if (text[at] == '|') /* a command of the shell that gets the result */
        return end;
    for (; at < end; at++) {
        char c = text[at];
        if (quote == '\0' && c == '\\')
            return text[at + 1] == '\\' ? at + 2 : at; /* two of them only part commands */
        if (quote == '\'' && c == '\\')
            at++;
        else if (quote == '\0' && strchr("'\"`", c) != NULL)
            quote = c;
        else if (c == quote)
            quote = '\0';
    }
    return end;
}

/*
 * add_variable adds the value of :name, :'name' or :"name" at `*at` to an argument, if that is a
 * variable that has one; `*known` becomes false where that is too long.
 */
static bool
add_variable(struct lk_inset_search *search, struct lk_buf *argument, uint32_t *at, uint32_t end,
             bool *known)
{
    const char *text = search->source->original;
    char quote = strchr("'\"", text[*at + 1]) != NULL ? text[*at + 1] : '\0';
    uint32_t start = *at + 1 + (quote != '\0'), stop = start;

    while (stop < end && lk_is_inset_name_byte(text[stop]))
        stop++;
    if (stop == start || (quote != '\0' && text[stop] != quote))
        return false;
    char *name = lk_strndup(argument->mem, text + start, stop - start);
    const char *value = lk_inset_value(search, name);
    if (value == NULL)
        return false;
    *at = stop - (quote == '\0');
    *known &= argument->len + strlen(value) <= LONGEST_VALUE;
    if (!*known)
        return true;
    lk_buf_add(argument, quote == '\''  ? lk_quote_literal(argument->mem, value)
                         : quote == '"' ? lk_quote_ident(argument->mem, value)
                                        : value);
    return true;
}

/*
 * take_argument returns the next argument in a line, its quotes resolved and its variables
 * replaced, or NULL. `*known` becomes false where a command of the shell or a variable without a
 * value has a say in it.
 */
static char *
take_argument(struct lk_inset_search *search, uint32_t *at, uint32_t end, bool *known)
{
    const char *text = search->source->original;
    struct lk_buf argument = lk_buf_init(search->source);
    char quote = '\0';

    while (*at < end && (text[*at] == ' ' || text[*at] == '\t'))
        ++*at;
    if (*at >= end || text[*at] == '\\')
        return NULL;
    for (; *at < end; ++*at) {
        char c = text[*at];
        if (quote == '\0' && (c == ' ' || c == '\t' || c == '\\'))
            break;
        if (quote == '\0' && (c == '\'' || c == '"')) {
            quote = c;
        } else if (quote == '\'' && c == '\\' && *at + 1 < end) {
            c = text[++*at];
            lk_buf_addc(&argument, c == 'n' ? '\n' : c == 't' ? '\t' : c);
        } else if (quote == '\0' && c == ':' && add_variable(search, &argument, at, end, known)) {
            continue;
        } else if (quote != '\0' && c == quote && text[*at + 1] == quote) {
            lk_buf_addc(&argument, text[++*at]);
        } else if (quote != '\0' && c == quote) {
            quote = '\0';
        } else {
            *known &= c != '`' && !(quote == '\0' && c == ':' && search->surprise);
            lk_buf_addc(&argument, c);
        }
    }
    return argument.data;
}

/* follow_set keeps what \set or \unset does to a variable. */
static void
follow_set(struct lk_inset_search *search, const struct lk_psql_command *command, uint32_t at,
           uint32_t end)
{
    bool known = true;
    char *name = take_argument(search, &at, end, &known);
    struct lk_buf value = lk_buf_init(search->source);

    if (name == NULL)
        return;
    for (char *part; (part = take_argument(search, &at, end, &known)) != NULL;)
        lk_buf_add(&value, part); /* psql joins them without blanks */
    search->surprise |= !known;
    lk_inset_set(search, name, known && command->effect == LK_PSQL_SET ? value.data : NULL);
}

/* ---- the rows of COPY ---- */

/* find_end_mark returns the span of the rows from `start` to their line "\.", empty without one. */
static struct lk_span
find_end_mark(struct lk_inset_search *search, uint32_t start)
{
    const char *text = search->source->original;

    for (uint32_t at = start; at < search->lexer.end && !search->no_mark;
         at = next_line(search, at))
        if (text[at] == '\\' && text[at + 1] == '.' && line_end(search, at) == at + 2)
            return (struct lk_span){start, at + 2};
    search->no_mark = true;
    return (struct lk_span){start, start};
}

/* take_rows takes the rows of a COPY whose semicolon stands at `owner`, if they follow. */
static void
take_rows(struct lk_inset_search *search, uint32_t owner)
{
    struct lk_span rows = find_end_mark(search, next_line(search, search->lexer.pos));

    if (rows.end == rows.start)
        return;
    lk_inset_add(search, LK_INSET_DATA, rows)->owner = owner;
    /* what stands behind the semicolon on its line comes first, and can hold no rows of its own */
    lk_inset_blank(search, rows, "");
    search->lexer.pos = rows.end;
}

/* end_statement ends a statement at `at`; one that wants rows gets them when it is sent. */
static void
end_statement(struct lk_inset_search *search, uint32_t at)
{
    if (search->stdin_rows)
        lk_vec_push(search->source, &search->copies, at);
    search->words = search->parens = search->brackets = 0;
    search->create = search->routine = search->copy = search->from = search->stdin_rows = false;
}

/* send_statements takes the rows of all that were joined, one after the other. */
static void
send_statements(struct lk_inset_search *search)
{
    lk_vec_foreach(owner, &search->copies)
        take_rows(search, *owner);
    search->copies.count = 0;
}

void
lk_inset_semicolon(struct lk_inset_search *search, uint32_t at)
{
    end_statement(search, at);
    send_statements(search);
}

/* ---- commands ---- */

static const struct lk_psql_command *
find_command(const char *name)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    /* \d, \dt+, \du and all the others that describe; a plus or S asks for more */
    size_t length = strcspn(name, "+S");
    if (name[0] == 'd')
        return find_command("conninfo");
    for (size_t i = 0; i < LK_ARRAY_SIZE(commands) && length > 0 && name[length] != '\0'; i++)
        if (strlen(commands[i].name) == length && memcmp(commands[i].name, name, length) == 0)
            return &commands[i];
    return NULL;
}

/* name_end returns where the name of the command at `at` ends. */
static uint32_t
name_end(const struct lk_inset_search *search, uint32_t at)
{
    const char *text = search->source->original;
    uint32_t end = at + 1, limit = line_end(search, at);

    if (end < limit && strchr(";!?.\\", text[end]) != NULL)
        return end + 1;
    while (end < limit && (lk_is_inset_name_byte(text[end]) || text[end] == '+'))
        end++;
    return end;
}

/* follow lets a command do to the script what it does. */
static void
follow(struct lk_inset_search *search, const struct lk_inset *inset, uint32_t arguments)
{
    enum lk_psql_effect effect = inset->command != NULL ? inset->command->effect : LK_PSQL_OTHER;
    uint32_t at = inset->span.start, end = inset->span.end;
    const char *text = search->source->original, *name = inset->name;

    if (effect == LK_PSQL_SET || effect == LK_PSQL_UNSET)
        follow_set(search, inset->command, arguments, end);
    search->surprise |=
        effect == LK_PSQL_RUN || strcmp(name, "getenv") == 0 || strcmp(name, "prompt") == 0;
    if (effect == LK_PSQL_JOIN)
        end_statement(search, at);
    else if (effect == LK_PSQL_SEND || effect == LK_PSQL_RUN)
        lk_inset_semicolon(search, at);
    else if (strcmp(name, "copy") == 0 &&
             memmem(text + arguments, end - arguments, "stdin", strlen("stdin")) != NULL)
        take_rows(search, at);
}

void
lk_inset_command(struct lk_inset_search *search, uint32_t at)
{
    uint32_t end = name_end(search, at);
    char *name = lk_strndup(search->source, search->source->original + at + 1, end - at - 1);
    const struct lk_psql_command *command = find_command(name);
    enum lk_psql_effect effect = command != NULL ? command->effect : LK_PSQL_OTHER;
    uint32_t arguments = end;

    if (effect != LK_PSQL_JOIN && name[0] != '\\')
        end = arguments_end(search, name, end);
    struct lk_inset *inset = lk_inset_add(search, LK_INSET_COMMAND, (struct lk_span){at, end});
    inset->name = name;
    inset->command = command;
    bool ends = effect == LK_PSQL_SEND || effect == LK_PSQL_JOIN || effect == LK_PSQL_RUN;
    lk_inset_blank(search, inset->span, ends ? ";" : "");
    search->lexer.pos = end;
    follow(search, inset, arguments);
}
