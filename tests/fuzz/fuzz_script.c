/*
 * tests/fuzz/fuzz_script.c
 *     Any text as a script: split, parsed, its directives read.
 */
#include "parser/command.h"
#include "parser/directive.h"
#include "parser/inset.h"
#include "tests/fuzz/fuzz.h"

/* check_places ends the process when a statement or its error is outside of the text. */
static void
check_places(struct lk_script *script, size_t index)
{
    const struct lk_statement *statement = &script->statements.items[index];
    uint32_t size = script->source->size;

    if (statement->span.start >= statement->span.end || statement->region.end > size ||
        statement->span.start < statement->region.start ||
        statement->span.end > statement->region.end)
        LK_BUG("statement %zu is %u-%u in %u-%u", index, statement->span.start, statement->span.end,
               statement->region.start, statement->region.end);
    if (statement->error != NULL && statement->error_at > size)
        LK_BUG("statement %zu has its error at %u", index, statement->error_at);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TALLOC_CTX *mem = lk_mem_new(NULL);
    struct lk_source *source = lk_fuzz_source(mem, data, size);

    if (source->invalid == source->size) {
        lk_source_mask(source, &(struct lk_values){0}, size % 2 == 0, 15);
        struct lk_script *script = lk_script_new(mem, source, (struct lk_span){0, source->size});
        for (size_t i = 0; i < script->statements.count; i++) {
            lk_command_tag(lk_script_tree(script, i));
            check_places(script, i);
            lk_source_sql(mem, source, script->statements.items[i].span);
        }
        lk_directives_read(mem, script);
    }
    lk_source_position(source, source->invalid);
    lk_flyway_checksum(source);
    talloc_free(mem);
    return 0;
}
