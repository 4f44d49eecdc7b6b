/*
 * tests/differential/matrix.c
 *     Reading templates: see matrix.h.
 */
#include "tests/differential/matrix.h"

#include "parser/base/buf.h"
#include "parser/base/text.h"

struct list {
    const char *name;
    LK_VEC(char *) values;
};

struct reader {
    TALLOC_CTX *mem;
    struct lk_matrix *matrix;
    LK_VEC(struct list) lists;
    struct lk_case next; /* without its statement */
};

static struct list *
find_list(const struct reader *reader, const char *name, size_t length)
{
    lk_vec_foreach(list, &reader->lists)
        if (strlen(list->name) == length && strncmp(list->name, name, length) == 0)
            return list;
    return NULL;
}

/* find_place returns the list of the first "{name}" in a text that is one, or NULL. */
static const struct list *
find_place(const struct reader *reader, const char *text)
{
    for (const char *at = text; at != NULL && (at = strchr(at, '{')) != NULL; at++) {
        const struct list *list = find_list(reader, at + 1, strcspn(at + 1, "}"));
        if (list != NULL)
            return list;
    }
    return NULL;
}

/* replaced returns a text with a value for each "{name}"; NULL for NULL. */
static char *
replaced(TALLOC_CTX *mem, const char *text, const char *name, const char *value)
{
    char *place LK_CLEANUP(lk_mem_cleanup) = lk_fmt(NULL, "{%s}", name);
    struct lk_buf result = lk_buf_init(mem);

    if (text == NULL)
        return NULL;
    for (const char *at; (at = strstr(text, place)) != NULL; text = at + strlen(place)) {
        lk_buf_addn(&result, text, (size_t)(at - text));
        lk_buf_add(&result, value);
    }
    lk_buf_add(&result, text);
    return result.data;
}

/* expand adds the statements that a template stands for. */
static void
expand(struct reader *reader, const struct lk_case *template)
{
    const struct list *list = find_place(reader, template->statement);

    if (list == NULL && template->setup != NULL)
        list = find_place(reader, template->setup);
    if (list == NULL) {
        lk_vec_push(reader->mem, &reader->matrix->items, *template);
        return;
    }
    lk_vec_foreach(value, &list->values) {
        struct lk_case one = *template;
        one.statement = replaced(reader->mem, template->statement, list->name, *value);
        one.setup = replaced(reader->mem, template->setup, list->name, *value);
        expand(reader, &one);
    }
}

static char *
trimmed(TALLOC_CTX *mem, const char *text)
{
    text += strspn(text, " ");
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == ' ')
        length--;
    return lk_strndup(mem, text, length);
}

/* define reads "name: this | that". */
static void
define(struct reader *reader, const char *name, size_t length, char *values)
{
    struct list *list = find_list(reader, name, length);

    if (list == NULL) {
        list = lk_vec_add(reader->mem, &reader->lists);
        list->name = lk_strndup(reader->mem, name, length);
    }
    list->values.count = 0;
    for (char *value; (value = strsep(&values, "|")) != NULL;)
        lk_vec_push(reader->mem, &list->values, trimmed(reader->mem, value));
}

static void
read_comment(struct reader *reader, char *comment)
{
    char *colon = strchr(comment, ':');

    if (strncmp(comment, "== ", 3) == 0) {
        reader->next.kind = comment + 3;
        return;
    }
    if (colon == NULL || strcspn(comment, " ") < (size_t)(colon - comment))
        return; /* a remark */
    if (strncmp(comment, "setup:", 6) == 0)
        reader->next.setup = colon + 1;
    else if (strncmp(comment, "unknown:", 8) == 0)
        reader->next.unknown = colon + 2;
    else
        define(reader, comment, (size_t)(colon - comment), colon + 1);
}

void
lk_matrix_read(TALLOC_CTX *mem, const char *text, struct lk_matrix *matrix)
{
    struct reader reader = {.mem = mem, .matrix = matrix};
    char *rest = lk_strdup(mem, text), *line;

    while ((line = strsep(&rest, "\n")) != NULL) {
        if (strncmp(line, "-- ", 3) == 0) {
            read_comment(&reader, line + 3);
        } else if (*line != '\0') {
            reader.next.statement = line;
            expand(&reader, &reader.next);
            reader.next.setup = reader.next.unknown = NULL;
        }
    }
}
