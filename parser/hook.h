/*
 * parser/hook.h
 *     Scripts that go with every run, and are no migrations.
 */
#ifndef LK_PARSER_HOOK_H
#define LK_PARSER_HOOK_H

#include "parser/base/lk.h"

enum lk_hook_event {
#define LK_HOOK(name, key, when) LK_HOOK_##name,
#include "parser/hooks.def"
#undef LK_HOOK
    LK_HOOK_COUNT
};

/* What a convention calls its hooks: an entry with name == NULL ends a list. */
struct lk_hook_name {
    const char *name;         /* of the file, up to ".sql" or "__" and what follows */
    enum lk_hook_event event; /* COUNT: it is none that is carried out here */
    bool always;              /* also in a run that has nothing else to do */
    bool undo;                /* of rollbacks; else of steps forwards */
};

/* lk_hook_word returns what an event is called in the configuration: "before_run". */
const char *lk_hook_word(enum lk_hook_event event);

#endif
