/*
 * cli/docgen_recovery.c
 *     The page on what a run does when something goes wrong: docs/recovery.md.
 */
#include "cli/docgen.h"

/* What the classes of SQLSTATEs come to. */
#define DOES_RETRY "tried again on the same connection, with the transaction it was in"
#define DOES_CONNECTION                                                                            \
    "tried again, on a new connection where the old one is lost: the history and the catalog say " \
    "first what was carried out"
#define DOES_CANCELED "given up; tried again where it was `max_blocking` that cancelled it"
#define DOES_LIMIT "given up: it would end in the same way"
#define DOES_FATAL "given up"

static void
add_states(struct lk_buf *page)
{
    lk_buf_add(page, "| SQLSTATE | is | what the run does |\n|---|---|---|\n");
#define LK_SQLSTATE(code, class, words)                                                            \
    lk_buf_addf(page, "| `%s%s` | %s | %s |\n", code, strlen(code) < 5 ? "..." : "", words,        \
                DOES_##class);
#include "applier/sqlstates.def"
#undef LK_SQLSTATE
    lk_buf_add(page, "| none | the connection is lost | " DOES_CONNECTION " |\n"
                     "| any other | | " DOES_FATAL " |\n");
}

/* What a statement that does not roll back as a whole leaves, and what is made of it. */
static const struct {
    const char *statement, *leaves, *next;
} halves[] = {
    {"`CREATE INDEX CONCURRENTLY`", "an INVALID index",
     "it is dropped, and built anew. A valid one under its name is compared with what the "
     "statement "
     "asks for, with `IF NOT EXISTS` and without: one of another definition, on another table, or "
     "what is no index, is refused with the difference"},
    {"`DROP INDEX CONCURRENTLY`", "the index, INVALID", "it is dropped again"},
    {"`REINDEX ... CONCURRENTLY`",
     "INVALID indexes called `..._ccnew` or `..._ccold`, on partitions and TOAST tables too",
     "they are dropped, and the statement is carried out again"},
    {"`DETACH PARTITION ... CONCURRENTLY`", "a partition that is half detached",
     "`DETACH PARTITION ... FINALIZE`"},
    {"`CREATE` or `DROP` of a database or tablespace", "nothing, or all of it",
     "it is carried out again; that it is done already, or gone already, counts as done where an "
     "earlier try had begun it"},
    {"`CALL`, or a `DO` block, that commits", "what it has committed",
     "it is carried out again: it has to bear that, as nobody but it knows how far it came"},
    {"`VACUUM`, `CLUSTER` of all tables, `REINDEX` of a partitioned table, `ALTER SYSTEM`",
     "nothing", "it is carried out again"},
    {"all else (`VALIDATE CONSTRAINT`, `ALTER TYPE ... ADD VALUE`, `REFRESH MATERIALIZED VIEW "
     "CONCURRENTLY`, ...)",
     "nothing: it is one transaction with its entry in the journal",
     "it is carried out unless the journal says that it is done"},
};

static void
add_halves(struct lk_buf *page)
{
    lk_buf_add(page, "| statement | stopped, it leaves | the next try |\n|---|---|---|\n");
    for (size_t i = 0; i < LK_ARRAY_SIZE(halves); i++)
        lk_buf_addf(page, "| %s | %s | %s |\n", halves[i].statement, halves[i].leaves,
                    halves[i].next);
}

void
lk_docgen_recovery(TALLOC_CTX *mem, struct lk_buf *page)
{
    (void)mem;
    lk_buf_add(
        page, "# When something goes wrong\n\n"
              "## A statement fails\n\n"
              "Whether it is tried again depends on its SQLSTATE; the first line that fits counts. "
              "`apply.retry` says\nfor how long, over all of the run, and how long the pauses are. "
              "Nothing is done twice: what was in a transaction\nhas been rolled back, and of all "
              "else the journal and the catalog say how far it came. A statement that loses\nthe "
              "connection five times in a row is given up: it is what ends it. "
              "`tests/integration/test_sqlstates.c`\ntries every line, in each mode.\n\n");
    add_states(page);
    lk_buf_add(
        page,
        "\n## The client is killed\n\n"
        "Its backend goes on until it notices. The server looks by itself: a run sets "
        "`client_connection_check_interval`\nto 2 s, and keepalives for clients that are gone "
        "without a word. A server on a platform where it cannot watch its\nsockets works on for "
        "nobody. As long as it does, it holds the run's lock: the next run says who that is, with "
        "its\nstatement, and waits for `apply.retry.max_elapsed` (then exit code 5). A backend "
        "that "
        "has given the lock away is\nknown by the journal, told and waited for in the same way "
        "(exit code 7). After `apply.take_over`, if that is set, the\nbackend is terminated. Then "
        "the next run looks at what was done, and goes on.\n\n"
        "## A statement is stopped half way\n\n"
        "A statement that cannot be in a transaction is announced in the journal before it is "
        "sent, "
        "and marked as done\nbehind it. What was announced and not marked is looked up in the "
        "catalog before anything else is done.\n`tests/integration/test_half_done.c` stops each of "
        "them for real: cancelled, with its backend ended, with its\nclient killed.\n\n");
    add_halves(page);
    lk_buf_add(
        page,
        "\n`IF NOT EXISTS` of anything else is the server's: it is content with what has the name. "
        "The rule\n[if-not-exists-hides-difference](rules/if-not-exists-hides-difference.md) "
        "reports it where the migrations say\nwhat that is.\n\n"
        "## How far it is\n\n"
        "A second connection looks once a second at what takes longer: who holds it up, who waits "
        "behind it, and how far it\nis. On a terminal that is one line that is written anew; "
        "elsewhere, and as event `progress` with `--log-format json`,\na line for each phase, and "
        "one every 30 s.\n\n"
        "`CREATE INDEX`, `REINDEX`, `VACUUM`, `VACUUM FULL`, `CLUSTER`, `ANALYZE` and `COPY`: the "
        "phase and, where the server\ncounts, the part of it that is done, from "
        "`pg_stat_progress_*`. "
        "Of `COPY FROM STDIN` the server knows no total: the\nrows so far are "
        "shown, which version 18 counts by the batch.\n\n"
        "`VALIDATE CONSTRAINT`, `SET NOT NULL`, and what rewrites a table: the table, its size, "
        "and "
        "the time. The server\nsays nothing of how far they are, and nothing that it counts can be "
        "read before they end: statistics of I/O are\nreported at the end of a transaction "
        "(`pg_stat_io` and `pg_stat_get_backend_io()` of version 18 as well), and the\nfile that a "
        "rewrite fills has no name that another session can see. A part that is done would be a "
        "guess, so there\nis none. The size is what `VACUUM` or `ANALYZE` saw last, as asking for "
        "it now would wait for the statement's own\nlock; of a table that neither has seen it is "
        "left out.\n");
}
