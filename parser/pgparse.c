/*
 * parser/pgparse.c
 *     libpg_query, fenced: see pgparse.h.
 */
#include "parser/pgparse.h"

#include "parser/base/buf.h"
#include "parser/pg_nodes.h"

static int
free_trees(struct lk_pg_trees *trees)
{
    MemoryContextDelete((MemoryContext)trees->context);
    return 0;
}

/* byte_offset returns where the 1-based character `cursor` of `text` starts. */
static uint32_t
byte_offset(const char *text, uint32_t size, int cursor)
{
    uint32_t at = 0;

    for (int character = 1; character < cursor && at < size; character++) {
        at++;
        while (at < size && (text[at] & 0xC0) == 0x80)
            at++;
    }
    return at;
}

/* ends_here returns whether nothing but white space follows in a text. */
static bool
ends_here(const char *at)
{
    return at[strspn(at, " \t\n\r\f\v")] == '\0';
}

/*
 * parse makes the trees of a text, in the context at hand, or tells in `error` what is wrong with
 * it: offset and all within its first `size` bytes. pg_query_raw_parse does as much, and clears a
 * buffer for what a server would log.
 */
static bool
parse(TALLOC_CTX *mem, const char *text, uint32_t size, List **statements,
      struct lk_pg_error *error)
{
    MemoryContext context = CurrentMemoryContext;
    volatile bool parsed = false;

    PG_TRY();
    {
        *statements = raw_parser(text, RAW_PARSE_DEFAULT);
        parsed = true;
    }
    PG_CATCH();
    {
        MemoryContextSwitchTo(context);
        const ErrorData *data = CopyErrorData();
        error->message = lk_strdup(mem, data->message);
        error->offset = byte_offset(text, size, LK_MAX(data->cursorpos, 1));
        FlushErrorState();
    }
    PG_END_TRY();
    return parsed;
}

struct lk_pg_trees *
lk_pg_parse(TALLOC_CTX *mem, const char *text, struct lk_span span, struct lk_pg_error *error)
{
    uint32_t size = span.end - span.start;
    const char *piece = text + span.start;
    char *copy = NULL;

    if (!ends_here(piece + size))
        piece = copy = lk_strndup(mem, piece, size);
    struct lk_pg_trees *trees = lk_new(mem, struct lk_pg_trees);
    MemoryContext context = pg_query_enter_memory_context();
    bool parsed = parse(mem, piece, size, &trees->statements, error);
    /* Switch back without deleting: the trees live on, owned by `trees`. */
    MemoryContextSwitchTo(TopMemoryContext);
    MemoryContextSetParent(context, NULL); /* and not this thread's, which is not asked any more */

    trees->base = span.start;
    trees->context = context;
    talloc_set_destructor(trees, free_trees);
    if (!parsed) {
        error->offset += span.start;
        talloc_free(trees);
        trees = NULL;
    }
    talloc_free(copy);
    return trees;
}

bool
lk_pg_equal(const void *a, const void *b)
{
    MemoryContext context = CurrentMemoryContext;
    volatile bool same = false;

    PG_TRY();
    {
        same = equal(a, b);
    }
    PG_CATCH();
    {
        MemoryContextSwitchTo(context);
        FlushErrorState();
    }
    PG_END_TRY();
    return same;
}

void
lk_pg_start(void)
{
    pg_query_init();
}

void
lk_pg_finish(void)
{
    if (TopMemoryContext != NULL) /* nothing was parsed: there is nothing to release */
        pg_query_exit();
}

bool
lk_is_keyword(const char *word)
{
    return ScanKeywordLookup(word, &ScanKeywords) >= 0;
}

const char **
lk_keywords(TALLOC_CTX *mem, size_t *count)
{
    *count = (size_t)ScanKeywords.num_keywords;
    const char **words = lk_new_array(mem, const char *, *count);
    for (size_t i = 0; i < *count; i++)
        words[i] = GetScanKeyword((int)i, &ScanKeywords);
    return words;
}

bool
lk_is_reserved(const char *word)
{
    int keyword = ScanKeywordLookup(word, &ScanKeywords);

    return keyword >= 0 && (ScanKeywordCategories[keyword] == RESERVED_KEYWORD ||
                            ScanKeywordCategories[keyword] == TYPE_FUNC_NAME_KEYWORD);
}

/* bare_length returns the length of a name that needs no quotes, 0 for one that does. */
static size_t
bare_length(const char *name)
{
    const char *at = name;
    bool digits = false; /* no keyword has any */

    if (!((name[0] >= 'a' && name[0] <= 'z') || name[0] == '_'))
        return 0;
    for (; *at != '\0'; at++) {
        if (*at <= '9' && *at >= '0')
            digits = true;
        else if (!(*at >= 'a' && *at <= 'z') && *at != '_')
            return 0;
    }
    if (!digits && at - name <= ScanKeywords.max_kw_len) {
        int keyword = ScanKeywordLookup(name, &ScanKeywords);
        if (keyword >= 0 && ScanKeywordCategories[keyword] != UNRESERVED_KEYWORD)
            return 0;
    }
    return (size_t)(at - name);
}

/* put_quoted writes a name in quotes, and returns its end. */
static char *
put_quoted(char *to, const char *name)
{
    *to++ = '"';
    for (; *name != '\0'; name++) {
        if (*name == '"')
            *to++ = '"';
        *to++ = *name;
    }
    *to++ = '"';
    return to;
}

char *
lk_quote_ident(TALLOC_CTX *mem, const char *name)
{
    return lk_quote_qualified(mem, NULL, name);
}

char *
lk_quote_qualified(TALLOC_CTX *mem, const char *schema, const char *name)
{
    const char *const words[] = {schema, name};
    size_t bare[LK_ARRAY_SIZE(words)], room = 1;

    for (size_t i = schema == NULL; i < LK_ARRAY_SIZE(words); i++) {
        bare[i] = bare_length(words[i]);
        room += (bare[i] > 0 ? bare[i] : 2 * strlen(words[i]) + 2) + 1;
    }
    char *quoted = lk_mem_check(talloc_size(mem, room)), *end = quoted;
    for (size_t i = schema == NULL; i < LK_ARRAY_SIZE(words); i++) {
        if (end > quoted)
            *end++ = '.';
        end = bare[i] > 0 ? (char *)mempcpy(end, words[i], bare[i]) : put_quoted(end, words[i]);
    }
    *end = '\0';
    return quoted;
}

char *
lk_quote_literal(TALLOC_CTX *mem, const char *text)
{
    struct lk_buf quoted = lk_buf_init(mem);

    /* E'' means the same whether standard_conforming_strings is on or off */
    lk_buf_add(&quoted, strchr(text, '\\') != NULL ? "E'" : "'");
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\'' || *at == '\\')
            lk_buf_addc(&quoted, *at);
        lk_buf_addc(&quoted, *at);
    }
    lk_buf_addc(&quoted, '\'');
    return quoted.data;
}

const char *
lk_grammar_version(void)
{
    return PG_VERSION;
}

int
lk_grammar_major(void)
{
    return LK_GRAMMAR;
}
