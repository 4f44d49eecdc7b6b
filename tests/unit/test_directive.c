/*
 * tests/unit/test_directive.c
 *     parser/directive: what comments say to the tool, and to which statement.
 */
#include "parser/directive.h"

#include "parser/base/buf.h"
#include "tests/unit/unit.h"

static const char *
kind_word(enum lk_directive_kind kind)
{
    static const char *const words[] = {
        [LK_DIRECTIVE_IGNORE] = "ignore",
        [LK_DIRECTIVE_IGNORE_FILE] = "ignore-file",
        [LK_DIRECTIVE_TRANSACTION_OFF] = "transaction-off",
        [LK_DIRECTIVE_LOCK_TIMEOUT] = "lock-timeout",
        [LK_DIRECTIVE_STATEMENT_TIMEOUT] = "statement-timeout",
        [LK_DIRECTIVE_UNKNOWN] = "unknown",
    };

    return words[kind];
}

/*
 * directives returns the directives of a text as "tool kind (rules) -- reason = value @statement"
 * joined by " | "; the statement as its text, "-" for none.
 */
static const char *
directives(TALLOC_CTX *mem, const char *text)
{
    struct lk_script *script = lk_unit_script(mem, text);
    struct lk_directives found = lk_directives_read(mem, script);
    struct lk_buf out = lk_buf_init(mem);

    lk_vec_foreach(directive, &found.items) {
        lk_buf_sep(&out, " | ");
        lk_buf_addf(&out, "%s %s (", directive->tool, kind_word(directive->kind));
        lk_vec_foreach(name, &directive->names)
            lk_buf_addf(&out, "%s%s", name == directive->names.items ? "" : ",", name->text);
        lk_buf_add(&out, ")");
        if (directive->reason != NULL)
            lk_buf_addf(&out, " -- %s", directive->reason);
        if (directive->value != NULL)
            lk_buf_addf(&out, " = %s", directive->value);
        const char *target = "-";
        lk_vec_foreach(statement, &script->statements)
            if (statement->span.start == directive->target)
                target = lk_unit_part(mem, text, statement->span);
        lk_buf_addf(&out, " @%s", target);
    }
    return out.data;
}

struct reading {
    const char *text;
    const char *directives;
};

static void
expect_readings(TALLOC_CTX *mem, const struct reading *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        lk_expect_text(cases[i].text, directives(mem, cases[i].text), cases[i].directives);
}

#define EXPECT(mem, cases) expect_readings(mem, cases, LK_ARRAY_SIZE(cases))

static void
our_own_forms(void **state)
{
    static const struct reading cases[] = {
        {"-- lockkeeper: ignore a\nX", "lockkeeper ignore (a) @X"},
        {"--lockkeeper:ignore a\nX", "lockkeeper ignore (a) @X"},
        {"-- LockKeeper: IGNORE a\nX", "lockkeeper ignore (a) @X"},
        {"/* lockkeeper: ignore a */ X", "lockkeeper ignore (a) @X"},
        {"/*lockkeeper: ignore a*/ X", "lockkeeper ignore (a) @X"},
        {"-- lockkeeper: ignore a, b\nX", "lockkeeper ignore (a,b) @X"},
        {"-- lockkeeper: ignore a,b,c\nX", "lockkeeper ignore (a,b,c) @X"},
        {"-- lockkeeper: ignore a b\nX", "lockkeeper ignore (a,b) @X"},
        {"-- lockkeeper: ignore a,, b ,\nX", "lockkeeper ignore (a,b) @X"},
        {"-- lockkeeper: ignore\nX", "lockkeeper ignore () @X"},
        {"-- lockkeeper: ignore -- why\nX", "lockkeeper ignore () -- why @X"},
        {"-- lockkeeper: ignore a -- it is small\nX", "lockkeeper ignore (a) -- it is small @X"},
        {"-- lockkeeper: ignore a, b --  spaces  \nX", "lockkeeper ignore (a,b) -- spaces @X"},
        {"-- lockkeeper: ignore a -- one -- two\nX", "lockkeeper ignore (a) -- one -- two @X"},
        {"-- lockkeeper: ignore a --\nX", "lockkeeper ignore (a) @X"},
        {"/* lockkeeper: ignore a -- why */ X", "lockkeeper ignore (a) -- why @X"},
        {"-- lockkeeper: ignore a\r\nX", "lockkeeper ignore (a) @X"},
        {"-- lockkeeper: ignore-file a\nX", "lockkeeper ignore-file (a) @-"},
        {"-- lockkeeper: ignore-file a, b -- why\nX", "lockkeeper ignore-file (a,b) -- why @-"},
        {"X; -- lockkeeper: ignore-file", "lockkeeper ignore-file () @-"},
        {"-- lockkeeper: transaction off\nX", "lockkeeper transaction-off () @-"},
        {"-- lockkeeper: transaction   off  \nX", "lockkeeper transaction-off () @-"},
        {"-- lockkeeper: lock_timeout 10s\nX", "lockkeeper lock-timeout () = 10s @X"},
        {"-- lockkeeper: statement_timeout 10m -- big\nX",
         "lockkeeper statement-timeout () = 10m @X"},
        {"-- lockkeeper: lock_timeout 10 s\nX", "lockkeeper lock-timeout () = 10 s @X"},
        {"/* lockkeeper: ignore a,\n   b -- why */\nX", "lockkeeper ignore (a,b) -- why @X"},
    };

    EXPECT(*state, cases);
}

static void
what_is_not_understood(void **state)
{
    static const struct reading cases[] = {
        {"-- lockkeeper: ingore a\nX", "lockkeeper unknown () = ingore a @X"},
        {"-- lockkeeper: ignored a\nX", "lockkeeper unknown () = ignored a @X"},
        {"-- lockkeeper: transaction on\nX", "lockkeeper unknown () = transaction on @X"},
        {"-- lockkeeper: transaction off please\nX",
         "lockkeeper unknown () = transaction off please @X"},
        {"-- lockkeeper: lock_timeout\nX", "lockkeeper unknown () = lock_timeout @X"},
        {"-- lockkeeper:\nX", "lockkeeper unknown () =  @X"},
    };

    EXPECT(*state, cases);
}

static void
what_is_no_directive(void **state)
{
    static const struct reading cases[] = {
        {"-- lockkeeper ignore a\nX", ""},
        {"-- see lockkeeper: ignore a\nX", ""},
        {"SELECT '-- lockkeeper: ignore a'", ""},
        {"SELECT $$\n-- lockkeeper: ignore a\n$$", ""},
        {"-- squawk-ignore\nX", ""}, /* a bare one suppresses nothing there either */
        {"-- squawk-ignores a\nX", ""},
        {"-- atlas:nolinting\nX", ""},
        {"-- atlas:txmode file\n\nX", ""},
        {"-- atlas:txmode none\nX", ""}, /* Atlas takes it for the statement's */
        {"-- nothing\nX", ""},
        {"--\n/**/X", ""},
    };

    EXPECT(*state, cases);
}

static void
other_tools(void **state)
{
    static const struct reading cases[] = {
        {"-- squawk-ignore ban-drop-column\nX", "squawk ignore (ban-drop-column) @X"},
        {"-- squawk-ignore a, b\nX", "squawk ignore (a,b) @X"},
        {"/* squawk-ignore a */ X", "squawk ignore (a) @X"},
        {"-- squawk-ignore-file a, b\nX", "squawk ignore-file (a,b) @-"},
        {"-- squawk-ignore-file\nX", "squawk ignore-file () @-"},
        {"-- atlas:nolint\nX", "atlas ignore () @X"},
        {"-- atlas:nolint DS103\nX", "atlas ignore (DS103) @X"},
        {"-- atlas:nolint destructive DS103\nX", "atlas ignore (destructive,DS103) @X"},
        {"-- atlas:nolint\n\nX", "atlas ignore-file () @-"},
        {"-- why\n-- atlas:nolint DS103\n\nX;\nY", "atlas ignore-file (DS103) @-"},
        {"X;\n-- atlas:nolint\n\nY", "atlas ignore () @Y"},
        {"-- atlas:txmode none\n\nX", "atlas transaction-off () @-"},
    };

    EXPECT(*state, cases);
}

static void
attachment(void **state)
{
    static const struct reading cases[] = {
        /* before */
        {"A;\n-- lockkeeper: ignore a\nB;\nC;", "lockkeeper ignore (a) @B"},
        {"A;\n\n-- lockkeeper: ignore a\n\n-- more\n\nB;", "lockkeeper ignore (a) @B"},
        {"A;\n-- lockkeeper: ignore a\n;;\nB;", "lockkeeper ignore (a) @B"},
        /* trailing */
        {"A; -- lockkeeper: ignore a\nB;", "lockkeeper ignore (a) @A"},
        {"A -- lockkeeper: ignore a\n; B;", "lockkeeper ignore (a) @A"},
        {"A /* lockkeeper: ignore a */; B;", "lockkeeper ignore (a) @A"},
        {"A; /* lockkeeper: ignore a */ B;", "lockkeeper ignore (a) @A"},
        {"A; B; -- lockkeeper: ignore a", "lockkeeper ignore (a) @B"},
        {"A;\n  B; -- lockkeeper: ignore a\nC;", "lockkeeper ignore (a) @B"},
        {"A\nA; -- lockkeeper: ignore a\nB;", "lockkeeper ignore (a) @A\nA"},
        /* inside */
        {"A -- lockkeeper: ignore a\nA; B;", "lockkeeper ignore (a) @A -- lockkeeper: ignore a\nA"},
        {"B; A /* lockkeeper: ignore a */ A;",
         "lockkeeper ignore (a) @A /* lockkeeper: ignore a */ A"},
        /* nothing follows */
        {"A;\n-- lockkeeper: ignore a\n", "lockkeeper ignore (a) @-"},
        {"-- lockkeeper: ignore a\n", "lockkeeper ignore (a) @-"},
        /* several */
        {"-- lockkeeper: ignore a\n-- lockkeeper: ignore b -- why\nA; -- squawk-ignore c\nB;",
         "lockkeeper ignore (a) @A | lockkeeper ignore (b) -- why @A | squawk ignore (c) @A"},
        {"A;\n-- lockkeeper: lock_timeout 1s\nB;", "lockkeeper lock-timeout () = 1s @B"},
    };

    EXPECT(*state, cases);
}

static void
keeps_the_place_of_the_comment(void **state)
{
    static const char text[] = "SELECT 1;\n/* lockkeeper: ignore a */\nSELECT 2;";
    struct lk_directives found = lk_directives_read(*state, lk_unit_script(*state, text));

    assert_int_equal(found.items.count, 1);
    assert_string_equal(lk_unit_part(*state, text, found.items.items[0].span),
                        "/* lockkeeper: ignore a */");
    assert_int_equal(found.items.items[0].target, 37);
    assert_false(found.items.items[0].used);
    assert_false(found.items.items[0].names.items[0].used);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(our_own_forms),        lk_unit(what_is_not_understood),
        lk_unit(what_is_no_directive), lk_unit(other_tools),
        lk_unit(attachment),           lk_unit(keeps_the_place_of_the_comment),
    };

    return cmocka_run_group_tests(tests, NULL, lk_unit_finish);
}
