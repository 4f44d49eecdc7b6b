/*
 * tests/differential/facts.c
 *     Reading a table of facts: see facts.h.
 */
#include "tests/differential/facts.h"

#include "parser/base/buf.h"
#include "tests/support/lktest.h"

#define MAX_FIELDS 64

struct row {
    const char *fields[MAX_FIELDS];
    size_t count;
};

/* next_row takes a line off the table; false at its end. */
static bool
next_row(char **table, struct row *row)
{
    char *line = strsep(table, "\n"), *field;

    row->count = 0;
    if (line == NULL || *line == '\0')
        return false;
    while ((field = strsep(&line, "\t")) != NULL && row->count < MAX_FIELDS)
        row->fields[row->count++] = field;
    return true;
}

static const char *
field(const struct row *head, const struct row *row, const char *name)
{
    for (size_t i = 0; i < head->count; i++)
        if (strcmp(head->fields[i], name) == 0)
            return i < row->count ? row->fields[i] : "";
    fail_msg("the table has no column %s", name);
    return NULL;
}

/*
 * split_setup takes the parts "[in-txn: ...]" out of a setup, and the lines of psql's own commands.
 */
static void
split_setup(TALLOC_CTX *mem, const char *text, struct lk_fact *fact)
{
    static const char mark[] = "[in-txn: ", psql[] = "\\set ON_ERROR_STOP 0";
    struct lk_buf setup = lk_buf_init(mem), before = lk_buf_init(mem);

    while (*text != '\0') {
        const char *end;
        if (strncmp(text, psql, strlen(psql)) == 0) {
            text += strlen(psql);
        } else if (strncmp(text, mark, strlen(mark)) == 0 && (end = strrchr(text, ']')) != NULL) {
            lk_buf_addf(&before, "%.*s\n", (int)(end - text - (int)strlen(mark)),
                        text + strlen(mark));
            text = end + 1;
        } else {
            lk_buf_addf(&setup, "%c", *text++);
        }
    }
    fact->setup = setup.data;
    fact->before = before.data;
}

struct lk_facts
lk_facts_read(TALLOC_CTX *mem, char *table)
{
    struct lk_facts facts = {0};
    struct row head, row;

    if (!next_row(&table, &head))
        fail_msg("the table is empty");
    while (next_row(&table, &row)) {
        struct lk_fact *fact = lk_vec_add(mem, &facts.items);
        *fact = (struct lk_fact){
            .id = field(&head, &row, "id"),
            .statement = field(&head, &row, "statement"),
            .version = (unsigned)strtoul(field(&head, &row, "pg_version"), NULL, 10),
            .in_transaction = field(&head, &row, "in_txn_ok"),
            .locks = field(&head, &row, "locks"),
            .rewrite = field(&head, &row, "rewrite"),
            .scan = field(&head, &row, "scan"),
            .scan_reason = field(&head, &row, "scan_reason"),
            .index_build = field(&head, &row, "index_build"),
            .lock_method = field(&head, &row, "lock_method"),
            .indexes = field(&head, &row, "index_access_exclusive"),
        };
        split_setup(mem, field(&head, &row, "setup"), fact);
    }
    return facts;
}

void
lk_words_split(TALLOC_CTX *mem, struct lk_words *words, const char *list, char separator)
{
    const char delimiters[] = {separator, '\0'};

    if (strcmp(list, "none") == 0 || strcmp(list, "-") == 0)
        return;
    for (const char *at = list; *at != '\0'; at += strspn(at, delimiters)) {
        size_t length = strcspn(at, delimiters);
        lk_vec_push(mem, &words->items, lk_strndup(mem, at, length));
        at += length;
    }
}

static int
compare(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

char *
lk_words_joined(TALLOC_CTX *mem, struct lk_words *words)
{
    struct lk_buf text = lk_buf_init(mem);
    const char *previous = "";

    if (words->items.count > 0)
        qsort(words->items.items, words->items.count, sizeof(char *), compare);
    lk_vec_foreach(word, &words->items) {
        if (strcmp(previous, *word) != 0)
            lk_buf_addf(&text, "%s%s", text.len > 0 ? " " : "", *word);
        previous = *word;
    }
    return text.data != NULL ? text.data : lk_strdup(mem, "");
}

bool
lk_words_have(const struct lk_words *words, const char *word)
{
    lk_vec_foreach(known, &words->items)
        if (strcmp(*known, word) == 0)
            return true;
    return false;
}
