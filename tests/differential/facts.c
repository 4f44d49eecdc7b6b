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
            .reads = field(&head, &row, "blocks_reads_on"),
            .first = field(&head, &row, "first_sqlstate"),
            .again = field(&head, &row, "rerun_sqlstate"),
            .outcome = field(&head, &row, "rerun_effect"),
        };
        split_setup(mem, field(&head, &row, "setup"), fact);
    }
    return facts;
}
