/*
 * tests/property/prop_inset.c
 *     parser/inset masks in place: every offset stays true, and nothing else is touched.
 */
#include "parser/inset.h"

#include "tests/property/property.h"
#include "tests/property/soup.h"

/* What psql and runners put between SQL, and what looks like it. */
static const char *const pieces[] = {
    "\\restrict x\n",
    "\\set a 'b c'\n",
    "\\unset a\n",
    "\\if :a\n",
    "\\endif\n",
    "\\g\n",
    "\\gset p_\n",
    "\\set d :a`x` 'q\\'' :'a'\n",
    "\\x \\\\ SELECT 1;",
    "\\g | a \\b\n",
    "COPY t FROM stdin\\;",
    "\\;",
    "\\i f.sql\n",
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

static struct lk_source *
mask(TALLOC_CTX *mem, const char *text)
{
    struct lk_source *source = lk_source_of(mem, text, strlen(text));
    struct lk_values values = {0};

    if (lk_chance(2))
        *lk_vec_add(mem, &values.items) = (struct lk_value){"a", "it's \"one\""};
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
        struct lk_source *source = mask(scratch, random_text(scratch));
        expect_in_place(source);
        expect_statements_inside(scratch, source);
        talloc_free(scratch);
    }
}

/* What has no inset is sent as it is. */
static void
plain_text_stays(void **state)
{
    struct lk_property_files files = lk_property_files_read(*state);

    lk_vec_foreach(file, &files.items) {
        TALLOC_CTX *scratch = lk_mem_new(*state);
        struct lk_source *source = mask(scratch, file->source->text);
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
        lk_property(plain_text_stays),
    };

    return lk_property_main(tests, argc, argv);
}
