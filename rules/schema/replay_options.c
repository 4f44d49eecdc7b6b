/*
 * rules/schema/replay_options.c
 *     Storage parameters, and the options of foreign tables: see replay_relation.h.
 */
#include "parser/base/buf.h"
#include "parser/lexer.h"
#include "parser/pgparse.h"
#include "rules/schema/replay_relation.h"

/* An option as it is kept: its name, quoted and with its name space, and its value. */
struct option {
    const char *name;
    const char *value; /* a literal */
};

struct options {
    TALLOC_CTX *mem;
    LK_VEC(struct option) items;
};

static const char *
name_of(TALLOC_CTX *mem, const DefElem *option)
{
    if (option->defnamespace == NULL)
        return lk_quote_ident(mem, option->defname);
    return lk_fmt(mem, "%s.%s", lk_quote_ident(mem, option->defnamespace),
                  lk_quote_ident(mem, option->defname));
}

/* value_of returns a value as text. Source: defGetString(), src/backend/commands/define.c. */
static const char *
value_of(TALLOC_CTX *mem, const DefElem *option)
{
    const Node *value = option->arg;

    if (value == NULL)
        return "true";
    switch (nodeTag(value)) {
    case T_Integer:
        return lk_fmt(mem, "%d", intVal(value));
    case T_Float:
        return ((const Float *)value)->fval;
    case T_Boolean:
        return boolVal(value) ? "true" : "false";
    case T_String:
        return strVal(value);
    case T_TypeName:
        return lk_qname_of_list(((const TypeName *)value)->names).name;
    default:
        return "";
    }
}

static struct option *
find(struct options *options, const char *name)
{
    lk_vec_foreach(option, &options->items)
        if (strcmp(option->name, name) == 0)
            return option;
    return NULL;
}

static void
set(struct options *options, const char *name, const char *value)
{
    struct option *option = find(options, name);

    if (option == NULL)
        option = lk_vec_add(options->mem, &options->items);
    *option = (struct option){name, value};
}

static void
take_away(struct options *options, const char *name)
{
    size_t kept = 0;

    for (size_t i = 0; i < options->items.count; i++)
        if (strcmp(options->items.items[i].name, name) != 0)
            options->items.items[kept++] = options->items.items[i];
    options->items.count = kept;
}

/* read_back takes apart what write_down has put together. */
static void
read_back(struct options *options, const char *text)
{
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){0, (uint32_t)strlen(text)});
    struct lk_span name = {0, 0};

    for (;;) {
        struct lk_token token = lk_lex_code(&lexer);
        if (token.kind == LK_TOKEN_END)
            return;
        if (token.kind == LK_TOKEN_STRING) {
            set(options, lk_strndup(options->mem, text + name.start, name.end - name.start),
                lk_strndup(options->mem, text + token.span.start,
                           token.span.end - token.span.start));
            name = (struct lk_span){0, 0};
        } else if (!lk_token_is_symbol(text, token, ',') && !lk_token_is_symbol(text, token, '=')) {
            if (name.end == 0)
                name.start = token.span.start;
            name.end = token.span.end;
        }
    }
}

static struct lk_text *
write_down(struct lk_catalog *catalog, const struct options *options, bool generic)
{
    struct lk_buf text = lk_buf_init(options->mem);

    lk_vec_foreach(option, &options->items) {
        lk_buf_sep(&text, ", ");
        lk_buf_addf(&text, "%s%s%s", option->name, generic ? " " : "=", option->value);
    }
    return text.len > 0 ? lk_text_plain(catalog->objects, text.data) : NULL;
}

struct lk_text *
lk_options_changed(struct lk_catalog *catalog, const struct lk_text *text, const List *list,
                   bool reset, bool generic)
{
    if (text == NULL && list == NIL)
        return NULL;
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(catalog->pool);
    struct options options = {.mem = scratch};
    ListCell *cell;

    if (text != NULL)
        read_back(&options, text->sql);
    foreach(cell, list) {
        const DefElem *option = lfirst_node(DefElem, cell);
        const char *name = name_of(scratch, option);
        if (reset || option->defaction == DEFELEM_DROP)
            take_away(&options, name);
        else
            set(&options, name, lk_quote_literal(scratch, value_of(scratch, option)));
    }
    return write_down(catalog, &options, generic);
}
