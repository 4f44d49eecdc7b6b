/*
 * parser/source.c
 *     Bytes, encoding, lines and checksums: see source.h.
 */
#include "parser/source.h"

#include <openssl/evp.h>
#include <zlib.h>

#include "parser/base/buf.h"

static const char byte_order_mark[] = "\xEF\xBB\xBF";

/* sequence_length returns the length of the well-formed UTF-8 sequence at `at`, 0 if it is none. */
static size_t
sequence_length(const unsigned char *at, size_t left)
{
    static const struct {
        unsigned char first, last; /* lead bytes */
        unsigned char low, high;   /* of the second byte */
        unsigned char length;
    } forms[] = {
        {0x01, 0x7F, 0x00, 0x00, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(forms); i++) {
        if (at[0] < forms[i].first || at[0] > forms[i].last)
            continue;
        size_t length = forms[i].length;
        if (length > left || (length > 1 && (at[1] < forms[i].low || at[1] > forms[i].high)))
            return 0;
        for (size_t k = 2; k < length; k++)
            if ((at[k] & 0xC0) != 0x80)
                return 0;
        return length;
    }
    return 0;
}

/* first_invalid returns the offset of the first byte that is not part of UTF-8 text. */
static size_t
first_invalid(const char *text, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t at = 0;

    while (at < size) {
        uint64_t eight;

        if (size - at >= sizeof(eight)) { /* eight ASCII bytes at once, none of them NUL */
            memcpy(&eight, bytes + at, sizeof(eight));
            uint64_t zero = (eight - 0x0101010101010101u) & ~eight;
            if (((eight | zero) & 0x8080808080808080u) == 0) {
                at += sizeof(eight);
                continue;
            }
        }
        size_t length = sequence_length(bytes + at, size - at);
        if (length == 0)
            return at;
        at += length;
    }
    return size;
}

struct lk_source *
lk_source_new(TALLOC_CTX *mem, const char *path, const char *bytes, size_t size)
{
    struct lk_source *source = lk_new(mem, struct lk_source);
    size_t skip = size >= 3 && memcmp(bytes, byte_order_mark, 3) == 0 ? 3 : 0;

    source->path = lk_strdup(source, path);
    source->raw = bytes;
    source->raw_size = size;
    source->original = source->text = bytes + skip;
    source->size = (uint32_t)(size - skip);
    source->invalid = (uint32_t)first_invalid(source->text, source->size);
    return source;
}

struct lk_source *
lk_source_read(TALLOC_CTX *mem, const char *path, struct lk_error *err)
{
    struct lk_bytes bytes;

    if (!lk_file_read(mem, path, &bytes, err))
        return NULL;
    struct lk_source *source = lk_source_new(mem, path, bytes.data, bytes.size);
    talloc_steal(source, bytes.data);
    return source;
}

/* find_byte returns where `wanted` next stands, or `end`. */
static const char *
find_byte(const char *at, const char *end, char wanted)
{
    const char *found = memchr(at, wanted, (size_t)(end - at));

    return found != NULL ? found : end;
}

/* origin_of returns what a byte of a decoded text stands for in its origin. */
static struct lk_span
origin_of(const struct lk_source *source, uint32_t offset)
{
    const struct lk_stretch *stretches = source->stretches.items.items;
    size_t low = 0, high = source->stretches.items.count;

    while (high - low > 1) { /* the last one that starts at or before `offset` */
        size_t middle = low + (high - low) / 2;
        if (stretches[middle].at <= offset)
            low = middle;
        else
            high = middle;
    }
    uint32_t start =
        stretches[low].from + (stretches[low].width == 0 ? offset - stretches[low].at : 0);
    return (struct lk_span){start, start + LK_MAX(stretches[low].width, 1u)};
}

struct lk_span
lk_source_span(const struct lk_source *source, struct lk_span span)
{
    return lk_source_span_within(source, span, NULL);
}

struct lk_span
lk_source_span_within(const struct lk_source *source, struct lk_span span,
                      const struct lk_source *within)
{
    for (; source->origin != NULL && source != within; source = source->origin) {
        bool empty = span.end <= span.start;
        uint32_t start = origin_of(source, span.start).start;
        span.end = empty ? start : origin_of(source, span.end - 1).end;
        span.start = LK_MIN(start, span.end);
    }
    return span;
}

/* ---- files in files ---- */

struct lk_source *
lk_source_own(struct lk_source *source)
{
    return source->pieces.items.count > 0 ? source->pieces.items.items[0].file : source;
}

/* piece_at returns the index of the piece that an offset is in. */
static size_t
piece_at(const struct lk_source *source, uint32_t offset)
{
    const struct lk_piece *pieces = source->pieces.items.items;
    size_t low = 0, high = source->pieces.items.count;

    while (high - low > 1) { /* the last one that starts at or before `offset` */
        size_t middle = low + (high - low) / 2;
        if (pieces[middle].at <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct lk_place
lk_source_place(struct lk_source *source, struct lk_span span)
{
    span = lk_source_span(source, span);
    while (source->origin != NULL)
        source = source->origin;
    if (source->pieces.items.count == 0)
        return (struct lk_place){source, span};
    const struct lk_piece *pieces = source->pieces.items.items;
    size_t first = piece_at(source, span.start);
    size_t last = span.end > span.start ? piece_at(source, span.end - 1) : first;
    while (pieces[last].made || pieces[last].file != pieces[first].file)
        if (last-- == first) /* nothing but what was made */
            return (struct lk_place){pieces[first].file, {pieces[first].from, pieces[first].from}};
    uint32_t end = last + 1 < source->pieces.items.count ? pieces[last + 1].at : source->size;
    span.end = pieces[last].from + LK_MIN(span.end, end) - pieces[last].at;
    span.start = pieces[first].from + (pieces[first].made ? 0 : span.start - pieces[first].at);
    return (struct lk_place){pieces[first].file, span};
}

/* split_piece parts the piece of the file `into` at `at`; returns the index of its second part. */
static size_t
split_piece(struct lk_source *source, uint32_t at, const struct lk_source *into)
{
    struct lk_pieces *pieces = &source->pieces;
    size_t index = piece_at(source, at);

    while (pieces->items.items[index].file != into)
        index--; /* one that ends at `at` */
    lk_vec_add(source, &pieces->items);
    struct lk_piece *piece = &pieces->items.items[index];
    memmove(piece + 1, piece, (pieces->items.count - index - 1) * sizeof(*piece));
    piece[1].from += at - piece->at;
    piece[1].at = at;
    return index + 1;
}

static void
add_piece(struct lk_source *source, size_t index, struct lk_piece piece)
{
    struct lk_pieces *pieces = &source->pieces;

    lk_vec_add(source, &pieces->items);
    memmove(pieces->items.items + index + 1, pieces->items.items + index,
            (pieces->items.count - index - 1) * sizeof(piece));
    pieces->items.items[index] = piece;
}

char *
lk_make_room(TALLOC_CTX *mem, char *text, uint32_t size, uint32_t at, uint32_t count)
{
    size_t needed = (size_t)size + count + 1, more = needed + needed / 4;

    if (talloc_get_size(text) < needed) /* many files may follow */
        text = lk_mem_check(talloc_realloc(mem, text, char, more <= LK_MEM_MAX ? more : needed));
    memmove(text + at + count, text + at, (size_t)size - at + 1);
    return text;
}

struct lk_span
lk_source_include(struct lk_source *source, uint32_t at, struct lk_source *into, uint32_t from,
                  struct lk_source *file)
{
    static const char before[] = "\n", behind[] = "\n;\n";
    struct lk_span span = {at + (uint32_t)strlen(before), at + (uint32_t)strlen(before)};
    uint32_t added = file->size + (uint32_t)(strlen(before) + strlen(behind));

    span.end += file->size;
    if (source->pieces.items.count == 0) {
        into = lk_source_new(source, source->path, source->raw, source->raw_size);
        lk_vec_push(source, &source->pieces.items, ((struct lk_piece){.file = into}));
        source->whole = lk_memdup(source, source->original, (size_t)source->size + 1);
    }
    char *text = lk_make_room(source, source->whole, source->size, at, added);
    memcpy(text + at, before, strlen(before));
    memcpy(text + span.start, file->original, file->size);
    memcpy(text + span.end, behind, strlen(behind));
    size_t rest = split_piece(source, at, into);
    for (size_t i = rest; i < source->pieces.items.count; i++)
        source->pieces.items.items[i].at += added;
    add_piece(source, rest, (struct lk_piece){at, from, true, into});
    add_piece(source, rest + 1, (struct lk_piece){span.start, 0, false, file});
    add_piece(source, rest + 2, (struct lk_piece){span.end, from, true, into});
    source->raw = source->original = source->text = source->whole = text;
    source->raw_size = source->size = source->invalid = source->size + added;
    return span;
}

struct lk_source *
lk_source_copy(TALLOC_CTX *mem, const struct lk_source *source)
{
    char *bytes = lk_memdup(mem, source->raw, source->raw_size + 1);
    struct lk_source *copy = lk_source_new(mem, source->path, bytes, source->raw_size);

    lk_vec_foreach(piece, &source->pieces.items) {
        struct lk_piece part = *piece;
        part.file = NULL;
        lk_vec_foreach(known, &copy->pieces.items)
            if (source->pieces.items.items[known - copy->pieces.items.items].file == piece->file)
                part.file = known->file;
        if (part.file == NULL)
            part.file = lk_source_copy(mem, piece->file);
        lk_vec_push(copy, &copy->pieces.items, part);
    }
    return copy;
}

/* ---- lines ---- */

/* index_lines notes where lines start: behind \n, \r\n, and \r alone, as comments end there, too.
 */
static void
index_lines(struct lk_source *source)
{
    const char *end = source->original + source->size;
    const char *newline = source->original, *carriage_return = find_byte(newline, end, '\r');
    LK_VEC(uint32_t) starts = {0};

    lk_vec_push(source, &starts, 0);
    newline = find_byte(newline, end, '\n');
    while (newline < end || carriage_return < end) {
        const char *at = LK_MIN(newline, carriage_return);
        bool both = at == carriage_return && at + 1 == newline && newline < end;
        if (!both)
            lk_vec_push(source, &starts, (uint32_t)(at + 1 - source->original));
        if (at == newline)
            newline = find_byte(at + 1, end, '\n');
        else
            carriage_return = find_byte(at + 1, end, '\r');
    }
    source->lines = starts.items;
    source->line_count = (uint32_t)starts.count;
}

static bool
starts_character(char c)
{
    return (c & 0xC0) != 0x80;
}

/*
 * column_of returns the column of an offset in the line that starts at `start`, counted from there
 * or from the last position asked for: generated files have lines of megabytes.
 */
static uint32_t
column_of(struct lk_source *source, uint32_t start, uint32_t offset)
{
    uint32_t at = start, column = 1;

    if (source->last_offset > start && source->last_offset <= offset) {
        at = source->last_offset;
        column = source->last_column;
    }
    for (; at < offset; at++)
        column += starts_character(source->original[at]);
    source->last_offset = offset;
    source->last_column = column;
    return column;
}

struct lk_position
lk_source_position(struct lk_source *source, uint32_t offset)
{
    struct lk_place place = lk_source_place(source, (struct lk_span){offset, offset});
    source = place.file;
    offset = place.span.start;
    if (source->lines == NULL)
        index_lines(source);
    offset = LK_MIN(offset, source->size);
    uint32_t low = 0, high = source->line_count;
    while (high - low > 1) { /* the last line that starts at or before `offset` */
        uint32_t middle = low + (high - low) / 2;
        if (source->lines[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    /* An offset inside a sequence belongs to the character that the sequence is. */
    uint32_t start = source->lines[low];
    while (offset > start && offset < source->size && !starts_character(source->original[offset]))
        offset--;
    return (struct lk_position){low + 1, column_of(source, start, offset)};
}

struct lk_span
lk_source_line(struct lk_source *source, uint32_t line)
{
    if (source->lines == NULL)
        index_lines(source);
    if (line == 0 || line > source->line_count)
        return (struct lk_span){source->size, source->size};
    uint32_t start = source->lines[line - 1];
    if (line == source->line_count)
        return (struct lk_span){start, source->size};
    uint32_t end = source->lines[line] - 1;
    if (source->original[end] == '\n' && end > start && source->original[end - 1] == '\r')
        end--;
    return (struct lk_span){start, end};
}

void
lk_sha256(const void *bytes, size_t size, char hex[LK_SHA256_HEX_SIZE])
{
    unsigned char digest[32];
    unsigned int length = 0;

    if (EVP_Digest(bytes, size, digest, &length, EVP_sha256(), NULL) != 1 || length != 32)
        LK_BUG("SHA-256 is not available in this OpenSSL");
    for (size_t i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

char *
lk_digest(TALLOC_CTX *mem, const char *name, const void *bytes, size_t size)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    struct lk_buf hex = lk_buf_init(mem);
    const EVP_MD *algorithm = EVP_get_digestbyname(name);

    if (algorithm == NULL || EVP_Digest(bytes, size, digest, &length, algorithm, NULL) != 1)
        LK_BUG("%s is not available in this OpenSSL", name);
    for (unsigned int i = 0; i < length; i++)
        lk_buf_addf(&hex, "%02x", digest[i]);
    return hex.data;
}

/* checksum_of returns Flyway's checksum of a text. */
static int32_t
checksum_of(const char *text, size_t size)
{
    uLong crc = crc32(0, NULL, 0);
    const char *end = text + size;

    for (const char *at = text; at < end;) {
        size_t length = 0;
        while (at + length < end && at[length] != '\n' && at[length] != '\r')
            length++;
        crc = crc32(crc, (const Bytef *)at, (uInt)length);
        at += length;
        if (at < end)
            at += at[0] == '\r' && at + 1 < end && at[1] == '\n' ? 2 : 1;
    }
    return (int32_t)(uint32_t)crc;
}

int32_t
lk_flyway_checksum(struct lk_source *source)
{
    source = lk_source_own(source);
    return checksum_of(source->original, source->size);
}

int32_t
lk_flyway_checksum_filled(struct lk_source *source)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_buf text = lk_buf_init(scratch);
    uint32_t at = 0;

    source = lk_source_own(source);
    lk_vec_foreach(inset, &source->insets.items) {
        if (inset->kind != LK_INSET_PLACEHOLDER || inset->value == NULL || inset->span.start < at)
            continue;
        lk_buf_addn(&text, source->original + at, inset->span.start - at);
        lk_buf_add(&text, inset->value);
        at = inset->span.end;
    }
    lk_buf_addn(&text, source->original + at, source->size - at);
    return checksum_of(text.data, text.len);
}
