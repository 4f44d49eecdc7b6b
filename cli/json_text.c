/*
 * cli/json_text.c
 *     Strings of JSON documents: see json_text.h.
 */
#include "cli/json_text.h"

#include "cli/clean.h"

json_t *
lk_json_text(const char *value)
{
    json_t *string = value == NULL ? json_null() : json_string(value);

    if (string != NULL)
        return string;
    char *clean = lk_clean(NULL, value, LK_CLEAN_UTF8);
    string = json_string(clean);
    talloc_free(clean);
    return string;
}

void
lk_json_put(FILE *stream, const char *before, json_t *part)
{
    if (part == NULL)
        LK_BUG("out of memory");
    fputs(before, stream);
    json_dumpf(part, stream, JSON_ENCODE_ANY);
    json_decref(part);
}
