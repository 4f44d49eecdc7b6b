/*
 * tests/unit/test_lexer.c
 *     parser/lexer: where tokens start and end.
 *
 * The borders are those of PostgreSQL's scan.l with standard_conforming_strings on; its grammar of
 * numbers is that of 16 and later. tests/property compares with the scanner itself.
 */
#include "parser/lexer.h"

#include "parser/base/buf.h"
#include "tests/unit/unit.h"

/* tokens returns the tokens of a text as "kind<text>" joined by blanks; "!" marks unterminated. */
static const char *
tokens(TALLOC_CTX *mem, const char *text)
{
    static const char *const letters[] = {
        [LK_TOKEN_WORD] = "w",   [LK_TOKEN_NAME] = "n",    [LK_TOKEN_STRING] = "s",
        [LK_TOKEN_DOLLAR] = "d", [LK_TOKEN_NUMBER] = "#",  [LK_TOKEN_PARAM] = "p",
        [LK_TOKEN_SYMBOL] = "o", [LK_TOKEN_COMMENT] = "c",
    };
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){0, (uint32_t)strlen(text)});
    struct lk_buf out = lk_buf_init(mem);

    for (;;) {
        struct lk_token token = lk_lex(&lexer);
        if (token.kind == LK_TOKEN_END)
            return out.data;
        lk_buf_sep(&out, " ");
        lk_buf_addf(&out, "%s%s<%s>", letters[token.kind], token.unterminated ? "!" : "",
                    lk_unit_part(mem, text, token.span));
    }
}

struct lexing {
    const char *text;
    const char *tokens;
};

static void
expect_lexings(TALLOC_CTX *mem, const struct lexing *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        lk_expect_text(cases[i].text, tokens(mem, cases[i].text), cases[i].tokens);
}

#define EXPECT(mem, cases) expect_lexings(mem, cases, LK_ARRAY_SIZE(cases))

static void
words_and_names(void **state)
{
    static const struct lexing cases[] = {
        {"", ""},
        {" \t\r\n\f\v ", ""},
        {"select SELECT _x x1 x$1", "w<select> w<SELECT> w<_x> w<x1> w<x$1>"},
        {"gr\xC3\xB6\xC3\x9F\x65.t", "w<gr\xC3\xB6\xC3\x9F\x65> o<.> w<t>"},
        {"\xF0\x9F\x98\x80x", "w<\xF0\x9F\x98\x80x>"},
        {"\"a b\"", "n<\"a b\">"},
        {"\"a\"\"b\"", "n<\"a\"\"b\">"},
        {"\"a;'--/*\"", "n<\"a;'--/*\">"},
        {"\"a\nb\"", "n<\"a\nb\">"},
        {"a\"b\"c", "w<a> n<\"b\"> w<c>"},
        {"\"\"", "n<\"\">"},
        {"U&\"d\\0061t\"", "n<U&\"d\\0061t\">"},
        {"u&\"a\"\"b\" UESCAPE '!'", "n<u&\"a\"\"b\"> w<UESCAPE> s<'!'>"},
        {"u & \"a\"", "w<u> o<&> n<\"a\">"},
        {"U&x", "w<U> o<&> w<x>"},
        {"xU&\"a\"", "w<xU> o<&> n<\"a\">"},
        /* two delimited names next to each other are not continued */
        {"\"a\"\n\"b\"", "n<\"a\"> n<\"b\">"},
    };

    EXPECT(*state, cases);
}

static void
strings(void **state)
{
    static const struct lexing cases[] = {
        {"''", "s<''>"},
        {"'a''b'", "s<'a''b'>"},
        {"''''", "s<''''>"},
        {"'a;--/*\n\"b'", "s<'a;--/*\n\"b'>"},
        {"'a\\'b", "s<'a\\'> w<b>"}, /* a backslash is a character like any other */
        {"'a' 'b'", "s<'a'> s<'b'>"},
        {"'a'b", "s<'a'> w<b>"},
        {"E'a\\'b'", "s<E'a\\'b'>"},
        {"e'\\\\'x", "s<e'\\\\'> w<x>"},
        {"E'a''b\\n'", "s<E'a''b\\n'>"},
        {"E 'a\\'", "w<E> s<'a\\'>"},
        {"xE'a'", "w<xE> s<'a'>"},
        {"B'0101' b'1'", "s<B'0101'> s<b'1'>"},
        {"X'1F' x'00'", "s<X'1F'> s<x'00'>"},
        {"N'a' n'b'", "s<N'a'> s<n'b'>"},
        {"U&'d\\0061t'", "s<U&'d\\0061t'>"},
        {"U&'\\'x", "s<U&'\\'> w<x>"},
        {"U&'a''b'", "s<U&'a''b'>"},
        /* quotes are doubled in character strings only: these are two constants each */
        {"B'01''10'", "s<B'01'> s<'10'>"},
        {"X'01''FF'", "s<X'01'> s<'FF'>"},
    };

    EXPECT(*state, cases);
}

/* A literal goes on after white space with a newline in it; comments to the end of line count. */
static void
continuation_lines(void **state)
{
    static const struct lexing cases[] = {
        {"'a'\n'b'", "s<'a'\n'b'>"},
        {"'a'\r'b'", "s<'a'\r'b'>"},
        {"'a' \t\r\n  \n'b'", "s<'a' \t\r\n  \n'b'>"},
        {"'a'\n'b'\n'c' d", "s<'a'\n'b'\n'c'> w<d>"},
        {"'a' -- why\n'b'", "s<'a' -- why\n'b'>"},
        {"'a'\n-- why\n'b'", "s<'a'\n-- why\n'b'>"},
        {"'a'\n-- why 'b'", "s<'a'> c<-- why 'b'>"},
        {"'a' -- why\n-- and\n\n'b'", "s<'a' -- why\n-- and\n\n'b'>"},
        {"'a'\n/* no */'b'", "s<'a'> c</* no */> s<'b'>"},
        {"'a'/*\n*/'b'", "s<'a'> c</*\n*/> s<'b'>"},
        {"'a'\n- 'b'", "s<'a'> o<-> s<'b'>"},
        {"'a'\nE'b'", "s<'a'> s<E'b'>"},
        {"E'a'\n'b\\'c'", "s<E'a'\n'b\\'c'>"},
        {"'a'\n'b\\'c", "s<'a'\n'b\\'> w<c>"},
        {"B'0'\n'1'", "s<B'0'\n'1'>"},
        {"X'0'\n'1'", "s<X'0'\n'1'>"},
        {"U&'a'\n'b'", "s<U&'a'\n'b'>"},
        {"N'a'\n'b'", "s<N'a'\n'b'>"},
        {"'a'\n", "s<'a'>"},
        {"'a'\n\"b\"", "s<'a'> n<\"b\">"},
        {"'a'\n$$b$$", "s<'a'> d<$$b$$>"},
        {"$$a$$\n'b'", "d<$$a$$> s<'b'>"},
    };

    EXPECT(*state, cases);
}

static void
dollar_quotes(void **state)
{
    static const struct lexing cases[] = {
        {"$$$$", "d<$$$$>"},
        {"$$a;'b\n$$", "d<$$a;'b\n$$>"},
        {"$a$ $$ $b$ $a$", "d<$a$ $$ $b$ $a$>"},
        {"$_x1$y$_x1$", "d<$_x1$y$_x1$>"},
        {"$A$ $a$ $A$", "d<$A$ $a$ $A$>"}, /* tags are case-sensitive */
        {"$\xC3\xB6$x$\xC3\xB6$", "d<$\xC3\xB6$x$\xC3\xB6$>"},
        {"$a$x$$a$", "d<$a$x$$a$>"},
        {"$a$$a$b", "d<$a$$a$> w<b>"},
        {"a$$b$$", "w<a$$b$$>"}, /* inside a word it is part of that */
        {"a $$b$$", "w<a> d<$$b$$>"},
        {"1$$b$$", "#<1> d<$$b$$>"},
        {"$1 $23", "p<$1> p<$23>"},
        {"$1$$b$$", "p<$1> d<$$b$$>"},
        {"$ a", "o<$> w<a>"},
        {"$-", "o<$> o<->"},
        {"$a b", "o<$> w<a> w<b>"},
        {"$a-$", "o<$> w<a> o<-> o<$>"},
    };

    EXPECT(*state, cases);
}

static void
numbers(void **state)
{
    static const struct lexing cases[] = {
        {"0 1 42", "#<0> #<1> #<42>"},
        {"1.5 .5 5. .5e-3", "#<1.5> #<.5> #<5.> #<.5e-3>"},
        {"1e10 1E+10 1.e5 1.5e-2", "#<1e10> #<1E+10> #<1.e5> #<1.5e-2>"},
        {"1..2", "#<1> o<..> #<2>"},
        {"1...5", "#<1> o<..> #<.5>"},
        {"1.2.3", "#<1.2> #<.3>"},
        {"0x1F 0X1f 0o17 0b101", "#<0x1F> #<0X1f> #<0o17> #<0b101>"},
        {"0x_1F 0o_7 0b_1", "#<0x_1F> #<0o_7> #<0b_1>"},
        {"1_000 1_0.5_0 .5_0", "#<1_000> #<1_0.5_0> #<.5_0>"},
        {"1e1_0 1_0e-1_0", "#<1e1_0> #<1_0e-1_0>"},
        {"a.1", "w<a> #<.1>"},
        {"1-1", "#<1> o<-> #<1>"},
        {"-1", "o<-> #<1>"},
        {"1::int", "#<1> o<::> w<int>"},
        {"a[1:2]", "w<a> o<[> #<1> o<:> #<2> o<]>"},
        {"1/*x*/2", "#<1> c</*x*/> #<2>"},
        {"1--x", "#<1> c<--x>"},
        {"(1),", "o<(> #<1> o<)> o<,>"},
    };

    EXPECT(*state, cases);
}

static void
symbols_and_operators(void **state)
{
    static const struct lexing cases[] = {
        {",()[].;:", "o<,> o<(> o<)> o<[> o<]> o<.> o<;> o<:>"},
        {"a::b:=c", "w<a> o<::> w<b> o<:=> w<c>"},
        {":::", "o<::> o<:>"},
        {"=> <= >= <> !=", "o<=>> o<<=> o<>=> o<<>> o<!=>"},
        {"||", "o<||>"},
        {"->>'a'", "o<->>> s<'a'>"},
        {"#>>", "o<#>>>"},
        {"@>", "o<@>>"},
        {"a*-1", "w<a> o<*> o<-> #<1>"},
        {"a=-1", "w<a> o<=> o<-> #<1>"},
        {"a<-+b", "w<a> o<<> o<-> o<+> w<b>"},
        {"@-", "o<@->"}, /* one of ~!@#^&|`?% keeps the sign */
        {"a||-b", "w<a> o<||-> w<b>"},
        {"+-+", "o<+> o<-> o<+>"},
        {"=+-*", "o<=+-*>"},
        {"-+@", "o<-+@>"},
        {"*--c\n/", "o<*> c<--c> o</>"},
        {"+/*c*/+", "o<+> c</*c*/> o<+>"},
        {"*/*c*/", "o<*> c</*c*/>"},
        {"@--c", "o<@> c<--c>"},
        {"/--c", "o</> c<--c>"},
        {"&&/*c*/&&", "o<&&> c</*c*/> o<&&>"},
        {"..", "o<..>"},
        {"...", "o<..> o<.>"},
        {"?", "o<?>"},
        {"{}\\", "o<{> o<}> o<\\>"},
    };

    EXPECT(*state, cases);
}

static void
comments(void **state)
{
    static const struct lexing cases[] = {
        {"-- a", "c<-- a>"},
        {"-- a\nb", "c<-- a> w<b>"},
        {"-- a\r\nb", "c<-- a> w<b>"},
        {"-- a\rb", "c<-- a> w<b>"},
        {"--", "c<-->"},
        {"--\n--", "c<--> c<-->"},
        {"/**/", "c</**/>"},
        {"/***/", "c</***/>"},
        {"/* a */b", "c</* a */> w<b>"},
        {"/* a /* b */ c */d", "c</* a /* b */ c */> w<d>"},
        {"/*/* */*/", "c</*/* */*/>"},
        {"/* -- */ x", "c</* -- */> w<x>"},
        {"/* ' */ x", "c</* ' */> w<x>"},
        {"-- /* \nx", "c<-- /* > w<x>"},
        {"/* \n\n */", "c</* \n\n */>"},
        {"a/**/b", "w<a> c</**/> w<b>"},
    };

    EXPECT(*state, cases);
}

static void
unterminated(void **state)
{
    static const struct lexing cases[] = {
        {"'a", "s!<'a>"},
        {"'", "s!<'>"},
        {"'a''", "s!<'a''>"},
        {"E'a\\'", "s!<E'a\\'>"},
        {"E'a\\", "s!<E'a\\>"},
        {"B'01", "s!<B'01>"},
        {"U&'a", "s!<U&'a>"},
        {"'a'\n'b", "s!<'a'\n'b>"},
        {"\"a", "n!<\"a>"},
        {"\"", "n!<\">"},
        {"U&\"a", "n!<U&\"a>"},
        {"$$a", "d!<$$a>"},
        {"$$", "d!<$$>"},
        {"$a$b$", "d!<$a$b$>"},
        {"$a$b$A$", "d!<$a$b$A$>"},
        {"$abc$ $ab", "d!<$abc$ $ab>"},
        {"/* a", "c!</* a>"},
        {"/*", "c!</*>"},
        {"/*/", "c!</*/>"},
        {"/* a *", "c!</* a *>"},
        {"/* /* */", "c!</* /* */>"},
        {"/*/*/", "c!</*/*/>"},
        {"a 'b", "w<a> s!<'b>"},
    };

    EXPECT(*state, cases);
}

/* The lexer reads its span and not a byte more. */
static void
stops_at_the_end_of_its_span(void **state)
{
    static const struct {
        const char *text;
        uint32_t start, end;
        const char *token;
        bool unterminated;
    } cases[] = {
        {"abcdef", 1, 4, "bcd", false}, {"'abc'", 0, 3, "'ab", true},
        {"12345", 0, 3, "123", false},  {"$$a$$", 0, 4, "$$a$", true},
        {"/* */", 0, 4, "/* *", true},  {"--abc", 0, 3, "--a", false},
        {"'a''b'", 0, 3, "'a'", false}, {"::", 0, 1, ":", false},
        {"1.5", 0, 2, "1.", false},     {"1e5", 0, 2, "1", false},
        {"U&\"a\"", 0, 2, "U", false},  {"E'a'", 0, 1, "E", false},
        {"<=>", 0, 2, "<=", false},     {"'a'\n'b'", 0, 4, "'a'", false},
        {"0x1F", 0, 3, "0x1", false},   {"\xC3\xB6\xC3\x9F", 0, 2, "\xC3\xB6", false},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(cases); i++) {
        struct lk_lexer lexer =
            lk_lexer_at(cases[i].text, (struct lk_span){cases[i].start, cases[i].end});
        struct lk_token token = lk_lex(&lexer);
        lk_expect_text(cases[i].text, lk_unit_part(*state, cases[i].text, token.span),
                       cases[i].token);
        lk_expect_number(cases[i].text, token.unterminated, cases[i].unterminated);
    }
}

static void
the_end_stays_the_end(void **state)
{
    struct lk_lexer lexer = lk_lexer_at("a ", (struct lk_span){0, 2});

    (void)state;
    assert_int_equal(lk_lex(&lexer).kind, LK_TOKEN_WORD);
    for (int i = 0; i < 3; i++) {
        struct lk_token token = lk_lex(&lexer);
        assert_int_equal(token.kind, LK_TOKEN_END);
        assert_int_equal(token.span.start, 2);
        assert_int_equal(token.span.end, 2);
    }
}

static void
code_skips_comments(void **state)
{
    static const char text[] = "/* a */ -- b\n select";
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){0, sizeof(text) - 1});
    struct lk_token token = lk_lex_code(&lexer);

    (void)state;
    assert_true(lk_token_is(text, token, "select"));
    assert_int_equal(lk_lex_code(&lexer).kind, LK_TOKEN_END);
}

static void
questions_about_tokens(void **state)
{
    static const char text[] = "Begin \"begin\" ; <= 'x'";
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){0, sizeof(text) - 1});
    struct lk_token word = lk_lex(&lexer), name = lk_lex(&lexer);
    struct lk_token semicolon = lk_lex(&lexer), symbol = lk_lex(&lexer);

    (void)state;
    assert_true(lk_token_is(text, word, "begin"));
    assert_true(lk_token_is(text, word, "BEGIN"));
    assert_false(lk_token_is(text, word, "begi"));
    assert_false(lk_token_is(text, name, "begin"));
    assert_true(lk_token_is_symbol(text, semicolon, ';'));
    assert_false(lk_token_is_symbol(text, semicolon, ','));
    assert_false(lk_token_is_symbol(text, symbol, '<'));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(words_and_names),
        lk_unit(strings),
        lk_unit(continuation_lines),
        lk_unit(dollar_quotes),
        lk_unit(numbers),
        lk_unit(symbols_and_operators),
        lk_unit(comments),
        lk_unit(unterminated),
        lk_unit(stops_at_the_end_of_its_span),
        lk_unit(the_end_stays_the_end),
        lk_unit(code_skips_comments),
        lk_unit(questions_about_tokens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
