/*
 * applier/sqlstate.c
 *     Classes of SQLSTATEs: see sqlstate.h.
 */
#include "applier/sqlstate.h"

static const struct {
    const char *code;
    enum lk_sqlstate_class class;
    const char *words;
} states[] = {
#define LK_SQLSTATE(code, class, words) {code, LK_SQLSTATE_##class, words},
#include "applier/sqlstates.def"
#undef LK_SQLSTATE
};

enum lk_sqlstate_class
lk_sqlstate_class(const char *code)
{
    if (code[0] == '\0')
        return LK_SQLSTATE_CONNECTION;
    for (size_t i = 0; i < LK_ARRAY_SIZE(states); i++)
        if (strncmp(states[i].code, code, strlen(states[i].code)) == 0)
            return states[i].class;
    return LK_SQLSTATE_FATAL;
}

const char *
lk_sqlstate_words(const char *code)
{
    if (code[0] == '\0')
        return "connection lost";
    for (size_t i = 0; i < LK_ARRAY_SIZE(states); i++)
        if (strncmp(states[i].code, code, strlen(states[i].code)) == 0)
            return states[i].words;
    return code;
}
