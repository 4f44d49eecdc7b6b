/*
 * parser/body.c
 *     Reading bodies: see body.h.
 */
#include "parser/body.h"

#include "parser/constant.h"
#include "parser/lexer.h"
#include "parser/pg_nodes.h"
#include "parser/pgparse.h"
#include "parser/plpgsql.h"
#include "parser/tree_names.h"

#define MAX_DEPTH 8                   /* of bodies in bodies */
#define MAX_TURNS 256                 /* of a loop, by the pieces in it: others are not unrolled */
#define MAX_BYTES ((uint32_t)1 << 20) /* a larger one would not stay in memory as a whole */

struct reader {
    TALLOC_CTX *mem;
    struct lk_body *body;
    uint32_t index;
    unsigned depth;
    bool certain; /* the server looks at the syntax when it carries out the outermost statement */
    bool called;  /* the outermost statement makes a routine, and it is read as a call finds it */
};

static void read_tree(struct reader *reader, struct lk_source *source,
                      const struct lk_statement *statement, enum lk_when when);

static struct lk_nested *
add_nested(struct reader *reader, struct lk_source *source, enum lk_when when)
{
    struct lk_nested *nested = lk_vec_add(reader->mem, &reader->body->items);

    nested->source = source;
    nested->when = when;
    nested->certain = reader->certain;
    nested->statement.index = reader->index;
    return nested;
}

static void
add_error(struct reader *reader, struct lk_source *source, enum lk_when when, struct lk_span span,
          const char *error, uint32_t at)
{
    struct lk_nested *nested = add_nested(reader, source, when);

    nested->statement.span = nested->statement.region = span;
    nested->statement.error = error;
    nested->statement.error_at = at;
}

/* ---- SQL ---- */

/* read_sql reads a text of statements. */
static void
read_sql(struct reader *reader, struct lk_fragment text, enum lk_when when)
{
    struct lk_script *script = lk_script_new(reader->mem, text.source, text.span);

    for (size_t i = 0; i < script->statements.count; i++) {
        bool parsed = lk_script_tree(script, i) != NULL;
        struct lk_statement statement = script->statements.items[i];
        if (!parsed && !reader->certain)
            continue;
        statement.index = reader->index;
        struct lk_nested *nested = add_nested(reader, text.source, when);
        nested->statement = statement;
        if (parsed)
            read_tree(reader, text.source, &statement, when);
    }
}

/* ---- PL/pgSQL ---- */

/* The pieces of a body as one text that the grammar reads at once. */
struct batch {
    struct lk_buf text;
    uint32_t *starts; /* where each piece's own text starts in it */
};

static void
add_blanks(struct lk_buf *buf, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        lk_buf_addc(buf, ' ');
}

/* add_piece adds a piece in the form that SQL has, and returns where its own text starts. */
static uint32_t
add_piece(struct lk_buf *buf, const char *text, const struct lk_plpgsql_piece *piece)
{
    struct lk_span span = piece->span, into = piece->into;
    uint32_t at;

    switch (piece->kind) {
    case LK_PLPGSQL_EXPRESSION:
    case LK_PLPGSQL_DYNAMIC:
        lk_buf_add(buf, "SELECT ");
        at = (uint32_t)buf->len;
        break;
    case LK_PLPGSQL_PERFORM:
        at = (uint32_t)buf->len;
        lk_buf_add(buf, "SELECT ");
        span.start += (uint32_t)strlen("PERFORM");
        break;
    case LK_PLPGSQL_SQL:
    default:
        at = (uint32_t)buf->len;
        break;
    }
    if (into.end > into.start) {
        lk_buf_addn(buf, text + span.start, into.start - span.start);
        add_blanks(buf, into.end - into.start);
        span.start = into.end;
    }
    lk_buf_addn(buf, text + span.start, span.end - span.start);
    return at;
}

/* parse_batch parses all pieces at once; NULL where one of them is refused. */
static struct lk_pg_trees *
parse_batch(TALLOC_CTX *mem, const char *text, const struct lk_plpgsql *plpgsql,
            struct batch *batch)
{
    struct lk_pg_error error = {0};

    batch->text = lk_buf_init(mem);
    batch->starts = lk_new_array(mem, uint32_t, plpgsql->pieces.count);
    for (size_t i = 0; i < plpgsql->pieces.count; i++) {
        batch->starts[i] = add_piece(&batch->text, text, &plpgsql->pieces.items[i]);
        lk_buf_addc(&batch->text, ';');
    }
    struct lk_pg_trees *trees =
        lk_pg_parse(mem, batch->text.data, (struct lk_span){0, (uint32_t)batch->text.len}, &error);
    if (trees != NULL && (size_t)list_length(trees->statements) != plpgsql->pieces.count) {
        talloc_free(trees);
        return NULL;
    }
    return trees;
}

/* add_errors parses each piece by itself and adds what the grammar says of the broken ones. */
static void
add_errors(struct reader *reader, struct lk_source *source, const struct lk_plpgsql *plpgsql,
           enum lk_when when)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);

    lk_vec_foreach(piece, &plpgsql->pieces) {
        struct lk_buf text = lk_buf_init(scratch);
        struct lk_pg_error error = {0};
        uint32_t start = add_piece(&text, source->text, piece);
        uint32_t size = (uint32_t)text.len;
        if (lk_pg_parse(scratch, text.data, (struct lk_span){0, size}, &error) != NULL)
            continue;
        uint32_t at = piece->span.end;
        if (error.offset < size)
            at = piece->span.start + LK_MAX(error.offset, start) - start;
        add_error(reader, source, when, piece->span, lk_strdup(reader->mem, error.message), at);
    }
}

static enum lk_when
when_of(enum lk_when outer, const struct lk_plpgsql_piece *piece)
{
    return outer == LK_WHEN_NOW && piece->conditional ? LK_WHEN_MAYBE : outer;
}

/* likely_tree returns the one statement that a text is whatever its unknown parts are, or NULL. */
static const Node *
likely_tree(TALLOC_CTX *mem, const char *text)
{
    struct lk_pg_error error = {0};
    const struct lk_pg_trees *trees = NULL;

    if (text != NULL)
        trees = lk_pg_parse(mem, text, (struct lk_span){0, (uint32_t)strlen(text)}, &error);
    return trees != NULL && list_length(trees->statements) == 1
               ? linitial_node(RawStmt, trees->statements)->stmt
               : NULL;
}

/* read_dynamic reads what an EXECUTE carries out, where that is known. */
static void
read_dynamic(struct reader *reader, struct lk_source *source, const struct lk_plpgsql_piece *piece,
             const struct lk_statement *statement, const struct lk_binding *binding,
             enum lk_when when)
{
    struct lk_fragment text;

    if (lk_constant_text(reader->mem, source, statement, binding, &text)) {
        bool certain = reader->certain;
        reader->certain = certain && when == LK_WHEN_NOW;
        read_sql(reader, text, when);
        reader->certain = certain;
        return;
    }
    struct lk_nested *nested = add_nested(reader, source, when);
    nested->dynamic = true;
    nested->likely =
        likely_tree(reader->mem, lk_constant_guess(reader->mem, source, statement, binding));
    nested->statement.span = nested->statement.region = piece->whole;
}

/* read_arms returns the arms of a body, by their numbers less 1. */
static struct lk_arm *
read_arms(struct reader *reader, const struct lk_plpgsql *plpgsql, const struct lk_pg_trees *trees)
{
    struct lk_arm *arms = lk_new_array(reader->mem, struct lk_arm, plpgsql->arms.count);

    for (size_t i = 0; i < plpgsql->arms.count; i++) {
        const struct lk_plpgsql_arm *arm = &plpgsql->arms.items[i];
        arms[i].before = arm->before > 0 ? &arms[arm->before - 1] : NULL;
        arms[i].around = arm->around > 0 ? &arms[arm->around - 1] : NULL;
        if (arm->piece == 0)
            continue;
        arms[i].negated = arm->giver > 0 && arm->negated;
        const RawStmt *raw = list_nth_node(RawStmt, trees->statements,
                                           (int)(arm->giver > 0 ? arm->giver : arm->piece) - 1);
        arms[i].condition = raw->stmt;
    }
    return arms;
}

/* decides returns whether a statement's tree is the condition of arms. */
static bool
decides(const struct lk_plpgsql *plpgsql, const struct lk_arm *arms, const Node *tree)
{
    for (size_t i = 0; i < plpgsql->arms.count; i++)
        if (arms[i].condition == tree)
            return true;
    return false;
}

/* The pieces of a body, parsed. */
struct parsed {
    struct lk_source *source;
    const struct lk_plpgsql *plpgsql;
    const struct batch *batch;
    const struct lk_pg_trees *trees;
    const struct lk_arm *arms;
    const struct lk_binding *constants;
    enum lk_when outer;
};

static struct lk_statement
statement_of(const struct reader *reader, const struct parsed *parsed, size_t i)
{
    struct lk_span span = parsed->plpgsql->pieces.items[i].span;

    return (struct lk_statement){
        .index = reader->index,
        .span = span,
        .region = span,
        .tree = list_nth_node(RawStmt, parsed->trees->statements, (int)i)->stmt,
        .base = span.start - parsed->batch->starts[i], /* below zero it wraps, and back again */
    };
}

/* has_call returns whether a tree calls functions, whichever. */
static bool
has_call(const Node *tree)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_tree_calls calls = {0};

    lk_tree_calls(scratch, tree, &calls);
    return calls.items.count > 0;
}

/* read_piece reads one piece; with a binding it is that of one turn of a loop. */
static void
read_piece(struct reader *reader, const struct parsed *parsed, size_t i,
           const struct lk_binding *binding)
{
    const struct lk_plpgsql_piece *piece = &parsed->plpgsql->pieces.items[i];
    const struct lk_arm *arm =
        parsed->outer == LK_WHEN_NOW && piece->arm > 0 ? &parsed->arms[piece->arm - 1] : NULL;
    enum lk_when when = when_of(parsed->outer, piece);
    size_t first = reader->body->items.count;
    struct lk_statement statement = statement_of(reader, parsed, i);

    if (piece->kind == LK_PLPGSQL_DYNAMIC) {
        if (binding != NULL && piece->each)
            when = parsed->outer;
        read_dynamic(reader, parsed->source, piece, &statement,
                     binding != NULL ? binding : parsed->constants, when);
        for (size_t k = first; k < reader->body->items.count; k++)
            if (arm != NULL && reader->body->items.items[k].when == LK_WHEN_MAYBE)
                reader->body->items.items[k].arm = arm;
    } else if (piece->kind != LK_PLPGSQL_EXPRESSION || has_call(statement.tree)) {
        if (piece->kind == LK_PLPGSQL_EXPRESSION)
            statement.span = statement.region = piece->whole;
        struct lk_nested *nested = add_nested(reader, parsed->source, when);
        nested->statement = statement;
        nested->conditional = piece->conditional || reader->depth > 0;
        nested->decides = decides(parsed->plpgsql, parsed->arms, statement.tree);
        nested->caught = piece->caught && parsed->outer == LK_WHEN_NOW;
        nested->arm = arm;
        read_tree(reader, parsed->source, &statement, when);
    }
}

/* folded returns a word as the server folds names. */
static const char *
folded(TALLOC_CTX *mem, const char *text, struct lk_span word)
{
    char *name = lk_strndup(mem, text + word.start, word.end - word.start);

    for (char *c = name; *c != '\0'; c++)
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 'a' - 'A' : *c);
    return name;
}

/* bind_constants returns the values of a body's constants, those that are known. */
static const struct lk_binding *
bind_constants(struct reader *reader, const struct parsed *parsed)
{
    const struct lk_binding *bound = NULL;

    lk_vec_foreach(constant, &parsed->plpgsql->constants) {
        struct lk_statement value = statement_of(reader, parsed, constant->value - 1);
        struct lk_fragment text;
        if (!lk_constant_text(reader->mem, parsed->source, &value, bound, &text))
            continue;
        struct lk_binding *binding = lk_new(reader->mem, struct lk_binding);
        binding->name = folded(reader->mem, parsed->source->text, constant->variable);
        binding->value = lk_strndup(reader->mem, text.source->text + text.span.start,
                                    text.span.end - text.span.start);
        binding->next = bound;
        bound = binding;
    }
    return bound;
}

/*
 * read_turns reads the pieces of a loop once for each of its values, where those are known and few;
 * what does not depend on the value once. It returns whether it did.
 */
static bool
read_turns(struct reader *reader, const struct parsed *parsed, const struct lk_plpgsql_loop *loop)
{
    struct lk_statement values = statement_of(reader, parsed, loop->values - 1);
    struct lk_span name = loop->variable;
    struct lk_constants list = {0};

    if (!lk_constant_list(reader->mem, values.tree, &list) ||
        list.items.count * (loop->last - loop->first + 1) > MAX_TURNS)
        return false;
    struct lk_binding binding = {.name = folded(reader->mem, parsed->source->text, name),
                                 .next = parsed->constants};
    for (size_t turn = 0; turn < list.items.count; turn++) {
        binding.value = list.items.items[turn];
        for (size_t i = loop->first - 1; i < loop->last; i++)
            if (turn == 0 || parsed->plpgsql->pieces.items[i].kind == LK_PLPGSQL_DYNAMIC)
                read_piece(reader, parsed, i, &binding);
    }
    return true;
}

static void
read_pieces(struct reader *reader, const struct parsed *parsed)
{
    const struct lk_plpgsql *plpgsql = parsed->plpgsql;
    size_t next = 0; /* the loop that is not behind */

    for (size_t i = 0; i < plpgsql->pieces.count;) {
        while (next < plpgsql->loops.count && plpgsql->loops.items[next].first < i + 1)
            next++;
        const struct lk_plpgsql_loop *loop =
            next < plpgsql->loops.count && plpgsql->loops.items[next].first == i + 1
                ? &plpgsql->loops.items[next]
                : NULL;
        if (loop != NULL && loop->last >= loop->first && read_turns(reader, parsed, loop))
            i = loop->last;
        else
            read_piece(reader, parsed, i++, NULL);
    }
}

static void
read_plpgsql(struct reader *reader, struct lk_fragment text, enum lk_when when)
{
    struct lk_plpgsql plpgsql = lk_plpgsql_scan(reader->mem, text.source->text, text.span);
    struct batch batch;
    struct lk_pg_trees *trees = parse_batch(reader->mem, text.source->text, &plpgsql, &batch);

    if (trees == NULL && reader->certain)
        add_errors(reader, text.source, &plpgsql, when);
    if (plpgsql.error != NULL && reader->certain)
        add_error(reader, text.source, when, text.span, plpgsql.error, plpgsql.error_at);
    if (trees == NULL || !plpgsql.understood)
        return;
    lk_plpgsql_find_givers(reader->mem, &plpgsql, text.source->text, text.span);
    struct parsed parsed = {
        .source = text.source,
        .plpgsql = &plpgsql,
        .batch = &batch,
        .trees = trees,
        .arms = read_arms(reader, &plpgsql, trees),
        .outer = when,
    };
    parsed.constants = bind_constants(reader, &parsed);
    read_pieces(reader, &parsed);
}

/* ---- bodies ---- */

enum language { OTHER, SQL, PLPGSQL };

/* text_of returns the text of a statement's body as the grammar read it, or NULL. */
static const char *
text_of(const Node *tree, enum language *ret_language, int *ret_location)
{
    bool block = IsA(tree, DoStmt);
    const List *options =
        block ? ((const DoStmt *)tree)->args : ((const CreateFunctionStmt *)tree)->options;
    const char *text = NULL, *language = block ? "plpgsql" : "";
    ListCell *cell;

    foreach(cell, options) {
        const DefElem *option = lfirst_node(DefElem, cell);
        if (strcmp(option->defname, "language") == 0) {
            language = strVal(option->arg);
        } else if (strcmp(option->defname, "as") == 0) {
            *ret_location = option->location;
            if (block)
                text = strVal(option->arg);
            else if (list_length((const List *)option->arg) == 1)
                text = strVal(linitial((const List *)option->arg));
        }
    }
    *ret_language = strcmp(language, "plpgsql") == 0 ? PLPGSQL
                    : strcmp(language, "sql") == 0   ? SQL
                                                     : OTHER;
    return text;
}

/* find_body returns where a statement's body stands in `source` and its text, if it has one. */
static const char *
find_body(const struct lk_source *source, const struct lk_statement *statement,
          enum language *ret_language, uint32_t *ret_at)
{
    int location = -1;
    const char *text = text_of(statement->tree, ret_language, &location);

    *ret_at = lk_statement_offset(statement, location);
    if (text == NULL || IsA(statement->tree, DoStmt))
        return text;
    struct lk_lexer lexer =
        lk_lexer_at(source->text, (struct lk_span){*ret_at, statement->span.end});
    lk_lex_code(&lexer); /* AS */
    *ret_at = lk_lex_code(&lexer).span.start;
    return text;
}

bool
lk_has_body(const struct Node *tree)
{
    return IsA(tree, DoStmt) || IsA(tree, CreateFunctionStmt);
}

/* read_language reads the text of a body in a language that is known. */
static void
read_language(struct reader *reader, struct lk_fragment text, enum language language,
              enum lk_when when)
{
    if (language == PLPGSQL)
        read_plpgsql(reader, text, when);
    else
        read_sql(reader, text, when);
}

/* read_text reads the body of a statement that has one, and returns whether it could. */
static bool
read_text(struct reader *reader, struct lk_source *source, const struct lk_statement *statement,
          enum lk_when when, struct lk_fragment *ret)
{
    enum language language;
    uint32_t at;
    const char *text = find_body(source, statement, &language, &at);
    struct lk_assembly assembly = lk_assembly_start(reader->mem, source);

    if (text == NULL || language == OTHER || text[0] == '\0' || strlen(text) > MAX_BYTES ||
        !lk_assembly_add(&assembly, at, text))
        return false;
    *ret = lk_assembly_end(&assembly);
    if (!IsA(statement->tree, DoStmt) && !(reader->called && reader->depth == 0))
        when = LK_WHEN_CALLED;
    read_language(reader, *ret, language, when);
    return true;
}

static void
read_tree(struct reader *reader, struct lk_source *source, const struct lk_statement *statement,
          enum lk_when when)
{
    struct lk_fragment text;

    bool certain = reader->certain;

    if (!lk_has_body(statement->tree) || reader->depth >= MAX_DEPTH)
        return;
    reader->depth++;
    reader->certain = certain && when == LK_WHEN_NOW;
    read_text(reader, source, statement, when, &text);
    reader->certain = certain;
    reader->depth--;
}

/* is_template returns whether a runner may replace parts of a text: by anything. */
static bool
is_template(const char *text, size_t length)
{
    if (memchr(text, '{', length) == NULL) /* hardly any has one: two searches less */
        return false;
    return memmem(text, length, "{{", 2) != NULL || memmem(text, length, "${", 2) != NULL;
}

struct lk_body *
lk_body_read(TALLOC_CTX *mem, struct lk_source *source, const struct lk_statement *statement)
{
    struct lk_body *body = lk_new(mem, struct lk_body);
    struct reader reader = {.mem = body, .body = body, .index = statement->index};
    struct lk_span span = statement->span;

    reader.certain = !is_template(source->original + span.start, span.end - span.start);
    if (!read_text(&reader, source, statement, LK_WHEN_NOW, &body->text)) {
        talloc_free(body);
        return NULL;
    }
    return body;
}

struct lk_body *
lk_body_called(TALLOC_CTX *mem, struct lk_source *source, const struct lk_statement *statement)
{
    struct lk_body *body = lk_new(mem, struct lk_body);
    struct reader reader = {.mem = body, .body = body, .index = statement->index, .called = true};

    if (!lk_has_body(statement->tree) ||
        !read_text(&reader, source, statement, LK_WHEN_NOW, &body->text)) {
        talloc_free(body);
        return NULL;
    }
    return body;
}

struct lk_body *
lk_body_of(TALLOC_CTX *mem, const struct Node *tree)
{
    struct lk_body *body = lk_new(mem, struct lk_body);
    struct reader reader = {.mem = body, .body = body};
    enum language language = OTHER;
    int location;
    const char *text = lk_has_body(tree) ? text_of(tree, &language, &location) : NULL;

    if (text == NULL || language == OTHER || text[0] == '\0' || strlen(text) > MAX_BYTES) {
        talloc_free(body);
        return NULL;
    }
    body->text.source = lk_source_new(body, "", text, strlen(text));
    body->text.span = (struct lk_span){0, body->text.source->size};
    read_language(&reader, body->text, language, IsA(tree, DoStmt) ? LK_WHEN_NOW : LK_WHEN_CALLED);
    return body;
}
