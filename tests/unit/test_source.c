/*
 * tests/unit/test_source.c
 *     parser/source: encoding, lines, columns, checksums.
 */
#include "parser/source.h"

#include "tests/unit/unit.h"

#define VALID UINT32_MAX /* of a whole text */

static const struct {
    const char *what;
    const char *bytes;
    size_t size; /* 0: up to the NUL */
    uint32_t invalid;
} encodings[] = {
    {"empty", "", 0, VALID},
    {"ASCII", "SELECT 1;\r\n\t\x01\x7F", 0, VALID},
    {"two bytes, first", "\xC2\x80", 0, VALID},
    {"two bytes, last", "\xDF\xBF", 0, VALID},
    {"three bytes, first", "\xE0\xA0\x80", 0, VALID},
    {"three bytes, before the surrogates", "\xED\x9F\xBF", 0, VALID},
    {"three bytes, behind the surrogates", "\xEE\x80\x80", 0, VALID},
    {"three bytes, last", "\xEF\xBF\xBF", 0, VALID},
    {"four bytes, first", "\xF0\x90\x80\x80", 0, VALID},
    {"four bytes, plane 1", "\xF0\x9F\x98\x80", 0, VALID},
    {"four bytes, planes 4 to 15", "\xF1\x80\x80\x80\xF3\xBF\xBF\xBF", 0, VALID},
    {"four bytes, U+10FFFF", "\xF4\x8F\xBF\xBF", 0, VALID},
    {"mixed", "SELECT 'gr\xC3\xB6\xC3\x9F\x65 \xE2\x82\xAC \xF0\x9F\x98\x80';", 0, VALID},

    {"overlong slash in two bytes", "ab\xC0\xAF", 0, 2},
    {"overlong NUL", "\xC0\x80", 0, 0},
    {"overlong U+007F", "\xC1\xBF", 0, 0},
    {"overlong in three bytes", "\xE0\x9F\xBF", 0, 0},
    {"overlong in four bytes", "\xF0\x8F\xBF\xBF", 0, 0},
    {"first surrogate", "x\xED\xA0\x80", 0, 1},
    {"last surrogate", "\xED\xBF\xBF", 0, 0},
    {"a pair of surrogates", "\xED\xA0\xBD\xED\xB8\x80", 0, 0},
    {"above U+10FFFF", "abc\xF4\x90\x80\x80", 0, 3},
    {"lead byte F5", "\xF5\x80\x80\x80", 0, 0},
    {"five bytes", "\xF8\x88\x80\x80\x80", 0, 0},
    {"lead byte FE", "\xFE", 0, 0},
    {"lead byte FF", "\xFF", 0, 0},
    {"lone continuation", "ab\x80", 0, 2},
    {"lone continuation BF", "\xBF", 0, 0},
    {"one continuation too many", "\xC3\xB6\xB6", 0, 2},
    {"Latin-1", "gr\xF6\xDF\x65", 0, 2},
    {"lead byte behind lead byte", "\xC3\xC3\xB6", 0, 0},
    {"third byte is none", "\xE2\x82z", 0, 0},
    {"fourth byte is none", "\xF0\x9F\x98z", 0, 0},
    {"two bytes cut off", "abc\xC3", 0, 3},
    {"three bytes cut after one", "abc\xE2", 0, 3},
    {"three bytes cut after two", "abc\xE2\x82", 0, 3},
    {"four bytes cut after one", "abc\xF0", 0, 3},
    {"four bytes cut after three", "abc\xF0\x9F\x98", 0, 3},
    {"NUL", "SELECT\0 1;", 10, 6},
    {"NUL alone", "\0", 1, 0},
    {"NUL at the end", "a\0", 2, 1},
    {"NUL behind eight good bytes", "12345678\0", 9, 8},
    {"NUL in the eighth byte", "1234567\0abcdefgh", 16, 7},
    {"0x80 in the eighth byte", "1234567\x80xbcdefgh", 16, 7},
};

static void
knows_utf8(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(encodings); i++) {
        size_t size = encodings[i].size != 0 ? encodings[i].size : strlen(encodings[i].bytes);
        uint32_t wanted = encodings[i].invalid == VALID ? (uint32_t)size : encodings[i].invalid;
        lk_expect_number(encodings[i].what,
                         lk_source_new(*state, "a.sql", encodings[i].bytes, size)->invalid, wanted);
    }
}

/* The fast path takes eight bytes at once: a bad one must be found wherever it stands. */
static void
finds_a_bad_byte_at_every_place(void **state)
{
    static const char bad[] = {'\0', '\x80', '\xC0', '\xFF'};
    char text[41];

    for (size_t length = 1; length < sizeof(text); length++) {
        for (size_t at = 0; at < length; at++) {
            for (size_t k = 0; k < LK_ARRAY_SIZE(bad); k++) {
                memset(text, 'a', sizeof(text) - 1);
                text[at] = bad[k];
                text[length] = '\0';
                assert_int_equal(lk_source_new(*state, "a.sql", text, length)->invalid, at);
            }
        }
    }
}

static void
strips_a_byte_order_mark(void **state)
{
    static const char bytes[] = "\xEF\xBB\xBFSELECT 1;";
    struct lk_source *source = lk_source_new(*state, "a.sql", bytes, sizeof(bytes) - 1);

    assert_int_equal(source->raw_size, 12);
    assert_ptr_equal(source->raw, bytes);
    assert_int_equal(source->size, 9);
    assert_string_equal(source->text, "SELECT 1;");
    assert_int_equal(source->invalid, 9);
    struct lk_position position = lk_source_position(source, 7);
    assert_int_equal(position.line, 1);
    assert_int_equal(position.column, 8);
    /* only a whole one, and only one */
    assert_int_equal(lk_source_new(*state, "a.sql", "\xEF\xBBx", 3)->invalid, 0);
    assert_int_equal(lk_source_new(*state, "a.sql", "\xEF\xBB\xBF", 3)->size, 0);
    assert_int_equal(lk_source_new(*state, "a.sql", "\xEF\xBB\xBF\xEF\xBB\xBFx", 7)->size, 4);
}

static void
reads_files(void **state)
{
    const char *dir = lk_test_dir(*state);
    const char *path = lk_fmt(*state, "%s/a.sql", dir);
    struct lk_error err = {0};

    lk_test_write(dir, "a.sql", "\xEF\xBB\xBFSELECT 1;\n");
    struct lk_source *source = lk_source_read(*state, path, &err);
    assert_non_null(source);
    assert_string_equal(source->path, path);
    assert_string_equal(source->text, "SELECT 1;\n");
    assert_int_equal(source->raw_size, 13);
    assert_null(lk_source_read(*state, dir, &err));
    assert_int_equal(err.code, LK_ERR_INPUT);
    lk_error_clear(&err);
}

static void
expect_position(struct lk_source *source, uint32_t offset, uint32_t line, uint32_t column)
{
    struct lk_position position = lk_source_position(source, offset);

    if (position.line != line || position.column != column)
        fail_msg("offset %u is at %u:%u, not %u:%u", offset, position.line, position.column, line,
                 column);
}

static void
counts_lines_and_columns(void **state)
{
    struct lk_source *source = lk_unit_source(*state, "ab\n\ncd\n");

    expect_position(source, 0, 1, 1);
    expect_position(source, 1, 1, 2);
    expect_position(source, 2, 1, 3); /* the newline itself */
    expect_position(source, 3, 2, 1);
    expect_position(source, 4, 3, 1);
    expect_position(source, 5, 3, 2);
    expect_position(source, 7, 4, 1); /* the end of the text */
    source = lk_unit_source(*state, "");
    expect_position(source, 0, 1, 1);
}

static void
counts_columns_in_code_points(void **state)
{
    /* o with dots: 2 bytes, euro: 3, smiley: 4, a with a combining accent: 2 code points */
    struct lk_source *source =
        lk_unit_source(*state, "\xC3\xB6x\xE2\x82\xACy\xF0\x9F\x98\x80z\nA\xCC\x81!");

    expect_position(source, 2, 1, 2); /* x */
    expect_position(source, 3, 1, 3); /* euro */
    expect_position(source, 4, 1, 3); /* inside it */
    expect_position(source, 5, 1, 3);
    expect_position(source, 6, 1, 4);  /* y */
    expect_position(source, 7, 1, 5);  /* smiley */
    expect_position(source, 10, 1, 5); /* its last byte */
    expect_position(source, 11, 1, 6); /* z */
    expect_position(source, 13, 2, 1); /* A */
    expect_position(source, 14, 2, 2); /* the accent */
    expect_position(source, 16, 2, 3); /* ! */
    expect_position(source, 1, 1, 1);  /* inside the very first */
}

static void
lines_end_with_crlf_too(void **state)
{
    struct lk_source *source = lk_unit_source(*state, "ab\r\ncd\r\n\r\nef");

    expect_position(source, 4, 2, 1);
    expect_position(source, 8, 3, 1);
    expect_position(source, 10, 4, 1);
    assert_string_equal(lk_unit_part(*state, source->text, lk_source_line(source, 1)), "ab");
    assert_string_equal(lk_unit_part(*state, source->text, lk_source_line(source, 2)), "cd");
    assert_string_equal(lk_unit_part(*state, source->text, lk_source_line(source, 3)), "");
    assert_string_equal(lk_unit_part(*state, source->text, lk_source_line(source, 4)), "ef");
}

static void
gives_lines(void **state)
{
    struct lk_source *source = lk_unit_source(*state, "one\ntwo\n");
    struct lk_span beyond = lk_source_line(source, 4);

    assert_string_equal(lk_unit_part(*state, source->text, lk_source_line(source, 1)), "one");
    assert_string_equal(lk_unit_part(*state, source->text, lk_source_line(source, 2)), "two");
    assert_string_equal(lk_unit_part(*state, source->text, lk_source_line(source, 3)), "");
    assert_int_equal(beyond.start, beyond.end);
    assert_int_equal(lk_source_line(source, 0).start, lk_source_line(source, 0).end);
}

/* FIPS 180-2's examples. */
static void
sha256_of_known_vectors(void **state)
{
    static const struct {
        const char *text;
        const char *hex;
    } vectors[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    char hex[LK_SHA256_HEX_SIZE];
    char *million = lk_new_array(*state, char, 1000000);

    for (size_t i = 0; i < LK_ARRAY_SIZE(vectors); i++) {
        lk_sha256(vectors[i].text, strlen(vectors[i].text), hex);
        assert_string_equal(hex, vectors[i].hex);
    }
    memset(million, 'a', 1000000);
    lk_sha256(million, 1000000, hex);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

#define ALTER "alter table location_history add column valid_until timestamp with time zone;"
#define TWO(separator) "CREATE TABLE a (id int);" separator "CREATE TABLE b (id int);"

/* The first number was written by Flyway itself; terminators of lines count for nothing. */
static void
flyway_checksums(void **state)
{
    static const struct {
        const char *text;
        int32_t checksum;
    } vectors[] = {
        {ALTER, -1039259818},
        {ALTER "\n", -1039259818},
        {ALTER "\r\n", -1039259818},
        {ALTER "\r", -1039259818},
        {ALTER "\n\n\n", -1039259818},
        {ALTER "\r\r\n\n", -1039259818},
        {"\n\n" ALTER, -1039259818},
        {"\xEF\xBB\xBF" ALTER "\n", -1039259818},
        {"alter table location_history\nadd column", -936150763},
        {"alter table location_historyadd column", -936150763},
        {TWO(""), -956080171},
        {TWO("\n"), -956080171},
        {TWO("\r\n"), -956080171},
        {TWO("\r"), -956080171},
        {TWO("\n\r"), -956080171},
        {"", 0},
        {"\n\r\n\r", 0},
        {"\xEF\xBB\xBF", 0},
        {"SELECT 1;", 78787420},
        {"SELECT 1; ", -1951047511},
        {"  SELECT 1;  ", -1991178742},
        {"CREATE TABLE gr\xC3\xB6\xC3\x9F\x65 (id int);", 1803936698},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(vectors); i++)
        lk_expect_number(vectors[i].text,
                         lk_flyway_checksum(lk_unit_source(*state, vectors[i].text)),
                         vectors[i].checksum);
}

/* The numbers are those of the texts with the values in their places. */
static void
filled_checksums(void **state)
{
    struct lk_values values = {0};
    struct lk_source *source =
        lk_unit_source(*state, "SELECT ${one};\r\nSELECT '${one}';\nSELECT ${none};\n");

    *lk_vec_add(*state, &values.items) = (struct lk_value){"one", "1 + 1"};
    lk_source_mask(source, &values, true, 17);
    struct lk_source *plain =
        lk_unit_source(*state, "SELECT 1 + 1;\nSELECT '1 + 1';\nSELECT ${none};\n");
    assert_int_equal(lk_flyway_checksum_filled(source), lk_flyway_checksum(plain));
    assert_int_not_equal(lk_flyway_checksum_filled(source), lk_flyway_checksum(source));
}

static void
digests(void **state)
{
    assert_string_equal(lk_digest(*state, "SHA1", "abc", 3),
                        "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_string_equal(lk_digest(*state, "MD5", "", 0), "d41d8cd98f00b204e9800998ecf8427e");
}

static void
a_stray_byte_is_on_its_own_line(void **state)
{
    struct lk_source *source = lk_unit_source(*state, "ab\n\x80");
    struct lk_position at = lk_source_position(source, source->invalid);

    assert_int_equal(at.line, 2);
    assert_int_equal(at.column, 1);
}

static void
carriage_returns_alone_end_lines(void **state)
{
    struct lk_source *source = lk_unit_source(*state, "ab\rcd\r\r\nef\r");
    struct lk_position at = lk_source_position(source, 3);

    assert_int_equal(at.line, 2);
    assert_int_equal(at.column, 1);
    assert_int_equal(lk_source_line(source, 1).end, 2);
    assert_int_equal(lk_source_line(source, 2).end, 5);
    assert_int_equal(lk_source_line(source, 3).start, 6);
    assert_int_equal(lk_source_line(source, 3).end, 6);
    assert_int_equal(lk_source_line(source, 4).end, 10);
    assert_int_equal(lk_source_position(source, 11).line, 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(knows_utf8),
        lk_unit(finds_a_bad_byte_at_every_place),
        lk_unit(strips_a_byte_order_mark),
        lk_unit(reads_files),
        lk_unit(counts_lines_and_columns),
        lk_unit(counts_columns_in_code_points),
        lk_unit(lines_end_with_crlf_too),
        lk_unit(gives_lines),
        lk_unit(sha256_of_known_vectors),
        lk_unit(carriage_returns_alone_end_lines),
        lk_unit(a_stray_byte_is_on_its_own_line),
        lk_unit(flyway_checksums),
        lk_unit(filled_checksums),
        lk_unit(digests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
