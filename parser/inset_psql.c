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
arguments_end(const struct lk_inset_search *search, const char *command, uint32_t at)
{
    const char *text = search->source->original;
    uint32_t end = line_end(search, at);
    char quote = '\0';

    for (size_t i = 0; i < LK_ARRAY_SIZE(greedy); i++)
        if (strcmp(command, greedy[i]) == 0)
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

/* add_question adds what :{?name} at `*at` stands for to an argument, if that is one. */
static bool
add_question(struct lk_inset_search *search, struct lk_buf *text, uint32_t *at, uint32_t end,
             struct lk_inset_argument *argument)
{
    const char *original = search->source->original;
    uint32_t start = *at + 3, stop = start;

    if (start >= end || original[*at + 1] != '{' || original[*at + 2] != '?')
        return false;
    while (stop < end && lk_is_inset_name_byte(original[stop]))
        stop++;
    if (stop == start || stop == end || original[stop] != '}')
        return false;
    char *name = lk_strndup(search->source, original + start, stop - start);
    const char *value = lk_inset_question(search, name);
    if (value == NULL && argument->missing == NULL)
        argument->missing = name;
    lk_buf_add(text, value != NULL ? value : "FALSE");
    *at = stop;
    return true;
}

/*
 * add_variable adds the value of :name, :'name' or :"name" at `*at` to an argument, if that is a
 * variable that has one.
 */
static bool
add_variable(struct lk_inset_search *search, struct lk_buf *text, uint32_t *at, uint32_t end,
             struct lk_inset_argument *argument)
{
    const char *original = search->source->original;
    char quote = strchr("'\"", original[*at + 1]) != NULL ? original[*at + 1] : '\0';
    uint32_t start = *at + 1 + (quote != '\0'), stop = start;

    while (stop < end && lk_is_inset_name_byte(original[stop]))
        stop++;
    if (stop == start || (quote != '\0' && original[stop] != quote))
        return false;
    char *name = lk_strndup(search->source, original + start, stop - start);
    const char *value = lk_inset_value(search, name);
    if (value == NULL) {
        if (argument->missing == NULL)
            argument->missing = name;
        return false;
    }
    *at = stop - (quote == '\0');
    if (text->len + strlen(value) > LONGEST_VALUE) {
        argument->unknown = true;
        return true;
    }
    lk_buf_add(text, quote == '\''  ? lk_quote_literal(text->mem, value)
                     : quote == '"' ? lk_quote_ident(text->mem, value)
                                    : value);
    return true;
}

/*
 * take_argument returns whether there is a further argument in a line, and adds it to `argument`
 * with its single quotes resolved, its double ones kept, and its variables replaced.
 */
static bool
take_argument(struct lk_inset_search *search, uint32_t *at, uint32_t end,
              struct lk_inset_argument *argument)
{
    const char *original = search->source->original;
    struct lk_buf text = lk_buf_init(search->source);
    char quote = '\0';

    while (*at < end && (original[*at] == ' ' || original[*at] == '\t'))
        ++*at;
    if (*at >= end || original[*at] == '\\')
        return false;
    for (; *at < end; ++*at) {
        char c = original[*at];
        if (quote == '\0' && (c == ' ' || c == '\t' || c == '\\'))
            break;
        if (quote == '\0' && (c == '\'' || c == '"')) {
            quote = c;
            if (c == '"')
                lk_buf_addc(&text, c);
        } else if (quote == '\'' && c == '\\' && *at + 1 < end) {
            c = original[++*at];
            lk_buf_addc(&text, c == 'n' ? '\n' : c == 't' ? '\t' : c);
        } else if (quote == '\0' && c == ':' &&
                   (add_question(search, &text, at, end, argument) ||
                    add_variable(search, &text, at, end, argument))) {
            continue;
        } else if (quote == '\'' && c == quote && original[*at + 1] == quote) {
            lk_buf_addc(&text, original[++*at]);
        } else if (quote != '\0' && c == quote) {
            quote = '\0';
            if (c == '"')
                lk_buf_addc(&text, c);
        } else {
            argument->unknown |= c == '`' && quote == '\0';
            lk_buf_addc(&text, c);
        }
    }
    argument->text = text.data;
    return true;
}

/* take_name takes an argument that is the name of a variable: its double quotes are no part of it.
 */
static char *
take_name(struct lk_inset_search *search, uint32_t *at, uint32_t end, bool *known)
{
    struct lk_inset_argument name = {0};

    if (!take_argument(search, at, end, &name))
        return NULL;
    *known &= !name.unknown && (name.missing == NULL || !search->surprise);
    return name.text;
}

/* follow_set keeps what \set or \unset does to a variable. */
static void
follow_set(struct lk_inset_search *search, const struct lk_psql_command *command, uint32_t at,
           uint32_t end)
{
    bool known = true;
    char *name = take_name(search, &at, end, &known);
    struct lk_buf value = lk_buf_init(search->source);
    struct lk_inset_argument part = {0};

    if (name == NULL)
        return;
    while (take_argument(search, &at, end, &part))
        lk_buf_add(&value, part.text); /* psql joins them without blanks */
    known &= !part.unknown && (part.missing == NULL || !search->surprise);
    if (!known || !lk_inset_is_certain(search))
        lk_inset_forget(search, name);
    else
        lk_inset_set(search, name, command->effect == LK_PSQL_SET ? value.data : NULL);
}

/* follow_condition lets \if and those that belong to it decide what is run. */
static void
follow_condition(struct lk_inset_search *search, size_t index, uint32_t at, uint32_t end)
{
    struct lk_inset_argument condition = {0};
    struct lk_buf words = lk_buf_init(search->source);

    while (take_argument(search, &at, end, &condition)) {
        lk_buf_sep(&words, " ");
        lk_buf_add(&words, condition.text);
    }
    condition.text = words.data;
    lk_inset_branch(search, index, &condition);
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

void
lk_inset_reset(struct lk_inset_search *search)
{
    search->words = search->parens = search->brackets = 0;
    search->create = search->routine = search->copy = search->from = search->stdin_rows = false;
}

/* end_statement ends a statement at `at`; one that wants rows gets them when it is sent. */
static void
end_statement(struct lk_inset_search *search, uint32_t at)
{
    if (search->stdin_rows)
        lk_vec_push(search->source, &search->copies, at);
    lk_inset_reset(search);
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
    search->joined = false;
}

/* ---- commands ---- */

/* find_exactly returns the command whose name is the first `length` bytes of `name`, or NULL. */
static const struct lk_psql_command *
find_exactly(const char *name, size_t length)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(commands); i++)
        if (strlen(commands[i].name) == length && memcmp(commands[i].name, name, length) == 0)
            return &commands[i];
    return NULL;
}

/*
 * find_described returns the command that `name` is with letters behind it that ask for more, or
 * for another form; of many \d commands psql reads no more than two letters. Source:
 * src/bin/psql/command.c, exec_command and exec_command_d.
 */
static const struct lk_psql_command *
find_described(const char *name)
{
    static const struct {
        const char *name, *letters;
    } kinds[] = {{"dP", "tinSx+"},  {"df", "anptwSx+"}, {"l", "x+"}, {"list", "x+"},
                 {"lo_list", "x+"}, {"sf", "+"},        {"sv", "+"}, {"z", "Sx+"}};
    size_t length = strlen(name);
    const struct lk_psql_command *found = NULL;

    for (size_t i = 0; i < LK_ARRAY_SIZE(kinds); i++) {
        size_t own = strlen(kinds[i].name);
        if (lk_starts_with(name, kinds[i].name) &&
            strspn(name + own, kinds[i].letters) == length - own)
            return find_exactly(name, own);
    }
    if (name[0] != 'd')
        return NULL;
    if (length > 1 && strchr("CDELOTXabcdgilmnopstuvxy", name[1]) != NULL)
        return find_exactly(name, 2);
    while (found == NULL && length > 1 && strchr("+Sx", name[length - 1]) != NULL)
        found = find_exactly(name, --length);
    return found;
}

static const struct lk_psql_command *
find_command(const char *name)
{
    const struct lk_psql_command *found = find_exactly(name, strlen(name));

    if (found == NULL && lk_word_is(name, strlen(name), "copy"))
        found = find_exactly("copy", strlen("copy")); /* the only one in any case */
    return found != NULL ? found : find_described(name);
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

/* follow_results makes unknown what \gset, \getenv or \prompt put into variables. */
static void
follow_results(struct lk_inset_search *search, const struct lk_inset *inset, uint32_t at)
{
    struct lk_inset_argument word = {0};
    struct lk_span query = {LK_MIN(search->start, inset->span.start), inset->span.start};
    bool gset = inset->command->effect == LK_PSQL_RUN, found = false, known = true;
    char *name = NULL;

    if (gset)
        lk_inset_forget_results(
            search, take_argument(search, &at, inset->span.end, &word) ? word.text : "", query);
    /* \getenv has the name first, \prompt last */
    while (!gset && !found && (word.text = take_name(search, &at, inset->span.end, &known))) {
        name = word.text;
        found = strcmp(inset->name, "getenv") == 0;
    }
    if (name != NULL)
        lk_inset_forget(search, name);
}

/* follow lets a command do to the script what it does; the lexer stands behind it. */
static void
follow(struct lk_inset_search *search, size_t index, uint32_t arguments)
{
    const struct lk_inset *inset = &search->source->insets.items.items[index];
    enum lk_psql_effect effect = inset->command != NULL ? inset->command->effect : LK_PSQL_OTHER;
    uint32_t at = inset->span.start, end = inset->span.end;
    const char *text = search->source->original;
    const char *name = inset->command != NULL ? inset->command->name : inset->name;
    struct lk_inset_argument file = {0};

    switch (effect) {
    case LK_PSQL_SET:
    case LK_PSQL_UNSET:
        follow_set(search, inset->command, arguments, end);
        break;
    case LK_PSQL_JOIN:
        end_statement(search, at);
        search->joined = true;
        break;
    case LK_PSQL_RUN:
        search->surprise = true;
        if (strcmp(name, "gset") == 0)
            follow_results(search, inset, arguments);
        lk_inset_semicolon(search, at);
        break;
    case LK_PSQL_SEND:
        lk_inset_semicolon(search, at);
        break;
    case LK_PSQL_INCLUDE:
    case LK_PSQL_INCLUDE_RELATIVE:
        take_argument(search, &arguments, end, &file);
        lk_inset_include(search, index, &file);
        break;
    default:
        if (strcmp(name, "getenv") == 0 || strcmp(name, "prompt") == 0)
            follow_results(search, inset, arguments);
        if (strcmp(name, "copy") == 0 &&
            memmem(text + arguments, end - arguments, "stdin", strlen("stdin")) != NULL)
            take_rows(search, at);
        break;
    }
}

void
lk_inset_command(struct lk_inset_search *search, uint32_t at)
{
    uint32_t end = name_end(search, at);
    char *name = lk_strndup(search->source, search->source->original + at + 1, end - at - 1);
    const struct lk_psql_command *command = find_command(name);
    enum lk_psql_effect effect = command != NULL ? command->effect : LK_PSQL_OTHER;
    uint32_t arguments = end;
    bool skipped = lk_inset_is_skipped(search);

    if (effect != LK_PSQL_JOIN && name[0] != '\\')
        end = arguments_end(search, command != NULL ? command->name : name, end);
    if (skipped)
        lk_inset_skip(search, at, end);
    struct lk_inset *inset = lk_inset_add(search, LK_INSET_COMMAND, (struct lk_span){at, end});
    size_t index = search->source->insets.items.count - 1;
    inset->name = name;
    inset->command = command;
    inset->why = command != NULL && !skipped ? command->why : NULL;
    bool ends = effect == LK_PSQL_SEND || effect == LK_PSQL_JOIN || effect == LK_PSQL_RUN;
    lk_inset_blank(search, inset->span, ends && !skipped ? ";" : "");
    search->lexer.pos = end;
    if (effect >= LK_PSQL_IF && effect <= LK_PSQL_ENDIF)
        follow_condition(search, index, arguments, end);
    else if (!skipped)
        follow(search, index, arguments);
}
