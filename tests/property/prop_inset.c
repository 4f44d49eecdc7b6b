/*
 * tests/property/prop_inset.c
 *     parser/inset masks in place: every offset stays true, and nothing else is touched.
 */
#include "parser/inset.h"

#include <stdio.h>

#include "parser/base/text.h"
#include "tests/property/property.h"
#include "tests/property/soup.h"

/* What psql and runners put between SQL, and what looks like it. */
static const char *const pieces[] = {
    "\\restrict x\n",
    "\\set a 'b c'\n",
    "\\unset a\n",
    "\\if :a\n",
    "\\if 0\n",
    "\\if 1\n",
    "\\elif 1\n",
    "\\else\n",
    "\\endif\n",
    "\\g\n",
    "\\gset p_\n",
    "\\set d :a`x` 'q\\'' :'a'\n",
    "\\x \\\\ SELECT 1;",
    "\\g | a \\b\n",
    "COPY t FROM stdin\\;",
    "\\;",
    "\\i f.sql\n",
    "\\ir f.sql\n",
    ";\n\\ir g.sql \\ir f.sql\n",
    "\\\\",
    "\\",
    ":a",
    ":'a'",
    ":\"a\"",
    ":{?a}",
    "::int",
    ":",
    "${a}",
    "${",
    "${flyway:user}",
    "{{ a }}",
    "{{",
    "}}",
    "COPY t FROM STDIN;\n",
    "\\.\n",
    "copy t (a) from stdin with (format csv);\n1,2\n\\.\n",
    "1\t2\n",
    "'${a} :a {{ b }}'",
    "$$ :a ${a} $$",
    "\n",
    "from stdin",
    "\"${a}\"",
    "-- :a\n",
    "/* ${a} */",
    "\xC3\xB6",
    "\r\n",
    ";",
    "COPY t TO STDOUT;",
};

static char *
random_text(TALLOC_CTX *mem)
{
    struct lk_buf text = lk_buf_init(mem);

    for (size_t i = lk_below(20) + 1; i > 0; i--) {
        lk_buf_add(&text, lk_chance(3) ? lk_soup(mem, 4) : lk_pick(pieces));
        if (lk_chance(3))
            lk_buf_add(&text, " ");
    }
    return text.data;
}

/* mask returns a text without what is no SQL; `home` is the folder that it includes files from. */
static struct lk_source *
mask(TALLOC_CTX *mem, const char *text, const char *home)
{
    struct lk_source *source = lk_source_of(mem, text, strlen(text));
    struct lk_values values = {0};

    if (lk_chance(2))
        *lk_vec_add(mem, &values.items) = (struct lk_value){"a", "it's \"one\""};
    source->home = home;
    if (home != NULL)
        source->path = lk_path_join(mem, home, "a.sql");
    lk_source_mask(source, &values, lk_chance(2), 16); /* no word is reserved later */
    return source;
}

/*
 * changed_by returns what an inset masks: a template that is all of a delimited name, its quotes,
 * too. What ends at `at` is of the inset before.
 */
static struct lk_span
changed_by(const struct lk_source *source, const struct lk_inset *inset, uint32_t at)
{
    struct lk_span span = inset->span;
    bool named = inset->kind == LK_INSET_TEMPLATE && span.start > at &&
                 source->original[span.start - 1] == '"' && source->original[span.end] == '"';

    return (struct lk_span){span.start - named, span.end + named};
}

/* expect_in_place checks that only insets differ from the original, and lines stay lines. */
static void
expect_in_place(const struct lk_source *source)
{
    const char *text = source->original;
    uint32_t at = 0;

    if (strlen(source->text) != source->size)
        lk_wrong(text, "it has another length");
    lk_vec_foreach(inset, &source->insets.items) {
        struct lk_span span = changed_by(source, inset, at);
        if (span.start >= span.end || span.end > source->size)
            lk_wrong(text, "an inset is %u-%u", span.start, span.end);
        if (inset->quoted)
            continue;
        if (span.start < at)
            lk_wrong(text, "the inset at %u overlaps one up to %u", span.start, at);
        if (memcmp(source->text + at, text + at, span.start - at) != 0)
            lk_wrong(text, "what is between %u and %u has changed", at, span.start);
        at = span.end;
    }
    if (memcmp(source->text + at, text + at, source->size - at) != 0)
        lk_wrong(text, "what is behind %u has changed", at);
}

static void
expect_statements_inside(TALLOC_CTX *mem, struct lk_source *source)
{
    struct lk_script *script = lk_script_of(mem, source);

    for (size_t i = 0; i < script->statements.count; i++) {
        lk_script_tree(script, i);
        const struct lk_statement *statement = &script->statements.items[i];
        if (statement->region.end > source->size ||
            (statement->error != NULL && statement->error_at > source->size))
            lk_wrong(source->original, "statement %zu is outside", i);
        lk_source_sql(mem, source, statement->span);
        lk_source_is_open(source, statement->span);
        lk_source_data(source, statement->region.end);
    }
}

static void
masks_in_place(void **state)
{
    for (size_t i = 0; i < lk_rounds(8000); i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        lk_seed(i);
        struct lk_source *source = mask(scratch, random_text(scratch), NULL);
        expect_in_place(source);
        expect_statements_inside(scratch, source);
        talloc_free(scratch);
    }
}

/* expect_places checks that each byte is that of its file, and that each file is there whole. */
static void
expect_places(struct lk_source *source)
{
    const char *text = source->original;
    const struct lk_pieces *parts = &source->pieces;

    for (uint32_t at = 0; at < source->size; at++) {
        struct lk_place place = lk_source_place(source, (struct lk_span){at, at + 1});
        struct lk_position whole = lk_source_position(source, at);
        struct lk_position own = lk_source_position(place.file, place.span.start);
        if (place.span.end > place.file->size || place.span.end < place.span.start)
            lk_wrong(text, "the byte at %u is at %u of %s", at, place.span.start, place.file->path);
        if (place.span.end > place.span.start && place.file->original[place.span.start] != text[at])
            lk_wrong(text, "the byte at %u is another at %u of %s", at, place.span.start,
                     place.file->path);
        if (place.span.end == place.span.start && strchr("\n;", text[at]) == NULL)
            lk_wrong(text, "the byte at %u is of no file", at);
        if (whole.line != own.line || whole.column != own.column)
            lk_wrong(text, "the byte at %u has two positions", at);
    }
    for (size_t i = 0; i < parts->items.count; i++) {
        const struct lk_source *file = parts->items.items[i].file;
        uint32_t covered = 0;
        for (size_t k = 0; k < parts->items.count; k++) {
            const struct lk_piece *piece = &parts->items.items[k];
            uint32_t end = k + 1 < parts->items.count ? piece[1].at : source->size;
            if (piece->made || piece->file != file)
                continue;
            if (piece->from != covered)
                lk_wrong(text, "%s goes on at %u, not %u", file->path, piece->from, covered);
            covered += end - piece->at;
        }
        if (covered != file->size)
            lk_wrong(text, "%u of %u bytes of %s are there", covered, file->size, file->path);
    }
}

/* write_some writes a file of random text; not safely, as lk_test_write does, which takes long. */
static void
write_some(TALLOC_CTX *mem, const char *home, const char *name)
{
    FILE *file = fopen(lk_path_join(mem, home, name), "w");

    assert_non_null(file);
    fputs(random_text(mem), file);
    fclose(file);
}

/* What is included stands in the text, and each byte is known by its own file. */
static void
files_keep_their_places(void **state)
{
    const char *home = lk_test_dir(*state);
    size_t included = 0;

    for (size_t i = 0; i < lk_rounds(1500); i++) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        lk_seed(i);
        write_some(scratch, home, "f.sql");
        write_some(scratch, home, "g.sql");
        struct lk_source *source = mask(scratch, random_text(scratch), home);
        included += source->pieces.items.count > 0;
        expect_in_place(source);
        expect_statements_inside(scratch, source);
        expect_places(source);
        expect_places(lk_source_copy(scratch, source));
        talloc_free(scratch);
    }
    assert_true(included > 0);
}

/* What has no inset is sent as it is. */
static void
plain_text_stays(void **state)
{
    struct lk_property_files files = lk_property_files_read(*state);

    lk_vec_foreach(file, &files.items) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        struct lk_source *source = mask(scratch, file->source->text, NULL);
        expect_in_place(source);
        if (source->insets.items.count == 0 &&
            strcmp(lk_source_sql(scratch, source, (struct lk_span){0, source->size}),
                   source->original) != 0)
            lk_wrong(source->original, "%s: not as it is", file->path);
        talloc_free(scratch);
    }
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        lk_property(masks_in_place),
        lk_property(files_keep_their_places),
        lk_property(plain_text_stays),
    };

    return lk_property_main(tests, argc, argv);
}
