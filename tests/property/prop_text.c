/*
 * tests/property/prop_text.c
 *     Globs against regular expressions, and quoting against the grammar.
 */
#include <regex.h>

#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/pg_nodes.h"
#include "parser/pgparse.h"
#include "tests/property/property.h"

static char *
random_of(TALLOC_CTX *mem, const char *const *pieces, size_t count, size_t most)
{
    struct lk_buf text = lk_buf_init(mem);

    for (size_t i = lk_below(most) + 1; i > 0; i--)
        lk_buf_add(&text, pieces[lk_below(count)]);
    return text.data;
}

/* to_regex returns the extended regular expression that a glob means. */
static char *
to_regex(TALLOC_CTX *mem, const char *glob)
{
    struct lk_buf regex = lk_buf_init(mem);

    lk_buf_add(&regex, "^");
    for (const char *at = glob; *at != '\0'; at++) {
        if (lk_starts_with(at, "**/") && at[3] != '\0') {
            lk_buf_add(&regex, "(.*/)?");
            at += 2;
        } else if (lk_starts_with(at, "**")) {
            lk_buf_add(&regex, ".*");
            at++;
        } else if (*at == '*') {
            lk_buf_add(&regex, "[^/]*");
        } else if (*at == '?') {
            lk_buf_add(&regex, "[^/]");
        } else if (*at != '/' || at[1] != '\0') { /* a last slash is in what follows */
            lk_buf_addf(&regex, "[%c]", *at);
        }
    }
    lk_buf_add(&regex, "(/.*)?$");
    return regex.data;
}

static void
globs_are_regular_expressions(void **state)
{
    static const char *const pieces[] = {"a", "b", "/", "*", "?", "**", "**/", "/**", ".", "a"};
    static const char *const names[] = {"a", "b", "/", ".", "ab", "a/"};

    for (size_t i = 0; i < lk_rounds(10000); i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        regex_t regex;
        lk_seed(i);
        char *glob = random_of(scratch, pieces, LK_ARRAY_SIZE(pieces), 5);
        char *expression = to_regex(scratch, glob);
        assert_int_equal(regcomp(&regex, expression, REG_EXTENDED | REG_NOSUB), 0);
        for (size_t k = 0; k < 8; k++) {
            char *path = random_of(scratch, names, LK_ARRAY_SIZE(names), 6);
            bool wanted = regexec(&regex, path, 0, NULL, 0) == 0;
            if (lk_glob_match(glob, path) != wanted)
                lk_wrong(path, "%s is taken: %d, but %s says %d", glob, !wanted, expression,
                         wanted);
        }
        regfree(&regex);
        talloc_free(scratch);
    }
}

/* parsed returns the only statement of a text that the grammar must take. */
static const Node *
parsed(TALLOC_CTX *mem, const char *sql)
{
    struct lk_pg_error error = {0};
    struct lk_pg_trees *trees =
        lk_pg_parse(mem, sql, (struct lk_span){0, (uint32_t)strlen(sql)}, &error);

    if (trees == NULL)
        lk_wrong(sql, "%s", error.message);
    if (list_length(trees->statements) != 1)
        lk_wrong(sql, "%d statements", list_length(trees->statements));
    return linitial_node(RawStmt, trees->statements)->stmt;
}

/* expect_identifier uses a name in every kind of place and looks for it in the trees. */
static void
expect_identifier(TALLOC_CTX *mem, const char *name)
{
    const char *quoted = lk_quote_ident(mem, name);
    const char *sql = lk_fmt(mem, "CREATE TABLE %s.%s (%s %s)", quoted, quoted, quoted, quoted);
    const CreateStmt *table = (const CreateStmt *)parsed(mem, sql);
    const ColumnDef *column = linitial_node(ColumnDef, table->tableElts);

    if (strcmp(table->relation->schemaname, name) != 0 ||
        strcmp(table->relation->relname, name) != 0 || strcmp(column->colname, name) != 0 ||
        strcmp(strVal(llast(column->typeName->names)), name) != 0)
        lk_wrong(sql, "not the name %s", name);
    sql = lk_fmt(mem, "DROP FUNCTION %s (%s)", quoted, quoted);
    const ObjectWithArgs *function =
        linitial_node(ObjectWithArgs, ((const DropStmt *)parsed(mem, sql))->objects);
    if (strcmp(strVal(linitial(function->objname)), name) != 0)
        lk_wrong(sql, "not the name %s", name);
    sql = lk_fmt(mem, "ALTER TABLE %s RENAME %s TO %s", quoted, quoted, quoted);
    const RenameStmt *rename = (const RenameStmt *)parsed(mem, sql);
    if (strcmp(rename->relation->relname, name) != 0 || strcmp(rename->subname, name) != 0 ||
        strcmp(rename->newname, name) != 0)
        lk_wrong(sql, "not the name %s", name);
}

static const char *const bits[] = {
    "a",
    "B",
    "_",
    "1",
    " ",
    "\"",
    "'",
    "\\",
    "$",
    "$$",
    ".",
    ";",
    "\n",
    "\t",
    "--",
    "/*",
    "*/",
    "\xC3\xB6",
    "\xF0\x9F\x98\x80",
    "select",
    "n",
    "e",
    "%",
    "\x01",
};

static void
identifiers_come_back(void **state)
{
    for (size_t i = 0; i < lk_rounds(3000); i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        lk_seed(i);
        expect_identifier(scratch, random_of(scratch, bits, LK_ARRAY_SIZE(bits), 8));
        talloc_free(scratch);
    }
}

static void
keywords_come_back(void **state)
{
    for (int i = 0; i < ScanKeywords.num_keywords; i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        lk_seed((size_t)i);
        expect_identifier(scratch, GetScanKeyword(i, &ScanKeywords));
        talloc_free(scratch);
    }
}

static void
literals_come_back(void **state)
{
    for (size_t i = 0; i < lk_rounds(5000); i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        lk_seed(i);
        const char *value = lk_chance(20) ? "" : random_of(scratch, bits, LK_ARRAY_SIZE(bits), 20);
        const char *sql = lk_fmt(scratch, "SELECT %s", lk_quote_literal(scratch, value));
        const SelectStmt *select = (const SelectStmt *)parsed(scratch, sql);
        const Node *target = linitial_node(ResTarget, select->targetList)->val;
        if (!IsA(target, A_Const) ||
            strcmp(strVal(&((A_Const *)(uintptr_t)target)->val), value) != 0)
            lk_wrong(sql, "not the literal %s", value);
        talloc_free(scratch);
    }
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        lk_property(globs_are_regular_expressions),
        lk_property(identifiers_come_back),
        lk_property(keywords_come_back),
        lk_property(literals_come_back),
    };

    return lk_property_main(tests, argc, argv);
}
