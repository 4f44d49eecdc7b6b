/*
 * tests/property/prop_script.c
 *     parser/script finds the statements that were put together, however they are parsed.
 */
#include "parser/script.h"

#include "parser/command.h"
#include "parser/lexer.h"
#include "tests/property/property.h"
#include "tests/property/soup.h"

#define MAX_STATEMENTS 12

static const char *const statements[] = {
    "SELECT 1",
    "SELECT ';', \";\", $$;$$, E'\\';', U&'\\003b' /* ; */ FROM t AS \"a;b\"",
    "SELECT CASE WHEN a THEN b END, t.end, t.case, (SELECT max(x) FROM (VALUES (1), (2)) v (x))",
    "BEGIN",
    "COMMIT",
    "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY, a text DEFAULT 'x;y' CHECK (a <> "
    "';'))",
    "create unique index concurrently if not exists i on t using btree (lower(a)) where a is not "
    "null",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true "
    "THEN "
    "2 END; END",
    "CREATE OR REPLACE PROCEDURE p(a int) BEGIN ATOMIC INSERT INTO t VALUES (a); END",
    "CREATE OR REPLACE FUNCTION f() RETURNS int AS $f$ BEGIN RETURN 1; END; $f$ LANGUAGE plpgsql",
    "CREATE FUNCTION g(x int) RETURNS int RETURN CASE WHEN x > 0 THEN 1 ELSE 2 END",
    "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO u VALUES (1); DELETE FROM v)",
    "CREATE OR REPLACE RULE r AS ON UPDATE TO t DO INSTEAD NOTHING",
    "DO $$ BEGIN PERFORM 1; /* ; */ END $$",
    "DO $outer$ BEGIN EXECUTE $$SELECT ';'$$; END $outer$",
    "INSERT INTO t (a) VALUES ('it''s; ok'), ($a$;$b$;$a$) ON CONFLICT DO NOTHING",
    "ALTER TABLE t ADD COLUMN \"grö;ße\" numeric(10, 2), ADD CHECK (\"grö;ße\" > 0) NOT VALID",
    "COMMENT ON TABLE t IS 'a\n -- no comment ;\n'",
    "GRANT SELECT, INSERT ON t TO r WITH GRANT OPTION",
    "SELECT 'a'\n'b;'\n \r\n';c'",
    "UPDATE t SET a = a || '-- ;' WHERE a ~ '/*' AND b @> '{1}'",
    "MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT "
    "DEFAULT VALUES",
    "END",
};

struct mixture {
    struct lk_buf text;
    size_t count;
    const char *statements[MAX_STATEMENTS];
    struct lk_span spans[MAX_STATEMENTS];
};

/* What the grammar refuses, whatever follows. */
static const char *const broken[] = {
    "SELEC 1",
    "CREATE TABLE a (id int",
    "INSERT INTO t VALUES ((1)",
    "ALTER TABLE t DROP",
    "SELECT 1)",
    "CREATE INDEX ON (a)",
    "CREATE TABLE rule (a int, FUNCTION begin atomic (",
    "SELECT \"\"",
    "END CASE",
};

/*
 * mix puts random statements with blanks, comments and semicolons between them together; the one
 * at `index` is a broken one.
 */
static struct mixture
mix(TALLOC_CTX *mem, size_t index)
{
    struct mixture mixture = {.text = lk_buf_init(mem), .count = lk_below(MAX_STATEMENTS) + 1};

    for (size_t i = 0; i < mixture.count; i++) {
        lk_soup_blank(&mixture.text, false);
        while (lk_chance(6))
            lk_buf_add(&mixture.text, ";");
        lk_soup_blank(&mixture.text, false);
        mixture.statements[i] = i == index ? lk_pick(broken) : lk_pick(statements);
        mixture.spans[i].start = (uint32_t)mixture.text.len;
        lk_buf_add(&mixture.text, mixture.statements[i]);
        mixture.spans[i].end = (uint32_t)mixture.text.len;
        lk_soup_blank(&mixture.text, false);
        if (i + 1 < mixture.count || lk_chance(2))
            lk_buf_add(&mixture.text, ";");
    }
    lk_soup_blank(&mixture.text, true);
    return mixture;
}

/* tag_alone returns the command tag of a statement by itself. */
static const char *
tag_alone(TALLOC_CTX *mem, const char *statement)
{
    struct lk_script *script = lk_script_of(mem, lk_source_of(mem, statement, strlen(statement)));

    return lk_command_tag(lk_script_tree(script, 0));
}

/* expect_mixture checks what was found against what was put together. */
static void
expect_mixture(TALLOC_CTX *mem, const struct mixture *mixture, size_t wrong,
               struct lk_script *script)
{
    const char *text = mixture->text.data;

    for (size_t i = 0; i < mixture->count; i++) {
        const struct Node *tree = lk_script_tree(script, i);
        const struct lk_statement *found = &script->statements.items[i];

        if ((tree == NULL) != (i == wrong))
            lk_wrong(text, "statement %zu: %s", i, found->error != NULL ? found->error : "taken");
        if (found->span.start != mixture->spans[i].start ||
            found->span.end != mixture->spans[i].end)
            lk_wrong(text, "statement %zu is %u-%u, not %u-%u", i, found->span.start,
                     found->span.end, mixture->spans[i].start, mixture->spans[i].end);
        if (tree != NULL &&
            strcmp(lk_command_tag(tree), tag_alone(mem, mixture->statements[i])) != 0)
            lk_wrong(text, "statement %zu is %s", i, lk_command_tag(tree));
    }
}

static void
whole_files_are_what_they_were_made_of(void **state)
{
    for (size_t i = 0; i < lk_rounds(3000); i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        lk_seed(i);
        struct mixture mixture = mix(scratch, SIZE_MAX);
        struct lk_script *script =
            lk_script_of(scratch, lk_source_of(scratch, mixture.text.data, mixture.text.len));
        expect_mixture(scratch, &mixture, SIZE_MAX, script);
        if (script->statements.count != mixture.count)
            lk_wrong(mixture.text.data, "%zu statements, not %zu", script->statements.count,
                     mixture.count);
        talloc_free(scratch);
    }
}

/* With an error at the end every statement is parsed alone, and comes out the same. */
static void
statement_by_statement_is_the_same(void **state)
{
    for (size_t i = 0; i < lk_rounds(2000); i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        lk_seed(i);
        struct mixture mixture = mix(scratch, SIZE_MAX);
        size_t comments =
            lk_script_of(scratch, lk_source_of(scratch, mixture.text.data, mixture.text.len))
                ->comments.count;
        lk_buf_add(&mixture.text, ";SELEC 1");
        struct lk_script *script =
            lk_script_of(scratch, lk_source_of(scratch, mixture.text.data, mixture.text.len));
        expect_mixture(scratch, &mixture, SIZE_MAX, script);
        if (script->statements.count != mixture.count + 1 ||
            lk_script_tree(script, mixture.count) != NULL)
            lk_wrong(mixture.text.data, "the error is not the last statement");
        if (script->comments.count != comments)
            lk_wrong(mixture.text.data, "%zu comments, not %zu", script->comments.count, comments);
        talloc_free(scratch);
    }
}

/* A broken statement hides none of the others. */
static void
errors_hide_nothing(void **state)
{
    for (size_t i = 0; i < lk_rounds(3000); i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        lk_seed(i);
        size_t wrong = lk_below(3);
        struct mixture mixture = mix(scratch, wrong);
        struct lk_script *script =
            lk_script_of(scratch, lk_source_of(scratch, mixture.text.data, mixture.text.len));
        expect_mixture(scratch, &mixture, wrong, script);
        if (script->statements.count != mixture.count)
            lk_wrong(mixture.text.data, "%zu statements, not %zu", script->statements.count,
                     mixture.count);
        talloc_free(scratch);
    }
}

/* Every file's statements are found alone, too: with the tag they have in the file. */
static void
files_statement_by_statement(void **state)
{
    struct lk_property_files files = lk_property_files_read(*state);

    lk_vec_foreach(file, &files.items) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        struct lk_script *script = lk_script_of(scratch, file->source);

        for (size_t i = 0; i < script->statements.count; i++) {
            const struct Node *tree = lk_script_tree(script, i);
            struct lk_span span = script->statements.items[i].span;
            if (tree == NULL) /* what follows an error can depend on where it is */
                continue;
            char *alone =
                lk_strndup(scratch, file->source->text + span.start, span.end - span.start);
            if (strcmp(tag_alone(scratch, alone), lk_command_tag(tree)) != 0)
                lk_wrong(alone, "%s: not the same alone", file->path);
        }
        talloc_free(scratch);
    }
}

/* ---- nothing is lost ---- */

/* expect_between checks that only blanks, comments and semicolons are in a span. */
static void
expect_between(const struct lk_source *source, struct lk_span span)
{
    struct lk_lexer lexer = lk_lexer_at(source->text, span);
    struct lk_token token;

    while ((token = lk_lex_code(&lexer)).kind != LK_TOKEN_END)
        if (!lk_token_is_symbol(source->text, token, ';'))
            lk_wrong(source->original, "%s: what is at %u belongs to no statement", source->path,
                     token.span.start);
}

/* expect_all_there checks that statements and what is between them give back the file. */
static void
expect_all_there(TALLOC_CTX *mem, struct lk_source *source)
{
    struct lk_script *script = lk_script_of(mem, source);
    struct lk_buf whole = lk_buf_init(mem);
    uint32_t at = 0;

    for (size_t i = 0; i < script->statements.count; i++) {
        lk_script_tree(script, i);
        const struct lk_statement *found = &script->statements.items[i];
        struct lk_span span = found->span, region = found->region;
        if (region.start < at || span.start < region.start || span.end <= span.start ||
            region.end < span.end || region.end > source->size)
            lk_wrong(source->original, "%s: statement %zu is %u-%u in %u-%u, behind %u",
                     source->path, i, span.start, span.end, region.start, region.end, at);
        expect_between(source, (struct lk_span){at, span.start});
        expect_between(source, (struct lk_span){span.end, region.end});
        lk_buf_addn(&whole, source->text + at, span.start - at);
        lk_buf_addn(&whole, source->text + span.start, span.end - span.start);
        lk_buf_addn(&whole, source->text + span.end, region.end - span.end);
        at = region.end;
    }
    expect_between(source, (struct lk_span){at, source->size});
    lk_buf_addn(&whole, source->text + at, source->size - at);
    if (strcmp(whole.data, source->text) != 0)
        lk_wrong(source->original, "%s: it is not what was read", source->path);
}

static void
nothing_of_files_is_lost(void **state)
{
    struct lk_property_files files = lk_property_files_read(*state);

    lk_vec_foreach(file, &files.items) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        struct lk_source *masked =
            lk_source_new(scratch, file->path, file->source->original, file->source->size);
        expect_all_there(scratch, file->source);
        lk_source_mask(masked, &(struct lk_values){0}, false, 15);
        expect_all_there(scratch, masked);
        talloc_free(scratch);
    }
}

static void
nothing_of_soups_is_lost(void **state)
{
    for (size_t i = 0; i < lk_rounds(6000); i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        lk_seed(i);
        struct mixture mixture = mix(scratch, lk_below(6));
        if (lk_chance(2))
            lk_buf_add(&mixture.text, lk_soup(scratch, 12));
        struct lk_source *source = lk_source_of(scratch, mixture.text.data, mixture.text.len);
        if (lk_chance(2))
            lk_source_mask(source, &(struct lk_values){0}, false, 15);
        expect_all_there(scratch, source);
        talloc_free(scratch);
    }
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        lk_property(whole_files_are_what_they_were_made_of),
        lk_property(statement_by_statement_is_the_same),
        lk_property(errors_hide_nothing),
        lk_property(files_statement_by_statement),
        lk_property(nothing_of_files_is_lost),
        lk_property(nothing_of_soups_is_lost),
    };

    return lk_property_main(tests, argc, argv);
}
