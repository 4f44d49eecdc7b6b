/*
 * cli/docgen_locks.c
 *     The page on locks: see docgen_locks.h.
 */
#include "cli/docgen.h"

#include "parser/script.h"
#include "rules/effects/effects.h"
#include "rules/schema/replay.h"

static const char schema[] =
    "CREATE DOMAIN grade AS int;\n"
    "CREATE TABLE users (id bigint PRIMARY KEY, email text, name varchar(20), age int, mark "
    "grade,\n"
    "    CONSTRAINT users_email_check CHECK (email IS NOT NULL));\n"
    "ALTER TABLE users ADD CONSTRAINT users_age_check CHECK (age > 0) NOT VALID;\n"
    "CREATE UNIQUE INDEX users_name_idx ON users (name);\n"
    "CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, total int);\n"
    "ALTER TABLE orders ADD CONSTRAINT orders_user_fk\n"
    "    FOREIGN KEY (user_id) REFERENCES users NOT VALID;\n"
    "CREATE TABLE items (order_id bigint REFERENCES orders, user_id bigint);\n"
    "CREATE TABLE logs (id bigint, day date) PARTITION BY RANGE (day);\n"
    "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');\n"
    "CREATE TABLE logs_rest PARTITION OF logs DEFAULT;\n"
    "CREATE TABLE logs_new (id bigint, day date);\n"
    "CREATE TABLE animals (id int);\n"
    "CREATE TABLE cats (lives int) INHERITS (animals);\n"
    "CREATE VIEW names AS SELECT id, name FROM users;\n"
    "CREATE MATERIALIZED VIEW totals AS SELECT user_id, sum(total) FROM orders GROUP BY user_id;\n"
    "CREATE SEQUENCE numbers;\n"
    "CREATE FUNCTION tidy() RETURNS bigint LANGUAGE sql\n"
    "    AS 'DELETE FROM items; SELECT count(*) FROM orders';\n";

/* The versions that are told apart: where locks have been measured. */
static const unsigned versions[] = {15, 18};

static const struct {
    const char *section; /* or NULL */
    const char *statement;
} examples[] = {
#define LK_LOCK_SECTION(title) {title, NULL},
#define LK_LOCK_EXAMPLE(statement) {NULL, statement},
#include "cli/lock_examples.def"
#undef LK_LOCK_EXAMPLE
#undef LK_LOCK_SECTION
};

static struct lk_script *
script_of(TALLOC_CTX *mem, const char *sql)
{
    struct lk_source *source = lk_source_new(mem, "locks.md", sql, strlen(sql));

    return lk_script_new(mem, source, (struct lk_span){0, source->size});
}

static const struct Node *
tree_of(struct lk_script *script, size_t index)
{
    const struct Node *tree = lk_script_tree(script, index);

    if (tree == NULL)
        LK_BUG("an example does not parse: %s", script->statements.items[index].error);
    return tree;
}

static const char *
local(const char *relation)
{
    static const char prefix[] = "public.";

    return strncmp(relation, prefix, strlen(prefix)) == 0 ? relation + strlen(prefix) : relation;
}

static void
add_works(struct lk_buf *row, const struct lk_pass *works, size_t count)
{
    for (size_t i = 0; i < count; i++)
        lk_buf_addf(row, "%s`%s`: %s", i > 0 ? "; " : "", local(works[i].relation), works[i].why);
    if (count == 0)
        lk_buf_add(row, "-");
}

static void
add_locks(struct lk_buf *row, const struct lk_lock *locks, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        lk_buf_addf(row, "%s%s`%s` %s", row->len > 0 ? ", " : "", word, local(locks[i].relation),
                    lk_lock_sql(locks[i].mode));
}

/* cells_of returns what a statement locks, rewrites and reads as cells of a table. */
static char *
cells_of(TALLOC_CTX *mem, struct lk_catalog *catalog, unsigned version, const char *statement)
{
    struct lk_buf row = lk_buf_init(mem);
    struct lk_script *script = script_of(mem, statement);

    lk_catalog_set_server(catalog, version, false);
    struct lk_effects effects = lk_effects_of(mem, catalog, tree_of(script, 0));
    add_locks(&row, effects.locks.items, effects.locks.count, "");
    add_locks(&row, effects.may_lock.items, effects.may_lock.count, "perhaps ");
    if (row.len == 0)
        lk_buf_add(&row, "-");
    lk_buf_add(&row, " | ");
    add_works(&row, effects.rewrites.items, effects.rewrites.count);
    lk_buf_add(&row, " | ");
    add_works(&row, effects.scans.items, effects.scans.count);
    return row.data;
}

static void
add_example(TALLOC_CTX *mem, struct lk_buf *page, struct lk_catalog *catalog, const char *statement)
{
    const char *previous = "";

    for (size_t i = 0; i < LK_ARRAY_SIZE(versions); i++) {
        const char *cells = cells_of(mem, catalog, versions[i], statement);
        if (i == 0)
            lk_buf_addf(page, "| `%s` | %s |\n", statement, cells);
        else if (strcmp(cells, previous) != 0)
            lk_buf_addf(page, "| from %u on | %s |\n", versions[i], cells);
        previous = cells;
    }
}

/* add_agreement adds how far predictions agree with servers. */
static void
add_agreement(struct lk_buf *page)
{
    static const struct {
        unsigned version;
        const char *kind;
        unsigned tried, carried_out, agreed, unknown, differed;
    } rows[] = {
#define LK_AGREEMENT(version, kind, tried, carried_out, agreed, unknown, differed)                 \
    {version, kind, tried, carried_out, agreed, unknown, differed},
#include "cli/lock_agreement.def"
#undef LK_AGREEMENT
    };

    lk_buf_add(
        page,
        "\n## Agreement with servers\n\n"
        "`tests/differential/test_matrix.c` carries statements of all kinds out on servers "
        "and compares, for each,\nlocks, what cannot be read meanwhile, rewrites, scans, "
        "index builds, whether a transaction block refuses it,\nand the SQLSTATE of a "
        "second run. Statements that the server refuses are not compared. Where data "
        "decide,\nor what the migrations do not tell, the model makes no prediction; of locks "
        "that are perhaps taken either is right.\n\n"
        "| server | statements | tried | carried out | agree | no prediction | differ |\n"
        "|---|---|---:|---:|---:|---:|---:|\n");
    for (size_t i = 0; i < LK_ARRAY_SIZE(rows); i++)
        lk_buf_addf(page, "| %u | %s | %u | %u | %u | %u | %u |\n", rows[i].version, rows[i].kind,
                    rows[i].tried, rows[i].carried_out, rows[i].agreed, rows[i].unknown,
                    rows[i].differed);
}

/* add_differences adds where measured facts are not what is predicted. */
static void
add_differences(struct lk_buf *page)
{
    lk_buf_add(page, "\nOf about 1,100 facts that were measured apart from these "
                     "(`tests/differential/test_facts.c`), those that differ:\n\n"
                     "| statement | why |\n|---|---|\n");
#define LK_DIFFERENCE(id, aspect, statement, why) lk_buf_add(page, "| " statement " | " why " |\n");
#include "cli/lock_differences.def"
#undef LK_DIFFERENCE
}

static void
add_modes(struct lk_buf *page)
{
    lk_buf_add(page,
               "\n## Lock modes\n\n| mode | in `pg_locks` | keeps others from |\n|---|---|---|\n");
    for (enum lk_lock_mode mode = LK_LOCK_ACCESS_SHARE; mode < LK_LOCK_COUNT; mode++)
        lk_buf_addf(page, "| %s | `%s` | %s |\n", lk_lock_sql(mode), lk_lock_name(mode),
                    lk_lock_blocks(mode));
}

void
lk_docgen_locks(TALLOC_CTX *mem, struct lk_buf *page)
{
    struct lk_catalog *catalog = lk_catalog_new(mem);
    struct lk_script *script = script_of(mem, schema);

    lk_catalog_set_time(catalog, 1, 0);
    for (size_t i = 0; i < script->statements.count; i++) {
        tree_of(script, i);
        lk_replay(catalog, &script->statements.items[i], schema);
    }
    lk_catalog_set_time(catalog, 2, 0);
    lk_buf_add(page,
               "# Locks\n\n"
               "What `lockkeeper plan` says a statement locks, writes anew and reads from end to "
               "end. The model behind it\n(`rules/effects/`) is tested against what servers do. "
               "Each relation is shown with the strongest mode\nthat is taken on it. A statement "
               "with rows is taken to find some; what depends on which, or on a\ncondition, is "
               "perhaps locked: partitions, what a function writes in one of its branches.\n");
    add_modes(page);
    lk_buf_addf(page, "\n## The schema of the examples\n\n```sql\n%s```\n", schema);
    for (size_t i = 0; i < LK_ARRAY_SIZE(examples); i++) {
        if (examples[i].section != NULL)
            lk_buf_addf(page,
                        "\n## %s\n\n| statement | locks | rewrites | reads |\n|---|---|---|---|\n",
                        examples[i].section);
        else
            add_example(mem, page, catalog, examples[i].statement);
    }
    add_agreement(page);
    add_differences(page);
}
