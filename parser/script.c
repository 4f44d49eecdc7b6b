/*
 * parser/script.c
 *     Splitting and parsing: see script.h.
 *
 * The lexer finds the statements' borders, the grammar parses them a chunk at a time, whole
 * chunks first. Where a chunk is refused its statements are parsed one by one, so that an error
 * hides nothing but the statement it is in.
 */
#include "parser/script.h"

#include "parser/lexer.h"
#include "parser/pg_nodes.h"
#include "parser/pgparse.h"

/* Trees take some 15 times the memory of their text: larger files are parsed piece by piece. */
#define CHUNK_BYTES (1u << 20)

struct lk_chunk {
    size_t first;
    size_t count;
    TALLOC_CTX *trees; /* the parents of lk_pg_trees while loaded */
    bool parsed;       /* errors and sub-splits are known */
};

/* Where in a statement the splitter is. */
struct splitter {
    unsigned parens;
    unsigned words;     /* seen so far */
    bool routine;       /* it starts with CREATE [OR REPLACE] FUNCTION or PROCEDURE */
    bool create;        /* the first word was CREATE */
    unsigned atomic;    /* BEGIN ATOMIC and the CASEs inside that wait for their END */
    bool begin;         /* the last word was BEGIN, in a routine */
    bool ignore_parens; /* a parenthesis was left open: semicolons end statements all the same */
};

/*
 * note_word follows the words of a statement to know a semicolon inside BEGIN ATOMIC ... END from
 * one that ends the statement: what psql does too (psqlscan.l).
 */
static void
note_word(struct splitter *state, const char *text, struct lk_token token)
{
    bool was_begin = state->begin;

    state->begin = false;
    if (state->words == 0)
        state->create = lk_token_is(text, token, "create");
    else if (state->create && state->words <= 3 &&
             (lk_token_is(text, token, "function") || lk_token_is(text, token, "procedure")))
        state->routine = true;
    else if (state->routine && state->parens == 0) {
        if (was_begin && lk_token_is(text, token, "atomic"))
            state->atomic++;
        else if (state->atomic == 0 && lk_token_is(text, token, "begin"))
            state->begin = true;
        else if (state->atomic > 0 && lk_token_is(text, token, "case"))
            state->atomic++;
        else if (state->atomic > 0 && lk_token_is(text, token, "end"))
            state->atomic--;
    }
    state->words++;
}

static bool
ends_statement(const struct splitter *state, const char *text, struct lk_token token)
{
    return lk_token_is_symbol(text, token, ';') && (state->parens == 0 || state->ignore_parens) &&
           state->atomic == 0;
}

static void
note_symbol(struct splitter *state, const char *text, struct lk_token token)
{
    if (lk_token_is_symbol(text, token, '('))
        state->parens++;
    else if (lk_token_is_symbol(text, token, ')') && state->parens > 0)
        state->parens--;
    state->begin = false;
}

/*
 * next_statement reads up to a statement's semicolon and returns whether there was one to read.
 * Comments on the way are added to the script when `comments` is set.
 */
static bool
next_statement(struct lk_script *script, struct lk_lexer *lexer, bool ignore_parens, bool comments,
               struct lk_statement *ret)
{
    struct splitter state = {.ignore_parens = ignore_parens};
    const char *text = lexer->text;
    bool any = false;

    *ret = (struct lk_statement){.region = {lexer->pos, lexer->pos}};
    for (;;) {
        struct lk_token token = lk_lex(lexer);

        if (token.kind == LK_TOKEN_COMMENT) {
            if (comments)
                lk_vec_push(script, &script->comments, token.span);
            /* an unterminated comment is a syntax error, of a statement of its own if need be */
            if (!token.unterminated)
                continue;
        }
        if (token.kind == LK_TOKEN_END)
            break;
        if (ends_statement(&state, text, token)) {
            ret->region.end = token.span.end;
            if (any)
                return true;
            ret->region.start = lexer->pos; /* an empty statement */
            continue;
        }
        if (token.kind == LK_TOKEN_WORD)
            note_word(&state, text, token);
        else
            note_symbol(&state, text, token);
        if (!any)
            ret->span.start = token.span.start;
        ret->span.end = token.span.end;
        any = true;
    }
    ret->region.end = lexer->pos;
    return any;
}

static void
add_to_chunk(struct lk_script *script, struct lk_span region)
{
    struct lk_chunk *chunk = script->chunks.count > 0 ? lk_vec_last(&script->chunks) : NULL;

    if (chunk != NULL) {
        const struct lk_statement *first = &script->statements.items[chunk->first];
        if (region.end - first->region.start > CHUNK_BYTES)
            chunk = NULL;
    }
    if (chunk == NULL) {
        chunk = lk_vec_add(script, &script->chunks);
        chunk->first = script->statements.count - 1;
    }
    chunk->count++;
}

struct lk_script *
lk_script_new(TALLOC_CTX *mem, struct lk_source *source, struct lk_span region)
{
    struct lk_script *script = lk_new(mem, struct lk_script);
    struct lk_lexer lexer = lk_lexer_at(source->text, region);
    struct lk_statement statement;

    script->source = source;
    script->region = region;
    script->loaded = SIZE_MAX;
    while (next_statement(script, &lexer, false, true, &statement)) {
        statement.index = (uint32_t)script->statements.count;
        lk_vec_push(script, &script->statements, statement);
        add_to_chunk(script, statement.region);
    }
    return script;
}

/* take_single returns whether `trees` is exactly one statement, and sets it. */
static bool
take_single(struct lk_statement *statement, struct lk_pg_trees *trees)
{
    if (list_length(trees->statements) != 1)
        return false;
    statement->tree = linitial_node(RawStmt, trees->statements)->stmt;
    statement->base = trees->base;
    return true;
}

/* parse_one parses a statement alone, its semicolon included so that the message can name it. */
static bool
parse_one(TALLOC_CTX *mem, const char *text, struct lk_statement *statement)
{
    struct lk_pg_error error = {0};
    struct lk_span span = {statement->span.start, statement->region.end};
    struct lk_pg_trees *trees = lk_pg_parse(mem, text, span, &error);

    statement->tree = NULL;
    statement->error = NULL;
    if (trees != NULL && take_single(statement, trees))
        return true;
    statement->error =
        trees != NULL ? "statement borders are unclear" : lk_strdup(mem, error.message);
    /* "at end of input" points behind the last character: show the last one */
    statement->error_at =
        trees != NULL ? statement->span.start : LK_MIN(error.offset, statement->span.end);
    return false;
}

/* insert_statements puts `more` in place of the one at `index`, and renumbers. */
static void
insert_statements(struct lk_script *script, struct lk_chunk *chunk, size_t index,
                  const struct lk_statement *more, size_t count)
{
    size_t added = count - 1;

    for (size_t i = 0; i < added; i++)
        lk_vec_add(script, &script->statements);
    struct lk_statement *items = script->statements.items;
    memmove(items + index + count, items + index + 1,
            (script->statements.count - index - count) * sizeof(*items));
    memcpy(items + index, more, count * sizeof(*items));
    for (size_t i = index; i < script->statements.count; i++)
        items[i].index = (uint32_t)i;
    chunk->count += added;
    for (struct lk_chunk *later = chunk + 1; later < script->chunks.items + script->chunks.count;
         later++)
        later->first += added;
}

/* begins_statement returns whether the word at `offset` can only start a statement. */
static bool
begins_statement(const char *text, struct lk_span span)
{
    static const char *const verbs[] = {
        "alter",  "begin",   "comment", "commit", "create", "delete", "do",       "drop",   "grant",
        "insert", "refresh", "reindex", "revoke", "select", "set",    "truncate", "update",
    };
    struct lk_lexer lexer = lk_lexer_at(text, span);
    struct lk_token token = lk_lex_code(&lexer);

    for (size_t i = 0; i < LK_ARRAY_SIZE(verbs); i++)
        if (lk_token_is(text, token, verbs[i]))
            return true;
    return false;
}

/*
 * resplit splits a refused statement at the semicolons inside its open parentheses, where what
 * follows each looks like a statement, and returns whether there are parts to parse now.
 */
static bool
resplit(struct lk_script *script, struct lk_chunk *chunk, size_t index)
{
    struct lk_statement broken = script->statements.items[index];
    const char *text = script->source->text;
    struct lk_lexer lexer = lk_lexer_at(text, broken.region);
    LK_VEC(struct lk_statement) parts = {0};
    struct lk_statement part;

    while (next_statement(script, &lexer, true, false, &part)) {
        if (parts.count > 0 && !begins_statement(text, part.span)) {
            lk_vec_last(&parts)->span.end = part.span.end;
            lk_vec_last(&parts)->region.end = part.region.end;
            continue;
        }
        lk_vec_push(script, &parts, part);
    }
    bool split = parts.count > 1;
    if (split)
        insert_statements(script, chunk, index, parts.items, parts.count);
    talloc_free(parts.items);
    return split;
}

static void
parse_statements(struct lk_script *script, struct lk_chunk *chunk)
{
    for (size_t i = chunk->first; i < chunk->first + chunk->count; i++) {
        while (!parse_one(chunk->trees, script->source->text, &script->statements.items[i]) &&
               !chunk->parsed && resplit(script, chunk, i))
            ;
    }
}

/* parse_chunk makes the trees of a chunk, all at once if the grammar takes it. */
static void
parse_chunk(struct lk_script *script, struct lk_chunk *chunk)
{
    struct lk_statement *first = &script->statements.items[chunk->first];
    struct lk_span span = {first->span.start, first[chunk->count - 1].region.end};
    struct lk_pg_error error = {0};

    chunk->trees = lk_mem_new(script);
    struct lk_pg_trees *trees = lk_pg_parse(chunk->trees, script->source->text, span, &error);
    if (trees != NULL && (size_t)list_length(trees->statements) == chunk->count) {
        for (size_t i = 0; i < chunk->count; i++) {
            first[i].tree = list_nth_node(RawStmt, trees->statements, (int)i)->stmt;
            first[i].base = trees->base;
        }
    } else {
        parse_statements(script, chunk);
    }
    chunk->parsed = true;
}

static void
unload(struct lk_script *script)
{
    struct lk_chunk *chunk = &script->chunks.items[script->loaded];

    for (size_t i = chunk->first; i < chunk->first + chunk->count; i++) {
        script->statements.items[i].tree = NULL;
        /* the message lives with the trees: keep it with the script */
        if (script->statements.items[i].error != NULL)
            script->statements.items[i].error =
                lk_strdup(script, script->statements.items[i].error);
    }
    talloc_free(chunk->trees);
    chunk->trees = NULL;
}

struct Node *
lk_script_tree(struct lk_script *script, size_t index)
{
    size_t wanted = 0;

    if (index >= script->statements.count)
        LK_BUG("statement %zu of %zu", index, script->statements.count);
    while (index >= script->chunks.items[wanted].first + script->chunks.items[wanted].count)
        wanted++;
    if (script->loaded != wanted) {
        if (script->loaded != SIZE_MAX)
            unload(script);
        script->loaded = wanted;
        parse_chunk(script, &script->chunks.items[wanted]);
    }
    return script->statements.items[index].tree;
}

uint32_t
lk_statement_offset(const struct lk_statement *statement, int location)
{
    return location < 0 ? statement->span.start : statement->base + (uint32_t)location;
}
