/*
 * parser/fragment.c
 *     Decoding string constants: see fragment.h. The rules are those of scan.l.
 */
#include "parser/fragment.h"

#include "parser/lexer.h"

/* What a constant's quoting makes of its bytes. */
struct quoting {
    char escape; /* '\0': none */
    bool unicode;
};

static int
digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
        return (c | 0x20) - 'a' + 10;
    return 16;
}

/* read_number reads up to `most` digits from `*at` on and moves behind them. */
static uint32_t
read_number(const char *text, uint32_t *at, uint32_t end, int base, unsigned most)
{
    uint32_t value = 0;

    for (; most > 0 && *at < end && digit_of(text[*at]) < base; most--)
        value = value * (uint32_t)base + (uint32_t)digit_of(text[(*at)++]);
    return value;
}

static size_t
encode(uint32_t code, char out[5])
{
    size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    memset(out, 0, 5);
    if (length == 1) {
        out[0] = (char)code;
        return length;
    }
    for (size_t i = length; i-- > 1; code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)((0xF00 >> length) | code);
    return length;
}

/* add_same adds bytes as they stand in the origin. */
static void
add_same(struct lk_assembly *assembly, struct lk_span span)
{
    uint32_t at = (uint32_t)assembly->text.len;

    if (span.end <= span.start)
        return;
    const struct lk_stretch *last =
        assembly->stretches.items.count > 0 ? lk_vec_last(&assembly->stretches.items) : NULL;
    if (last == NULL || last->width > 0 || last->from + (at - last->at) != span.start)
        lk_vec_push(assembly->text.mem, &assembly->stretches.items,
                    ((struct lk_stretch){at, span.start, 0}));
    lk_buf_addn(&assembly->text, assembly->origin->text + span.start, span.end - span.start);
}

/* add_made adds bytes that stand for `span` of the origin. */
static void
add_made(struct lk_assembly *assembly, const char *bytes, size_t length, struct lk_span span)
{
    lk_vec_push(assembly->text.mem, &assembly->stretches.items,
                ((struct lk_stretch){(uint32_t)assembly->text.len, span.start,
                                     LK_MAX(span.end, span.start + 1) - span.start}));
    lk_buf_addn(&assembly->text, bytes, length);
}

/* add_unicode_escape decodes U&'\0061' and U&'\+000061' at the escape character. */
static uint32_t
add_unicode_escape(struct lk_assembly *assembly, uint32_t at, uint32_t end, char escape)
{
    const char *text = assembly->origin->text;
    uint32_t next = at + 1;
    char bytes[5];

    if (next < end && text[next] == escape) {
        add_made(assembly, &escape, 1, (struct lk_span){at, next + 1});
        return next + 1;
    }
    bool plus = next < end && text[next] == '+';
    next += plus;
    uint32_t code = read_number(text, &next, end, 16, plus ? 6 : 4);
    add_made(assembly, bytes, encode(code, bytes), (struct lk_span){at, next});
    return next;
}

/* add_escape decodes what a backslash in E'' starts, and returns where that ends. */
static uint32_t
add_escape(struct lk_assembly *assembly, uint32_t at, uint32_t end)
{
    static const char letters[] = "bfnrtv", meanings[] = "\b\f\n\r\t\v";
    const char *text = assembly->origin->text;
    uint32_t next = at + 1;
    char bytes[5];

    if (next >= end)
        return end;
    char c = text[next];
    const char *letter = strchr(letters, c);
    if (letter != NULL) {
        add_made(assembly, &meanings[letter - letters], 1, (struct lk_span){at, next + 1});
        return next + 1;
    }
    if (c >= '0' && c <= '7') {
        bytes[0] = (char)read_number(text, &next, end, 8, 3);
        add_made(assembly, bytes, 1, (struct lk_span){at, next});
        return next;
    }
    uint32_t digits = next + 1;
    if (c == 'x' && digits < end && digit_of(text[digits]) < 16) {
        bytes[0] = (char)read_number(text, &digits, end, 16, 2);
        add_made(assembly, bytes, 1, (struct lk_span){at, digits});
        return digits;
    }
    if (c == 'u' || c == 'U') {
        uint32_t code = read_number(text, &digits, end, 16, c == 'u' ? 4 : 8);
        add_made(assembly, bytes, encode(code, bytes), (struct lk_span){at, digits});
        return digits;
    }
    add_made(assembly, &c, 1, (struct lk_span){at, next + 1});
    return next + 1;
}

/* add_quoted decodes what stands between a constant's quotes; returns behind the closing one. */
static uint32_t
add_quoted(struct lk_assembly *assembly, struct lk_span token, struct quoting quoting)
{
    const char *text = assembly->origin->text;
    uint32_t at = token.start + 1, plain = at;

    while (at < token.end) {
        bool doubled = text[at] == '\'' && at + 1 < token.end && text[at + 1] == '\'';
        if (text[at] == '\'' && !doubled)
            break;
        if (doubled) {
            add_same(assembly, (struct lk_span){plain, at});
            add_made(assembly, "'", 1, (struct lk_span){at, at + 2});
            at += 2;
            plain = at;
        } else if (quoting.escape != '\0' && text[at] == quoting.escape) {
            add_same(assembly, (struct lk_span){plain, at});
            at = quoting.unicode ? add_unicode_escape(assembly, at, token.end, quoting.escape)
                                 : add_escape(assembly, at, token.end);
            plain = at;
        } else {
            at++;
        }
    }
    add_same(assembly, (struct lk_span){plain, at});
    return at + 1;
}

/* quoting_of tells by the prefix, and by UESCAPE behind a constant with Unicode escapes. */
static struct quoting
quoting_of(const char *text, struct lk_span token, uint32_t size)
{
    char prefix = text[token.start];

    if (prefix == 'e' || prefix == 'E')
        return (struct quoting){.escape = '\\'};
    if (prefix != 'u' && prefix != 'U')
        return (struct quoting){0};
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){token.end, size});
    if (lk_token_is(text, lk_lex_code(&lexer), "uescape")) {
        struct lk_token character = lk_lex_code(&lexer);
        if (character.kind == LK_TOKEN_STRING)
            return (struct quoting){text[character.span.start + 1], true};
    }
    return (struct quoting){'\\', true};
}

static void
add_string(struct lk_assembly *assembly, struct lk_span token)
{
    const char *text = assembly->origin->text;
    struct quoting quoting = quoting_of(text, token, assembly->origin->size);

    /* a constant can go on in another pair of quotes on a later line */
    for (uint32_t at = token.start; at < token.end;) {
        const char *quote = memchr(text + at, '\'', token.end - at);
        const char *comment = memmem(text + at, token.end - at, "--", 2);
        if (quote == NULL)
            break;
        if (comment != NULL && comment < quote && at > token.start) {
            const char *end = memchr(comment, '\n', token.end - (size_t)(comment - text));
            at = end == NULL ? token.end : (uint32_t)(end - text);
            continue;
        }
        at = add_quoted(assembly, (struct lk_span){(uint32_t)(quote - text), token.end}, quoting);
    }
}

struct lk_assembly
lk_assembly_start(TALLOC_CTX *mem, struct lk_source *origin)
{
    return (struct lk_assembly){.origin = origin, .text = lk_buf_init(mem)};
}

/* add_dollar adds what stands between $tag$ and $tag$. */
static void
add_dollar(struct lk_assembly *assembly, struct lk_span token)
{
    const char *text = assembly->origin->text + token.start;
    const char *end = memchr(text + 1, '$', token.end - token.start - 1);

    if (end == NULL)
        return;
    uint32_t tag = (uint32_t)(end - text) + 1;
    add_same(assembly, (struct lk_span){token.start + tag, token.end - tag});
}

bool
lk_assembly_add(struct lk_assembly *assembly, uint32_t at, const char *text)
{
    struct lk_lexer lexer =
        lk_lexer_at(assembly->origin->text, (struct lk_span){at, assembly->origin->size});
    struct lk_token token = lk_lex(&lexer);
    size_t length = assembly->text.len, stretches = assembly->stretches.items.count;

    if (token.unterminated)
        return false;
    if (token.kind == LK_TOKEN_DOLLAR)
        add_dollar(assembly, token.span);
    else if (token.kind == LK_TOKEN_STRING)
        add_string(assembly, token.span);
    if ((token.kind == LK_TOKEN_DOLLAR || token.kind == LK_TOKEN_STRING) &&
        assembly->text.len - length == strlen(text) &&
        memcmp(assembly->text.data + length, text, strlen(text)) == 0)
        return true;
    assembly->text.len = length;
    assembly->text.data[length] = '\0';
    assembly->stretches.items.count = stretches;
    return false;
}

void
lk_assembly_add_made(struct lk_assembly *assembly, const char *text, struct lk_span span)
{
    if (text[0] != '\0')
        add_made(assembly, text, strlen(text), span);
}

void
lk_assembly_add_part(struct lk_assembly *assembly, const struct lk_assembly *from,
                     struct lk_span span)
{
    const struct lk_stretch *stretches = from->stretches.items.items;

    for (size_t i = 0; i < from->stretches.items.count; i++) {
        uint32_t end =
            i + 1 < from->stretches.items.count ? stretches[i + 1].at : (uint32_t)from->text.len;
        struct lk_span part = {LK_MAX(stretches[i].at, span.start), LK_MIN(end, span.end)};
        if (part.start >= part.end)
            continue;
        uint32_t length = part.end - part.start, origin = stretches[i].from;
        if (stretches[i].width > 0)
            add_made(assembly, from->text.data + part.start, length,
                     (struct lk_span){origin, origin + stretches[i].width});
        else
            add_same(assembly, (struct lk_span){origin + part.start - stretches[i].at,
                                                origin + part.start - stretches[i].at + length});
    }
}

struct lk_span
lk_assembly_span(const struct lk_assembly *assembly)
{
    if (assembly->stretches.items.count == 0)
        return (struct lk_span){0};
    const struct lk_stretch *last = lk_vec_last(&assembly->stretches.items);
    uint32_t width = last->width > 0 ? last->width : (uint32_t)assembly->text.len - last->at;
    return (struct lk_span){assembly->stretches.items.items[0].from, last->from + width};
}

struct lk_fragment
lk_assembly_end(struct lk_assembly *assembly)
{
    uint32_t length = (uint32_t)assembly->text.len;
    const struct lk_stretch *first = assembly->stretches.items.items;

    if (assembly->stretches.items.count == 1 && first->width == 0)
        return (struct lk_fragment){assembly->origin, {first->from, first->from + length}};
    struct lk_source *source = lk_new(assembly->text.mem, struct lk_source);
    source->path = assembly->origin->path;
    source->text = source->original = source->raw = assembly->text.data;
    source->raw_size = source->size = source->invalid = length;
    if (length > 0) {
        source->origin = assembly->origin;
        source->stretches = assembly->stretches;
    }
    return (struct lk_fragment){source, {0, length}};
}
