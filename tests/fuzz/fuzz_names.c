/*
 * tests/fuzz/fuzz_names.c
 *     Lines as names of migrations under every convention, and the text as what is in one.
 */
#include "parser/changelog.h"
#include "tests/fuzz/fuzz.h"

/* try_name reads a name, and what is proposed in its place. */
static void
try_name(TALLOC_CTX *mem, const struct lk_naming *naming, const char *path,
         struct lk_version *previous)
{
    struct lk_name name = {0};
    const char *problem = NULL;

    enum lk_name_verdict verdict = naming->read(mem, path, &name, &problem);
    if (verdict == LK_NAME_VALID) {
        if (name.description == NULL)
            LK_BUG("%s: no description of %s", naming->name, path);
        if (lk_version_compare(name.version, *previous) !=
            -lk_version_compare(*previous, name.version))
            LK_BUG("%s: %s has no order", naming->name, path);
        if (name.version.text != NULL && previous->text != NULL)
            lk_version_follows(*previous, name.version);
        *previous = name.version;
    } else if (verdict == LK_NAME_INVALID && problem == NULL) {
        LK_BUG("%s: %s is wrong for no reason", naming->name, path);
    }
    const char *made = lk_naming_suggest(mem, naming, path);
    if (made != NULL && naming->read(mem, made, &name, &problem) != LK_NAME_VALID)
        LK_BUG("%s: %s is proposed for %s", naming->name, made, path);
}

/* check_part ends the process unless the spans are of the text and stand one behind the other. */
static void
check_part(const struct lk_spans *part, const struct lk_source *source)
{
    uint32_t at = 0;

    lk_vec_foreach(span, &part->items) {
        if (span->start < at || span->end < span->start || span->end > source->size)
            LK_BUG("a part from %u to %u behind %u", span->start, span->end, at);
        at = span->end;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TALLOC_CTX *mem = lk_mem_new(NULL);
    struct lk_source *source = lk_fuzz_source(mem, data, size);
    size_t count;
    const struct lk_naming *const *namings = lk_namings(&count);

    for (size_t i = 0; i < count; i++) {
        struct lk_version previous = {0};
        for (uint32_t line = 1; lk_source_line(source, line).start < source->size; line++) {
            struct lk_span span = lk_source_line(source, line);
            char *path = lk_strndup(mem, source->text + span.start, span.end - span.start);
            try_name(mem, namings[i], path, &previous);
        }
        struct lk_parts parts = lk_naming_split(mem, namings[i], source);
        check_part(&parts.up, source);
        check_part(&parts.down, source);
    }
    talloc_free(mem);
    return 0;
}
