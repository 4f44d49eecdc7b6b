/*
 * tests/property/soup.c
 *     Random text: see soup.h.
 */
#include "tests/property/soup.h"

#include "tests/property/property.h"

/* What a lexer can stumble over, by itself or next to another one. */
static const char *const pieces[] = {
    "a",
    "B",
    "_x1",
    "select",
    "U",
    "u&",
    "U&'d!0061'",
    "U&\"d\"",
    "e",
    "E'\\''",
    "E'\\\\'",
    "b'01'",
    "B'01''1'",
    "x'1F'",
    "X",
    "n'x'",
    "N",
    "'it''s'",
    "'a\\'",
    "''",
    "'a'\n'b'",
    "'a' -- c\n 'b'",
    "'a' /* c */ 'b'",
    "'a'\r'b'",
    "'a'\f'b'",
    "\"d\"\"q\"",
    "\"a b\"",
    "\"",
    "'",
    "$$",
    "$$ ; $$",
    "$a$ $ $$ $b$ $a$",
    "$a",
    "$_$",
    "$1",
    "$12",
    "$1a",
    "$",
    "a$b",
    "$a$",
    "\xC3\xB6",
    "$\xC3\xB6$ $\xC3\xB6$",
    "\xF0\x9F\x98\x80",
    "1",
    "0",
    "1.5",
    ".5",
    "1.",
    "1..2",
    "1e5",
    "1e+5",
    "1E-5",
    "1e",
    "1e+",
    "1_000",
    "1__0",
    "1_",
    "0x1F",
    "0xg",
    "0o17",
    "0b101",
    "0b12",
    "0x",
    "0X_1",
    "1.5e1_0",
    "1a",
    ".",
    "..",
    "...",
    ":",
    "::",
    ":=",
    ":::",
    "=>",
    "<=",
    ">=",
    "<>",
    "!=",
    "=",
    "<",
    ">",
    "+",
    "-",
    "*",
    "/",
    "%",
    "^",
    "~",
    "!",
    "@",
    "#",
    "&",
    "|",
    "`",
    "@-",
    "+-",
    "*-",
    "<->",
    "-@-",
    "||",
    "|/",
    "=-",
    "!-",
    "/*",
    "*/",
    "/* c */",
    "/* /* n */ */",
    "--",
    "-- c",
    "-- c\n",
    "--\r",
    "/**/",
    "*/*",
    "+--",
    "+/*c*/",
    "(",
    ")",
    "[",
    "]",
    ",",
    ";",
    "\\",
    "{",
    "}",
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "\f",
    "\v",
};

char *
lk_soup(TALLOC_CTX *mem, size_t count)
{
    struct lk_buf text = lk_buf_init(mem);

    for (size_t i = lk_below(count) + 1; i > 0; i--) {
        lk_buf_add(&text, lk_pick(pieces));
        if (lk_chance(3))
            lk_buf_add(&text, lk_chance(4) ? "\n" : " ");
    }
    return text.data;
}

void
lk_soup_blank(struct lk_buf *text, bool newline)
{
    static const char *const blanks[] = {
        " ",
        "\n",
        "\t",
        "\r\n",
        "\f",
        "/* c */",
        "-- c; d\n",
        "/* ; ' \" $$ */",
        "--'\n",
        "/* a /* b */ ; */",
        "-- \xC3\xB6\r\n",
        "\n\n",
    };

    for (size_t i = lk_below(4); i > 0; i--)
        lk_buf_add(text, lk_pick(blanks));
    if (newline)
        lk_buf_add(text, "\n");
}
