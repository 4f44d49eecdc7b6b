/*
 * tests/property/prop_source.c
 *     parser/source: offsets to lines and columns and back, on any text.
 */
#include "parser/source.h"

#include "parser/base/buf.h"
#include "tests/property/property.h"

/* random_text returns characters of one to four bytes, with line ends of every kind. */
static struct lk_buf
random_text(TALLOC_CTX *mem)
{
    static const char *const characters[] = {
        "a",        "b",  " ",  "\t",   "\xC3\xB6", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
        "\xCC\x88", "\n", "\n", "\r\n", "\r",
    };
    struct lk_buf text = lk_buf_init(mem);

    if (lk_chance(4))
        lk_buf_add(&text, "\xEF\xBB\xBF");
    for (size_t i = lk_below(60); i > 0; i--)
        lk_buf_add(&text, lk_pick(characters));
    return text;
}

static bool
is_inside_character(char c)
{
    return (c & 0xC0) == 0x80;
}

/* ends_line returns whether a line ends with the byte at `at`: \n, \r\n, or \r alone. */
static bool
ends_line(const char *text, uint32_t at)
{
    return text[at] == '\n' || (text[at] == '\r' && text[at + 1] != '\n');
}

/* walk counts lines and columns from the start, byte by byte. */
static void
walk(struct lk_source *source)
{
    struct lk_position position = {1, 1};
    const char *text = source->text;

    for (uint32_t at = 0; at <= source->size; at++) {
        struct lk_position got = lk_source_position(source, at);
        if (at > 0 && is_inside_character(text[at])) {
            struct lk_position before = lk_source_position(source, at - 1);
            if (got.line != before.line || got.column != before.column)
                lk_wrong(text, "byte %u is at another place than its character", at);
            continue;
        }
        if (got.line != position.line || got.column != position.column)
            lk_wrong(text, "byte %u is %u:%u, not %u:%u", at, got.line, got.column, position.line,
                     position.column);
        if (ends_line(text, at))
            position = (struct lk_position){position.line + 1, 1};
        else
            position.column++;
    }
}

/* go_back finds each character by its line and column. */
static void
go_back(struct lk_source *source)
{
    for (uint32_t at = 0; at < source->size; at++) {
        struct lk_position position = lk_source_position(source, at);
        struct lk_span line = lk_source_line(source, position.line);
        uint32_t found = line.start;

        if (is_inside_character(source->text[at]) || at >= line.end)
            continue; /* its terminator is not in the line's span */
        for (uint32_t column = 1; column < position.column; column++)
            while (is_inside_character(source->text[++found]))
                ;
        if (found != at)
            lk_wrong(source->text, "byte %u is %u:%u, which is byte %u", at, position.line,
                     position.column, found);
    }
}

static void
positions_go_there_and_back(void **state)
{
    for (size_t i = 0; i < lk_rounds(5000); i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        lk_seed(i);
        struct lk_buf text = random_text(scratch);
        struct lk_source *source = lk_source_of(scratch, text.data, text.len);
        if (source->invalid != source->size)
            lk_wrong(text.data, "it is not UTF-8 at %u", source->invalid);
        walk(source);
        go_back(source);
        talloc_free(scratch);
    }
}

/* Flyway reads lines: which terminators they have does not matter, nor does a byte order mark. */
static void
checksums_do_not_see_line_ends(void **state)
{
    for (size_t i = 0; i < lk_rounds(2000); i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        struct lk_buf plain = lk_buf_init(scratch);
        lk_seed(i);
        struct lk_buf text = random_text(scratch);
        struct lk_source *source = lk_source_of(scratch, text.data, text.len);
        for (uint32_t at = 0; at < source->size; at++)
            if (source->text[at] != '\r' && source->text[at] != '\n')
                lk_buf_addc(&plain, source->text[at]);
        if (lk_flyway_checksum(source) !=
            lk_flyway_checksum(lk_source_of(scratch, plain.data, plain.len)))
            lk_wrong(text.data, "another checksum than %s", plain.data);
        talloc_free(scratch);
    }
}

/* Places are the same in whatever order they are asked for. */
static void
positions_do_not_depend_on_the_order(void **state)
{
    for (size_t i = 0; i < lk_rounds(2000); i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        lk_seed(i);
        struct lk_buf text = random_text(scratch);
        struct lk_source *source = lk_source_of(scratch, text.data, text.len);
        for (size_t k = 0; k < 20; k++) {
            uint32_t at = (uint32_t)lk_below(source->size + 1);
            struct lk_source *fresh = lk_source_of(scratch, text.data, text.len);
            struct lk_position got = lk_source_position(source, at);
            struct lk_position wanted = lk_source_position(fresh, at);
            if (got.line != wanted.line || got.column != wanted.column)
                lk_wrong(text.data, "byte %u is %u:%u, not %u:%u", at, got.line, got.column,
                         wanted.line, wanted.column);
        }
        talloc_free(scratch);
    }
}

/* One wrong byte is found where it is. */
static void
invalid_bytes_are_found(void **state)
{
    static const char *const wrong[] = {
        "\xFF",
        "\x80",
        "\xC3(",
        "\xC0\xAF",
        "\xE0\x80\xAF",
        "\xED\xA0\x80",
        "\xF8\x88\x80\x80\x80",
        "\xF4\x90\x80\x80",
        "\xE2\x82(",
        "\xC3",
    };

    for (size_t i = 0; i < lk_rounds(2000); i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        lk_seed(i);
        struct lk_buf text = random_text(scratch);
        size_t at = text.len;
        bool is_nul = lk_chance(8);
        if (is_nul)
            lk_buf_addn(&text, "", 1);
        else
            lk_buf_add(&text, lk_pick(wrong));
        lk_buf_add(&text, lk_chance(2) ? "abcdefghij" : "");
        struct lk_source *source = lk_source_of(scratch, text.data, text.len);
        if ((size_t)(source->text - text.data) + source->invalid != at)
            lk_wrong(text.data, "invalid at %u, not %zu", source->invalid, at);
        talloc_free(scratch);
    }
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        lk_property(positions_go_there_and_back),
        lk_property(positions_do_not_depend_on_the_order),
        lk_property(checksums_do_not_see_line_ends),
        lk_property(invalid_bytes_are_found),
    };

    return lk_property_main(tests, argc, argv);
}
