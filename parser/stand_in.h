/*
 * parser/stand_in.h
 *     Names that stand for placeholders in what is parsed, and what is written in their places.
 */
#ifndef LK_PARSER_STAND_IN_H
#define LK_PARSER_STAND_IN_H

#include "parser/source.h"

struct lk_stand_in {
    const char *name;    /* as the server folds it: "__schema_" */
    const char *written; /* "${schema}" */
};

struct lk_stand_ins {
    LK_VEC(struct lk_stand_in) items; /* the longest names first, each once */
};

/*
 * lk_stand_ins_add adds those of a source; strings live in `mem`. A placeholder that its own name
 * stands for ("app" for ${app}) is left out: it can be read, and may be somebody else's name.
 */
void lk_stand_ins_add(TALLOC_CTX *mem, struct lk_stand_ins *known, const struct lk_source *source);

/* lk_stand_ins_show returns a text for people with what is written in place of the names, or the
 * text itself where there are none of these. */
const char *lk_stand_ins_show(TALLOC_CTX *mem, const struct lk_stand_ins *known, const char *text);

#endif
