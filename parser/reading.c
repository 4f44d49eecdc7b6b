/*
 * parser/reading.c
 *     One migration as it is read: see reading.h.
 */
#include "parser/reading.h"

static int
free_reading(struct lk_reading *reading)
{
    lk_error_clear(&reading->err);
    return 0;
}

/* script_of returns the statements of a part of a file, with the first trees and bodies. */
static struct lk_script *
script_of(TALLOC_CTX *mem, struct lk_source *source, const struct lk_spans *part)
{
    struct lk_script *script = lk_script_new(mem, source, (struct lk_span){0, 0});

    lk_vec_foreach(span, &part->items)
        lk_script_add(script, *span);
    lk_script_load(script);
    return script;
}

struct lk_reading *
lk_reading_of(TALLOC_CTX *mem, const struct lk_migration *migration, const struct lk_values *values,
              int version)
{
    struct lk_reading *ret = lk_new(mem, struct lk_reading);
    struct lk_parts *parts = &ret->parts;

    talloc_set_destructor(ret, free_reading);
    ret->migration = migration;
    ret->source = lk_migration_read(ret, migration, values, version, &ret->err);
    if (ret->source == NULL)
        return ret;
    *parts = lk_naming_split(ret, migration->folder->naming, ret->source);
    parts->transaction_off |= (migration->beside & LK_BESIDE_TRANSACTION_OFF) != 0;
    parts->transaction_on = (migration->beside & LK_BESIDE_TRANSACTION_ON) != 0;
    if (migration->backwards) {
        parts->up = parts->down;
        parts->down = (struct lk_spans){0};
    }
    if (ret->source->invalid < ret->source->size)
        return ret;
    ret->up = script_of(ret, ret->source, &parts->up);
    if (migration->replayed && parts->down.items.count > 0)
        ret->down = script_of(ret, ret->source, &parts->down);
    return ret;
}
