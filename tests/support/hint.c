/*
 * tests/support/hint.c
 *     The SQL of a hint: see hint.h.
 */
#include "tests/support/hint.h"

#include "parser/base/buf.h"
#include "parser/base/text.h"

/* What a comment says that ends in a colon: where the statements behind it go. */
enum place {
    PLACE_HERE,
    PLACE_APART,
    PLACE_EACH_APART, /* each statement in a migration of its own */
    PLACE_ELSEWHERE,  /* such as the file's end, or behind what people have to do */
};

static enum place
place_of(const char *line)
{
    if (lk_starts_with(line, "-- behind "))
        return PLACE_ELSEWHERE;
    if (strstr(line, "each statement in ") != NULL)
        return PLACE_EACH_APART;
    if (strstr(line, "migration") != NULL || lk_starts_with(line, "-- then:") ||
        lk_starts_with(line, "-- and then:"))
        return PLACE_APART;
    if (lk_starts_with(line, "-- once no ") || lk_starts_with(line, "-- once every ") ||
        lk_starts_with(line, "-- in one transaction:"))
        return PLACE_HERE;
    return PLACE_ELSEWHERE;
}

/* asks returns whether a comment asks for SQL that it does not write down. */
static bool
asks(const char *line)
{
    return strstr(line, "CREATE INDEX") != NULL || strstr(line, " CHECK") != NULL ||
           strstr(line, "VALIDATE CONSTRAINT") != NULL;
}

/* is_statement returns whether a line starts with a word of SQL: prose has lower case in it. */
static bool
is_statement(const char *line)
{
    size_t length = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    return length > 1 && (line[length] == ' ' || line[length] == ';' || line[length] == '\n');
}

/* The steps so far. */
struct reader {
    TALLOC_CTX *mem;
    struct lk_hint hint;
    enum place place;  /* of the step at hand */
    struct lk_buf sql; /* its statements, and comments in front of the next one */
    size_t complete;   /* how much of that there was behind the last one */
};

static void
end_step(struct reader *reader)
{
    reader->sql.data[reader->complete] = '\0';
    if (reader->complete > 0)
        lk_vec_push(reader->mem, &reader->hint.steps,
                    ((struct lk_hint_step){reader->place != PLACE_HERE, reader->sql.data}));
    reader->sql = lk_buf_init(reader->mem);
    reader->complete = 0;
}

/* read_statement adds the statement that starts at `at`, and returns what is behind it; NULL where
 * something is left to be filled in, or it does not end. */
static const char *
read_statement(struct reader *reader, const char *at)
{
    const char *line = "";

    while (!lk_ends_with(line, ";")) {
        line = lk_strndup(reader->mem, at, strcspn(at, "\n"));
        if (*at == '\0' || strstr(line, "...") != NULL)
            return NULL;
        lk_buf_addf(&reader->sql, "%s\n", line);
        at += strlen(line);
        at += *at == '\n';
    }
    reader->complete = reader->sql.len;
    if (reader->place == PLACE_EACH_APART)
        end_step(reader);
    return at;
}

/* read_comment reads a comment that stands by itself, and returns what is behind it; NULL where it
 * leads to another place. */
static const char *
read_comment(struct reader *reader, const char *at)
{
    const char *line = lk_strndup(reader->mem, at, strcspn(at, "\n"));
    bool leads = lk_ends_with(line, ":");
    enum place place = leads ? place_of(line) : PLACE_HERE;

    if (place == PLACE_ELSEWHERE)
        return NULL;
    if (asks(line)) /* what is up to there is whole */
        return at + strlen(at);
    if (place != PLACE_HERE) {
        end_step(reader);
        reader->place = place;
    } else if (!leads) {
        lk_buf_addf(&reader->sql, "%s\n", line);
    }
    at += strlen(line);
    return at + (*at == '\n');
}

struct lk_hint
lk_hint_of(TALLOC_CTX *mem, const char *hint)
{
    struct reader reader = {.mem = mem, .sql = lk_buf_init(mem)};
    const char *at = hint;

    while (at != NULL && *at != '\0') {
        if (lk_starts_with(at, "--"))
            at = read_comment(&reader, at);
        else
            at = is_statement(at) ? read_statement(&reader, at) : NULL;
    }
    end_step(&reader);
    reader.hint.whole = at != NULL;
    return reader.hint;
}
