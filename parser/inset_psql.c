/*
 * parser/inset_psql.c
 *     psql's commands, and the rows that it sends behind a COPY: see inset.h.
 */
#include "parser/base/buf.h"
#include "parser/inset_private.h"

static const struct lk_psql_command commands[] = {
#define LK_PSQL(name, effect, why) {name, LK_PSQL_##effect, why},
#include "parser/psql_commands.def"
#undef LK_PSQL
};

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

/* take_argument returns the next argument in a line, its quotes resolved, or NULL. */
static char *
take_argument(struct lk_inset_search *search, uint32_t *at, uint32_t end)
{
    const char *text = search->source->original;
    struct lk_buf argument = lk_buf_init(search->source);
    char quote = '\0';

    while (*at < end && (text[*at] == ' ' || text[*at] == '\t'))
        ++*at;
    if (*at >= end)
        return NULL;
    for (; *at < end; ++*at) {
        char c = text[*at];
        if (quote == '\0' && (c == ' ' || c == '\t'))
            break;
        if (quote == '\0' && (c == '\'' || c == '"'))
            quote = c;
        else if (quote != '\0' && c == quote && text[*at + 1] == quote)
            lk_buf_addc(&argument, text[++*at]);
        else if (quote != '\0' && c == quote)
            quote = '\0';
        else
            lk_buf_addc(&argument, c);
    }
    return argument.data;
}

/* follow_set keeps what \set or \unset does to a variable. */
static void
follow_set(struct lk_inset_search *search, const struct lk_psql_command *command, uint32_t at,
           uint32_t end)
{
    char *name = take_argument(search, &at, end);
    struct lk_buf value = lk_buf_init(search->source);

    if (name == NULL)
        return;
    for (char *part; (part = take_argument(search, &at, end)) != NULL;)
        lk_buf_add(&value, part); /* psql joins them without blanks */
    lk_inset_set_value(search, name, command->effect == LK_PSQL_SET ? value.data : NULL);
}

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

void
lk_inset_start_statement(struct lk_inset_search *search)
{
    search->words = search->parens = search->brackets = 0;
    search->create = search->routine = search->copy = search->from = search->stdin_rows = false;
}

/* find_end_mark returns the span of the rows from `start` to their line "\.", empty without one. */
static struct lk_span
find_end_mark(const struct lk_inset_search *search, uint32_t start)
{
    const char *text = search->source->original;

    for (uint32_t at = start; at < search->lexer.end; at = next_line(search, at))
        if (text[at] == '\\' && text[at + 1] == '.' && line_end(search, at) == at + 2)
            return (struct lk_span){start, at + 2};
    return (struct lk_span){start, start};
}

void
lk_psql_take_rows(struct lk_inset_search *search, uint32_t owner)
{
    struct lk_span rows = find_end_mark(search, next_line(search, owner));

    if (rows.end == rows.start)
        return;
    lk_inset_add(search, LK_INSET_DATA, rows)->owner = owner;
    /* what stands behind the semicolon on its line comes first, and can hold no rows of its own */
    lk_inset_blank(search, rows, "");
    search->lexer.pos = rows.end;
}

void
lk_psql_take_command(struct lk_inset_search *search, uint32_t at)
{
    const char *text = search->source->original;
    uint32_t end = line_end(search, at), name_end = at + 1;

    if (name_end < end && strchr(";!?.", text[name_end]) != NULL)
        name_end++;
    else
        while (name_end < end && (lk_inset_is_name_byte(text[name_end]) || text[name_end] == '+'))
            name_end++;
    char *name = lk_strndup(search->source, text + at + 1, name_end - at - 1);
    const struct lk_psql_command *command = find_command(name);
    enum lk_psql_effect effect = command != NULL ? command->effect : LK_PSQL_OTHER;
    if (effect == LK_PSQL_JOIN)
        end = name_end;
    struct lk_inset *inset = lk_inset_add(search, LK_INSET_COMMAND, (struct lk_span){at, end});
    inset->name = name;
    inset->command = command;
    bool ends = effect == LK_PSQL_SEND || effect == LK_PSQL_JOIN || effect == LK_PSQL_RUN;
    lk_inset_blank(search, inset->span, ends ? ";" : "");
    if (effect == LK_PSQL_SET || effect == LK_PSQL_UNSET)
        follow_set(search, command, name_end, end);
    search->surprise |=
        effect == LK_PSQL_RUN || strcmp(name, "getenv") == 0 || strcmp(name, "prompt") == 0;
    search->lexer.pos = end;
    bool rows = ends && search->stdin_rows;
    if (ends)
        lk_inset_start_statement(search);
    if (rows || (strcmp(name, "copy") == 0 &&
                 memmem(text + name_end, end - name_end, "stdin", strlen("stdin")) != NULL))
        lk_psql_take_rows(search, at);
}
