/*
 * tests/property/corescan.c
 *     PostgreSQL's scanner: see corescan.h.
 */
#include "tests/property/corescan.h"

#include "parser/pg_nodes.h"

/* Of gram.h, whose other names are too common to be included. */
#define CORE_SQL_COMMENT 275
#define CORE_C_COMMENT 276

/* scan adds the tokens of `text`; what the scanner throws goes through. */
static void
scan(TALLOC_CTX *mem, const char *text, struct lk_core_tokens *tokens)
{
    core_yy_extra_type extra = {0};
    core_YYSTYPE value;
    YYLTYPE start = 0;
    core_yyscan_t scanner = scanner_init(text, &extra, &ScanKeywords, ScanKeywordTokens);

#if LK_GRAMMAR >= 18
    extra.return_comments = true;
#endif
    for (int kind; (kind = core_yylex(&value, &start, scanner)) != 0;)
        *lk_vec_add(mem, &tokens->items) = (struct lk_core_token){
            (uint32_t)start,
            kind == CORE_SQL_COMMENT || kind == CORE_C_COMMENT,
        };
    scanner_finish(scanner);
}

struct lk_core_tokens
lk_core_scan(TALLOC_CTX *mem, const char *text)
{
    struct lk_core_tokens tokens = {0};
    MemoryContext context = pg_query_enter_memory_context();

    PG_TRY();
    {
        scan(mem, text, &tokens);
    }
    PG_CATCH();
    {
        FlushErrorState();
        tokens.refused = true;
    }
    PG_END_TRY();
    pg_query_exit_memory_context(context);
    return tokens;
}
