/*
 * parser/script.c
 *     Splitting and parsing: see script.h.
 *
 * The lexer finds the statements' borders, the grammar parses them a chunk at a time, whole
 * chunks first. Where a chunk is refused its statements are parsed one by one, so that an error
 * hides nothing but the statement it is in; one that swallowed others is split again, and those
 * of a block in the language of another database are one.
 */
#include "parser/script.h"

#include "parser/block.h"
#include "parser/body.h"
#include "parser/lexer.h"
#include "parser/pg_nodes.h"
#include "parser/pgparse.h"

/* Trees take some 15 times the memory of their text: those of no more than this are kept. */
#define CHUNK_BYTES (1u << 20)

/* What may be read again to find borders that errors hide; after that they stay hidden. */
#define REREAD_BYTES (4u << 20)

struct lk_chunk {
    size_t first;
    size_t count;
    struct lk_span region;
    TALLOC_CTX *trees; /* the parents of lk_pg_trees while loaded */
    bool parsed;       /* errors and sub-splits are known */
    uint64_t reread;   /* bytes, to find borders that errors hid */
};

/* Where in a statement the splitter is. */
struct splitter {
    unsigned words; /* seen so far */
    unsigned parens;
    unsigned object; /* which word says what is created: behind CREATE or CREATE OR REPLACE */
    bool rule;       /* CREATE [OR REPLACE] RULE: its parentheses can hold statements */
    bool routine;    /* CREATE [OR REPLACE] FUNCTION or PROCEDURE: BEGIN ATOMIC holds statements */
    bool begin;      /* the last word was BEGIN, in a routine */
    bool label;      /* the last token was AS or a dot: what follows is a name */
    unsigned atomic; /* BEGIN ATOMIC and the CASEs inside that wait for their END */
};

/* is_open returns whether a semicolon now would be one inside a statement. */
static bool
is_open(const struct splitter *state)
{
    return (state->rule && state->parens > 0) || state->atomic > 0;
}

/*
 * note_routine_word follows the words of a routine to know a semicolon inside BEGIN ATOMIC ... END
 * from one that ends the statement: what psql does too (psqlscan.l).
 */
static void
note_routine_word(struct splitter *state, const char *text, struct lk_token token)
{
    bool was_begin = state->begin;

    state->begin = false;
    if (state->parens > 0 || state->label)
        return;
    if (was_begin && lk_token_is(text, token, "atomic"))
        state->atomic++;
    else if (state->atomic == 0 && lk_token_is(text, token, "begin"))
        state->begin = true;
    else if (state->atomic > 0 && lk_token_is(text, token, "case"))
        state->atomic++;
    else if (state->atomic > 0 && lk_token_is(text, token, "end"))
        state->atomic--;
}

static void
note_word(struct splitter *state, const char *text, struct lk_token token)
{
    if (state->words == 0) {
        state->object = lk_token_is(text, token, "create") ? 1 : 0;
    } else if (state->words == 1 && state->object == 1 && lk_token_is(text, token, "or")) {
        state->object = 3;
    } else if (state->words == state->object) {
        state->rule = lk_token_is(text, token, "rule");
        state->routine =
            lk_token_is(text, token, "function") || lk_token_is(text, token, "procedure");
    } else if (state->routine) {
        note_routine_word(state, text, token);
    }
    state->label = state->routine && lk_token_is(text, token, "as");
    state->words++;
}

static void
note_symbol(struct splitter *state, const char *text, struct lk_token token)
{
    if (lk_token_is_symbol(text, token, '('))
        state->parens++;
    else if (lk_token_is_symbol(text, token, ')') && state->parens > 0)
        state->parens--;
    state->begin = false;
    state->label = lk_token_is_symbol(text, token, '.');
}

/*
 * note_junk notes the error of a parameter with letters behind it, $1a, which libpg_query takes for
 * two words and the server refuses since version 15 (scan.l, param_junk).
 */
static void
note_junk(struct lk_script *script, const char *text, struct lk_span before, struct lk_token word,
          struct lk_statement *ret)
{
    if (script == NULL || ret->error != NULL || before.end == 0 || word.span.start != before.end)
        return;
    ret->error = lk_fmt(script, "trailing junk after parameter at or near \"%.*s\"",
                        (int)(word.span.end - before.start), text + before.start);
    ret->error_at = before.start;
}

/*
 * next_statement reads up to a statement's semicolon and returns whether there was one to read.
 * Comments on the way are added to those of `script` unless that is NULL; `*open` says whether the
 * text ended inside a statement that holds others.
 */
static bool
next_statement(struct lk_script *script, struct lk_lexer *lexer, bool *open,
               struct lk_statement *ret)
{
    struct splitter state = {0};
    const char *text = lexer->text;
    struct lk_span parameter = {0};
    bool any = false;

    *open = false;
    *ret = (struct lk_statement){.region = {lexer->pos, lexer->pos}};
    for (;;) {
        /* only a rule's parentheses and a routine's words matter behind those that begin it */
        if (state.words > 3 && !state.rule && !state.routine && parameter.end == 0)
            lk_lex_past(lexer, &ret->span.end);
        struct lk_token token = lk_lex(lexer);

        if (token.kind == LK_TOKEN_COMMENT) {
            if (script != NULL)
                lk_vec_push(script, &script->comments, token.span);
            /* an unterminated comment is a syntax error, of a statement of its own if need be */
            if (!token.unterminated)
                continue;
        }
        if (token.kind == LK_TOKEN_END)
            break;
        if (lk_token_is_symbol(text, token, ';') && !is_open(&state)) {
            ret->region.end = token.span.end;
            if (any)
                return true;
            ret->region.start = lexer->pos; /* an empty statement */
            continue;
        }
        if (token.kind == LK_TOKEN_WORD) {
            note_junk(script, text, parameter, token, ret);
            note_word(&state, text, token);
        } else {
            note_symbol(&state, text, token);
        }
        parameter = token.kind == LK_TOKEN_PARAM ? token.span : (struct lk_span){0};
        if (!any)
            ret->span.start = token.span.start;
        ret->span.end = token.span.end;
        any = true;
    }
    ret->region.end = lexer->pos;
    *open = is_open(&state);
    return any;
}

/* add_to_chunk adds the last statement; `apart`: something else stands in front of it. */
static void
add_to_chunk(struct lk_script *script, struct lk_span region, bool apart)
{
    struct lk_chunk *chunk = script->chunks.count > 0 ? lk_vec_last(&script->chunks) : NULL;

    if (chunk == NULL || apart || region.end - chunk->region.start > CHUNK_BYTES) {
        chunk = lk_vec_add(script, &script->chunks);
        chunk->first = script->statements.count - 1;
        chunk->region.start = region.start;
    }
    chunk->region.end = region.end;
    chunk->count++;
}

struct lk_script *
lk_script_new(TALLOC_CTX *mem, struct lk_source *source, struct lk_span region)
{
    struct lk_script *script = lk_new(mem, struct lk_script);

    script->source = source;
    script->region = region;
    lk_script_add(script, region);
    return script;
}

void
lk_script_add(struct lk_script *script, struct lk_span region)
{
    struct lk_lexer lexer = lk_lexer_at(script->source->text, region);
    struct lk_statement statement;
    bool apart = region.start != script->region.end;
    bool open;

    script->region.end = region.end;
    while (next_statement(script, &lexer, &open, &statement)) {
        statement.index = (uint32_t)script->statements.count;
        lk_vec_push(script, &script->statements, statement);
        add_to_chunk(script, statement.region, apart);
        apart = false;
    }
}

static uint32_t
size_of(const struct lk_chunk *chunk)
{
    return chunk->region.end - chunk->region.start;
}

/* unload releases the trees of a chunk, if they are in memory. */
static void
unload(struct lk_script *script, struct lk_chunk *chunk)
{
    if (chunk->trees == NULL)
        return;
    for (size_t i = chunk->first; i < chunk->first + chunk->count; i++) {
        script->statements.items[i].tree = NULL;
        script->statements.items[i].body = NULL;
    }
    talloc_free(chunk->trees);
    chunk->trees = NULL;
    script->loaded -= size_of(chunk);
}

/*
 * replace_statements puts `parts` in place of `old` statements from `index` on, and renumbers;
 * all of them belong to `chunk`.
 */
static void
replace_statements(struct lk_script *script, struct lk_chunk *chunk, size_t index, size_t old,
                   const struct lk_statement *parts, size_t count)
{
    size_t behind = script->statements.count - index - old;

    for (struct lk_chunk *later = chunk + 1; later < script->chunks.items + script->chunks.count;
         later++) {
        unload(script, later); /* what was read of a body knows its statement's index */
        later->first += count - old;
    }
    while (script->statements.count < index + count + behind)
        lk_vec_add(script, &script->statements);
    script->statements.count = index + count + behind;
    struct lk_statement *items = script->statements.items;
    memmove(items + index + count, items + index + old, behind * sizeof(*items));
    memcpy(items + index, parts, count * sizeof(*items));
    for (size_t i = index; i < script->statements.count; i++)
        items[i].index = (uint32_t)i;
    chunk->count += count - old;
}

/* trim returns the span from the first token in `span` to the last, no comment or semicolon. */
static struct lk_span
trim(const char *text, struct lk_span span)
{
    struct lk_lexer lexer = lk_lexer_at(text, span);
    struct lk_token token = lk_lex_code(&lexer);
    struct lk_span trimmed = token.span;

    for (; token.kind != LK_TOKEN_END; token = lk_lex_code(&lexer))
        if (!lk_token_is_symbol(text, token, ';'))
            trimmed.end = token.span.end;
    return trimmed;
}

/*
 * adopt_borders takes the statements that the grammar found where the splitter saw `old` others:
 * words such as CASE and END can be names, too, which only the grammar knows for sure.
 */
static void
adopt_borders(struct lk_script *script, struct lk_chunk *chunk, size_t index, size_t old,
              const struct lk_pg_trees *trees)
{
    const struct lk_statement *items = script->statements.items;
    struct lk_span rest = {items[index].region.start, items[index + old - 1].region.end};
    LK_VEC(struct lk_statement) parts = {0};
    ListCell *cell;

    foreach(cell, trees->statements) {
        const RawStmt *raw = lfirst_node(RawStmt, cell);
        struct lk_statement *part = lk_vec_add(script, &parts);
        struct lk_span span = {trees->base + (uint32_t)raw->stmt_location, rest.end};
        part->tree = raw->stmt;
        part->base = trees->base;
        part->region = rest;
        if (raw->stmt_len > 0) {
            span.end = span.start + (uint32_t)raw->stmt_len;
            part->region.end = span.end + 1; /* its semicolon */
        }
        part->span = trim(script->source->text, span);
        rest.start = part->region.end;
    }
    if (parts.count > 0) /* semicolons behind the last one */
        lk_vec_last(&parts)->region.end = rest.end;
    replace_statements(script, chunk, index, old, parts.items, parts.count);
    talloc_free(parts.items);
}

/* parse_one parses a statement alone, its semicolon included so that the message can name it. */
static bool
parse_one(struct lk_script *script, struct lk_chunk *chunk, size_t index)
{
    struct lk_statement *statement = &script->statements.items[index];
    struct lk_pg_error error = {0};
    struct lk_span span = {statement->span.start, statement->region.end};
    struct lk_pg_trees *trees = lk_pg_parse(chunk->trees, script->source->text, span, &error);

    statement->tree = NULL;
    if (trees == NULL) {
        statement->error = lk_strdup(script, error.message);
        /* "at end of input" is where the statement's last word ends */
        statement->error_at = error.offset < span.end ? error.offset : statement->span.end;
        return false;
    }
    if (list_length(trees->statements) != 1) {
        adopt_borders(script, chunk, index, 1, trees);
        return true;
    }
    statement->tree = linitial_node(RawStmt, trees->statements)->stmt;
    statement->base = trees->base;
    return true;
}

/* begins_statement returns whether the next word is one that statements begin with. */
static bool
begins_statement(const char *text, struct lk_span span)
{
    static const char *const verbs[] = {
        "abort",   "alter",   "analyse", "analyze", "begin",    "call",      "checkpoint",
        "close",   "cluster", "comment", "commit",  "copy",     "create",    "deallocate",
        "declare", "delete",  "discard", "do",      "drop",     "end",       "execute",
        "explain", "fetch",   "grant",   "import",  "insert",   "listen",    "load",
        "lock",    "merge",   "move",    "notify",  "prepare",  "reassign",  "refresh",
        "reindex", "release", "reset",   "revoke",  "rollback", "savepoint", "security",
        "select",  "set",     "show",    "start",   "table",    "truncate",  "unlisten",
        "update",  "vacuum",  "values",  "with",
    };
    struct lk_lexer lexer = lk_lexer_at(text, span);
    struct lk_token token = lk_lex_code(&lexer);

    for (size_t i = 0; i < LK_ARRAY_SIZE(verbs); i++)
        if (lk_token_is(text, token, verbs[i]))
            return true;
    return false;
}

/* is_first_of_line returns whether only blanks stand between `at` and its line's start. */
static bool
is_first_of_line(const char *text, struct lk_span region, uint32_t at)
{
    while (at > region.start && (text[at - 1] == ' ' || text[at - 1] == '\t'))
        at--;
    return at > region.start && (text[at - 1] == '\n' || text[at - 1] == '\r');
}

/* starts_anew returns whether a statement seems to start at `at`: on a line of its own. */
static bool
starts_anew(const char *text, struct lk_span region, uint32_t at)
{
    return at > region.start && is_first_of_line(text, region, at) &&
           begins_statement(text, (struct lk_span){at, region.end});
}

/*
 * missing_semicolon returns where the next statement starts when a refused one lacks its
 * semicolon, or 0: the grammar stumbled over a first word on a line of its own, and takes what
 * starts there, if need be up to the next such word.
 */
static uint32_t
missing_semicolon(const struct lk_script *script, const struct lk_statement *broken)
{
    const char *text = script->source->text;
    uint32_t border = broken->error_at;
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){border, broken->region.end});
    struct lk_pg_error error = {0};
    struct lk_statement next;
    bool open;

    if (border <= broken->span.start || !starts_anew(text, broken->region, border) ||
        !next_statement(NULL, &lexer, &open, &next))
        return 0;
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    bool taken = lk_pg_parse(scratch, text, next.span, &error) != NULL ||
                 starts_anew(text, next.region, error.offset);
    return taken ? border : 0;
}

/*
 * unclosed_body returns where the next statement starts when the statements inside a refused one
 * are not closed by a parenthesis or END, and it took the rest of the file for its own; or 0. It
 * is the first one behind a semicolon that is not indented.
 */
static uint32_t
unclosed_body(const struct lk_script *script, const struct lk_statement *broken)
{
    const char *text = script->source->text;
    struct lk_lexer lexer = lk_lexer_at(text, broken->region);
    struct lk_statement whole;
    bool open;

    if (!next_statement(NULL, &lexer, &open, &whole) || !open)
        return 0;
    lexer = lk_lexer_at(text, broken->region);
    for (;;) {
        struct lk_token token = lk_lex_code(&lexer);
        if (token.kind == LK_TOKEN_END)
            return 0;
        if (!lk_token_is_symbol(text, token, ';'))
            continue;
        struct lk_lexer ahead = lexer;
        token = lk_lex_code(&ahead);
        if (token.kind == LK_TOKEN_WORD && text[token.span.start - 1] == '\n' &&
            begins_statement(text, (struct lk_span){token.span.start, lexer.end}))
            return lexer.pos;
    }
}

/* resynchronise splits a refused statement where it most likely should have ended. */
static void
resynchronise(struct lk_script *script, struct lk_chunk *chunk, size_t index)
{
    struct lk_statement broken = script->statements.items[index];
    LK_VEC(struct lk_statement) parts = {0};
    struct lk_statement part;
    uint32_t border;
    bool open;

    chunk->reread += broken.region.end - broken.region.start;
    if (chunk->reread > REREAD_BYTES)
        return;
    border = missing_semicolon(script, &broken);
    bool body = border == 0;
    if (body)
        border = unclosed_body(script, &broken);
    if (border == 0)
        return;
    struct lk_lexer lexer =
        lk_lexer_at(script->source->text, (struct lk_span){border, broken.region.end});
    broken.region.end = border;
    broken.span = trim(script->source->text, broken.region);
    lk_vec_push(script, &parts, broken);
    while (next_statement(NULL, &lexer, &open, &part))
        lk_vec_push(script, &parts, part);
    replace_statements(script, chunk, index, 1, parts.items, parts.count);
    talloc_free(parts.items);
    if (body) /* the error can have been in what is another statement now */
        parse_one(script, chunk, index);
}

/* is_in_token returns whether a literal, name or comment that starts before `at` goes on there. */
static bool
is_in_token(const char *text, struct lk_span span, uint32_t at)
{
    struct lk_lexer lexer = lk_lexer_at(text, span);
    struct lk_token token = lk_lex(&lexer);

    while (token.kind != LK_TOKEN_END && token.span.end <= at)
        token = lk_lex(&lexer);
    return token.kind != LK_TOKEN_END && token.span.start < at;
}

/*
 * join_block makes one statement of a refused one and those behind it, up to the line that ends
 * their block in another database's client, and returns whether there is such a line.
 */
static bool
join_block(struct lk_script *script, struct lk_chunk *chunk, size_t index)
{
    const struct lk_statement *items = script->statements.items;
    const char *text = script->source->text;
    size_t last = index, end = chunk->first + chunk->count;
    struct lk_span rest = {items[index].span.start, items[end - 1].region.end};
    struct lk_span line = lk_block_line(text, rest);
    LK_VEC(struct lk_statement) parts = {0};
    struct lk_statement block = items[index], part;
    bool open;

    chunk->reread += line.end > line.start ? line.end - rest.start : rest.end - rest.start;
    if (line.end == line.start || chunk->reread > REREAD_BYTES ||
        is_in_token(text, rest, line.start))
        return false;
    while (items[last].region.end < line.end)
        last++;
    block.region.end = line.end;
    block.span = trim(text, (struct lk_span){rest.start, line.end});
    block.error_at = LK_MIN(block.error_at, block.span.end);
    lk_vec_push(script, &parts, block);
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){line.end, items[last].region.end});
    while (next_statement(NULL, &lexer, &open, &part))
        lk_vec_push(script, &parts, part);
    replace_statements(script, chunk, index, last - index + 1, parts.items, parts.count);
    talloc_free(parts.items);
    return true;
}

static void
parse_statements(struct lk_script *script, struct lk_chunk *chunk)
{
    for (size_t i = chunk->first; i < chunk->first + chunk->count; i++) {
        if (script->statements.items[i].error != NULL)
            continue; /* known to be broken, also where its text alone would do */
        if (!parse_one(script, chunk, i) && !chunk->parsed && !join_block(script, chunk, i))
            resynchronise(script, chunk, i);
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
    if (trees == NULL) {
        parse_statements(script, chunk);
    } else if ((size_t)list_length(trees->statements) != chunk->count) {
        adopt_borders(script, chunk, chunk->first, chunk->count, trees);
    } else {
        for (size_t i = 0; i < chunk->count; i++) {
            if (first[i].error == NULL)
                first[i].tree = list_nth_node(RawStmt, trees->statements, (int)i)->stmt;
            first[i].base = trees->base;
        }
    }
    chunk->parsed = true;
}

/* load returns the chunk of a statement with its trees in memory. */
static struct lk_chunk *
load(struct lk_script *script, size_t index)
{
    struct lk_chunk *chunk = script->chunks.items;

    if (index >= script->statements.count)
        LK_BUG("statement %zu of %zu", index, script->statements.count);
    while (index >= chunk->first + chunk->count)
        chunk++;
    if (chunk->trees != NULL)
        return chunk;
    if (script->loaded + size_of(chunk) > CHUNK_BYTES)
        lk_vec_foreach(other, &script->chunks)
            unload(script, other);
    script->loaded += size_of(chunk);
    parse_chunk(script, chunk);
    return chunk;
}

struct Node *
lk_script_tree(struct lk_script *script, size_t index)
{
    load(script, index);
    return script->statements.items[index].tree;
}

const struct lk_body *
lk_script_body(struct lk_script *script, size_t index)
{
    const struct lk_chunk *chunk = load(script, index);
    struct lk_statement *statement = &script->statements.items[index];

    if (statement->tree == NULL || !lk_has_body(statement->tree))
        return NULL;
    if (statement->body == NULL)
        statement->body = lk_body_read(chunk->trees, script->source, statement);
    return statement->body;
}

void
lk_script_load(struct lk_script *script)
{
    for (size_t i = 0, k = 0; k < script->chunks.count; k++) {
        const struct lk_chunk *chunk = &script->chunks.items[k];
        if (k > 0 && script->loaded + size_of(chunk) > CHUNK_BYTES)
            return;
        for (; i < chunk->first + chunk->count; i++) /* there can be more of them as it is parsed */
            lk_script_body(script, i);
    }
}

uint32_t
lk_statement_offset(const struct lk_statement *statement, int location)
{
    return location < 0 ? statement->span.start : statement->base + (uint32_t)location;
}
