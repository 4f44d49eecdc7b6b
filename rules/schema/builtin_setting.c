/*
 * rules/schema/builtin_setting.c
 *     The server's own settings: see builtin.h.
 */
#include <ctype.h>
#include <string.h>

#include "rules/schema/builtin_private.h"

#define LONGEST 63

/* clang-format off: a table is the strings of all its lines */
#define LK_SETTING(name, kind, unit, versions) name "\t" kind "\t" unit "\t" versions "\n"
static const char setting_text[] =
#include "rules/schema/builtin_settings.def"
    ;
/* clang-format on */

static const struct lk_rows settings = {setting_text, sizeof(setting_text) - 1};

bool
lk_builtin_setting(const char *name, unsigned version, struct lk_builtin_setting *ret)
{
    char lower[LONGEST + 1] = "";
    struct lk_row row;
    size_t length = strlen(name);

    if (length > LONGEST)
        return false;
    for (size_t i = 0; i < length; i++)
        lower[i] = (char)tolower((unsigned char)name[i]);
    for (const char *at = NULL; lk_row_next(&settings, lower, at, &row); at = row.next) {
        if (!lk_row_has(row.field[3], version))
            continue;
        *ret = (struct lk_builtin_setting){
            .kind = row.field[1].length > 0 ? row.field[1].text[0] : '\0', .unit = row.field[2]};
        return true;
    }
    return false;
}
