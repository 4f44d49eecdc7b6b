/*
 * tests/support/fixture.c
 *     What the comments on top of a case say: see fixture.h.
 */
#include "tests/support/fixture.h"

#include "parser/base/text.h"
#include "tests/support/lktest.h"

static const char *
sqlstate(const char *text)
{
    if (strlen(text) != 5 || strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 5)
        fail_msg("\"%s\" is no SQLSTATE", text);
    return text;
}

static long
major_version(const char *text)
{
    if (strlen(text) != 2 || strspn(text, "0123456789") != 2)
        fail_msg("\"%s\" is no major version", text);
    return strtol(text, NULL, 10);
}

static enum lk_label
label_of(const char *text)
{
    if (strcmp(text, "safe") == 0)
        return LK_LABEL_SAFE;
    if (strcmp(text, "unsafe") != 0)
        fail_msg("\"%s\" is no label: safe, unsafe", text);
    return LK_LABEL_UNSAFE;
}

/* take_key returns what follows "-- key: " in a line, or NULL where the line says something else.
 */
static const char *
take_key(TALLOC_CTX *mem, const char *line, const char *key)
{
    char *start = lk_fmt(mem, "-- %s: ", key);

    return lk_starts_with(line, start) ? line + strlen(start) : NULL;
}

/* take_line reads one line; returns whether it belongs to the header. */
static bool
take_line(TALLOC_CTX *mem, const char *line, struct lk_fixture_header *header)
{
    const char *value;

    if ((value = take_key(mem, line, "options")) != NULL) {
        header->options = value;
    } else if ((value = take_key(mem, line, "fails")) != NULL) {
        header->fails = sqlstate(value);
    } else if ((value = take_key(mem, line, "servers")) != NULL) {
        header->servers = major_version(value);
    } else if ((value = take_key(mem, line, "grammar")) != NULL) {
        header->grammar = major_version(value);
    } else if ((value = take_key(mem, line, "runner")) != NULL) {
        if (strcmp(value, "transaction") != 0)
            fail_msg("\"%s\" is not how a runner goes about it: transaction", value);
        header->transaction = true;
    } else if ((value = take_key(mem, line, "label")) != NULL) {
        header->label = label_of(value);
    } else if ((value = take_key(mem, line, "why")) != NULL) {
        header->why = value;
    } else if (take_key(mem, line, "not executed") != NULL) {
        header->not_executed = true;
    } else {
        return false;
    }
    return true;
}

struct lk_fixture_header
lk_fixture_header_of(TALLOC_CTX *mem, const char *text)
{
    struct lk_fixture_header header = {.options = ""};

    while (text != NULL && lk_starts_with(text, "-- ")) {
        size_t length = strcspn(text, "\n");
        char *line = lk_strndup(mem, text, length);
        char *mark = strstr(line, " -- ! ");
        if (mark != NULL)
            *mark = '\0';
        if (!take_line(mem, line, &header))
            break;
        text += length + (text[length] == '\n');
    }
    return header;
}
