/*
 * tests/unit/test_fingerprint.c
 *     parser/fingerprint: what counts as a change, and what is only another layout.
 */
#include "parser/fingerprint.h"

#include "tests/unit/unit.h"

static const struct {
    const char *what;
    const char *naming; /* NULL: none */
    const char *one, *other;
    bool same;
} pairs[] = {
    {"the same", NULL, "SELECT 1;\n", "SELECT 1;\n", true},
    {"white space", NULL, "SELECT 1;SELECT 2", "\n SELECT\t1 ;\r\n\r\nSELECT 2\n", true},
    {"comments", NULL, "SELECT 1;", "-- one\nSELECT /* a /* b */ */ 1; -- the end", true},
    {"a comment between words", NULL, "SELECT/**/1", "SELECT 1", true},
    {"a byte order mark", NULL, "SELECT 1;", "\xEF\xBB\xBFSELECT 1;", true},
    {"a number", NULL, "SELECT 1;", "SELECT 2;", false},
    {"words joined", NULL, "SELECT a b", "SELECT ab", false},
    {"upper case", NULL, "SELECT 1", "select 1", false},
    {"a semicolon more", NULL, "SELECT 1;", "SELECT 1;;", false},
    {"blanks in a literal", NULL, "SELECT 'a b'", "SELECT 'a  b'", false},
    {"a comment in a literal", NULL, "SELECT 'a -- b'", "SELECT 'a -- c'", false},
    {"a body", NULL, "DO $$ BEGIN END $$", "DO $$ BEGIN  END $$", false},
    {"what is commented out", NULL, "SELECT 1; DROP TABLE a;", "SELECT 1; --DROP TABLE a;", false},
    {"rows behind COPY", NULL, "COPY a FROM stdin;\n1\n\\.\n", "COPY a FROM stdin;\n2\n\\.\n",
     false},
    {"the same rows", NULL, "COPY a FROM stdin;\n1\n\\.\n", "-- a\nCOPY a  FROM stdin;\n1\n\\.\n",
     true},
    {"a command of psql", NULL, "\\set a 1\nSELECT 1;\n", "\\set a 2\nSELECT 1;\n", false},
    {"a command in a comment", NULL, "SELECT 1; -- :a\n", "SELECT 1; -- :b\n", true},
    {"a variable", NULL, "SELECT :a;\n", "SELECT :b;\n", false},
    {"a placeholder", "flyway", "SELECT ${a};\n", "SELECT ${b};\n", false},
    {"a placeholder in a comment", "flyway", "SELECT 1; -- ${a}\n", "SELECT 1; -- ${b}\n", true},
    {"parts", "dbmate", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n",
     "-- migrate:up\n\nSELECT 1;\n\n-- migrate:down\n-- back\nSELECT 2;\n", true},
    {"a border moved", "dbmate", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n",
     "-- migrate:up\nSELECT 1;\nSELECT 2;\n-- migrate:down\n", false},
    {"not UTF-8", NULL, "SELECT 1; -- \xFF", "SELECT 1; -- \xFE", false},
};

static void
fingerprint(TALLOC_CTX *mem, const char *text, const char *naming, char hex[LK_SHA256_HEX_SIZE])
{
    static const struct lk_values none = {0};
    const struct lk_naming *convention = naming != NULL ? lk_naming_find(naming) : NULL;
    struct lk_source *source = lk_unit_source(mem, text);

    if (source->invalid == source->size)
        lk_source_mask(source, &none, convention != NULL && convention->replaces, 15);
    lk_fingerprint(source, convention, hex);
}

static void
test_pairs(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(pairs); i++) {
        char one[LK_SHA256_HEX_SIZE], other[LK_SHA256_HEX_SIZE];
        fingerprint(*state, pairs[i].one, pairs[i].naming, one);
        fingerprint(*state, pairs[i].other, pairs[i].naming, other);
        lk_expect_true(pairs[i].what, (strcmp(one, other) == 0) == pairs[i].same);
    }
}

/* test_statement: of a statement, case counts in literals and delimited names only. */
static void
test_statement(void **state)
{
    static const struct {
        const char *what, *one, *other;
        bool same;
    } statements[] = {
        {"case", "SELECT a FROM B", "select A from b", true},
        {"case of a literal", "SELECT 'a'", "SELECT 'A'", false},
        {"case of a name", "SELECT \"a\"", "SELECT \"A\"", false},
        {"layout", "SELECT a -- b", "SELECT\n /* c */ a", true},
        {"a variable", "SELECT :a", "SELECT :b", false},
    };
    static const struct lk_values none = {0};

    for (size_t i = 0; i < LK_ARRAY_SIZE(statements); i++) {
        char hex[2][LK_SHA256_HEX_SIZE];
        for (int k = 0; k < 2; k++) {
            const char *text = k == 0 ? statements[i].one : statements[i].other;
            const char *whole = lk_fmt(*state, "SELECT :x%d;\n%s;\nSELECT :y;", k, text);
            struct lk_source *source = lk_unit_source(*state, whole);
            uint32_t start = (uint32_t)(strstr(whole, "\n") + 1 - whole);
            lk_source_mask(source, &none, false, 15);
            lk_fingerprint_statement(
                source, (struct lk_span){start, start + (uint32_t)strlen(text)}, hex[k]);
        }
        lk_expect_true(statements[i].what, (strcmp(hex[0], hex[1]) == 0) == statements[i].same);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {lk_unit(test_pairs), lk_unit(test_statement)};

    return cmocka_run_group_tests_name("fingerprint", tests, NULL, lk_unit_finish);
}
