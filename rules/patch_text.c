/*
 * rules/patch_text.c
 *     Texts that fixes change: see patch_private.h.
 */
#include "parser/base/buf.h"
#include "rules/patch_private.h"

struct lk_patched *
lk_patched_new(TALLOC_CTX *mem, const char *path, struct lk_bytes bytes)
{
    struct lk_patched *file = lk_new(mem, struct lk_patched);

    file->path = file->former = lk_strdup(mem, path);
    file->before = file->after = bytes;
    lk_vec_push(mem, &file->parts,
                ((struct lk_patch_part){.text = bytes.data, .size = bytes.size, .kept = true}));
    return file;
}

static size_t
mark_size(struct lk_bytes bytes)
{
    return bytes.size >= 3 && memcmp(bytes.data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

/* part_at returns the index of the part that an offset is in; the last one's for the end. */
static size_t
part_at(const struct lk_patched *file, size_t offset)
{
    size_t low = 0, high = file->parts.count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (file->parts.items[middle].at <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

size_t
lk_patched_place(const struct lk_patched *file, uint32_t offset)
{
    size_t at = offset + mark_size(file->after);
    const struct lk_patch_part *part = &file->parts.items[part_at(file, at)];

    return part->kept ? part->from + (at - part->at) : file->before.size + 1 + at;
}

void
lk_patched_number(struct lk_patched *file)
{
    uint32_t line = 1;
    size_t at = 0;

    lk_vec_foreach(note, &file->notes) {
        for (; at < note->place && at < file->before.size; at++)
            line += file->before.data[at] == '\n';
        note->line = line;
    }
}

bool
lk_has_carriage_returns(struct lk_bytes bytes)
{
    const char *end = memchr(bytes.data, '\n', bytes.size);

    return end != NULL && end > bytes.data && end[-1] == '\r';
}

char *
lk_with_ends(TALLOC_CTX *mem, const char *text, bool carriage_returns)
{
    struct lk_buf buf = lk_buf_init(mem);

    for (; *text != '\0'; text++) {
        if (carriage_returns && *text == '\n' && (buf.len == 0 || buf.data[buf.len - 1] != '\r'))
            lk_buf_addc(&buf, '\r');
        lk_buf_addc(&buf, *text);
    }
    return buf.data;
}

/* add adds a part behind those that are there. */
static void
add(TALLOC_CTX *mem, struct lk_patch_parts *parts, struct lk_patch_part part)
{
    if (part.size == 0)
        return;
    if (parts->items.count > 0)
        part.at = lk_vec_last(&parts->items)->at + lk_vec_last(&parts->items)->size;
    lk_vec_push(mem, &parts->items, part);
}

/* copy adds what a file consists of between two offsets; `*index` is the part to begin with. */
static void
copy(TALLOC_CTX *mem, struct lk_patch_parts *to, const struct lk_patched *file, size_t start,
     size_t end, size_t *index)
{
    for (; *index < file->parts.count; ++*index) {
        struct lk_patch_part part = file->parts.items[*index];
        size_t from = LK_MAX(start, part.at), until = LK_MIN(end, part.at + part.size);
        if (from < until)
            add(mem, to,
                (struct lk_patch_part){.text = part.text + (from - part.at),
                                       .size = until - from,
                                       .kept = part.kept,
                                       .from = part.from + (from - part.at)});
        if (part.at + part.size > end)
            return;
    }
}

struct lk_patch_parts
lk_patched_edit(TALLOC_CTX *mem, const struct lk_patched *file, const struct lk_edits *edits)
{
    struct lk_patch_parts parts = {0};
    size_t at = 0, index = 0, mark = mark_size(file->after);
    bool carriage_returns = lk_has_carriage_returns(file->after);

    lk_vec_foreach(edit, &edits->items) {
        const char *text = lk_with_ends(mem, edit->text, carriage_returns);
        copy(mem, &parts, file, at, edit->span.start + mark, &index);
        add(mem, &parts, (struct lk_patch_part){.text = text, .size = strlen(text)});
        at = edit->span.end + mark;
    }
    copy(mem, &parts, file, at, file->after.size, &index);
    if (parts.items.count == 0) /* nothing is left */
        lk_vec_push(mem, &parts.items, ((struct lk_patch_part){.text = ""}));
    return parts;
}

struct lk_bytes
lk_patch_join(TALLOC_CTX *mem, const struct lk_patch_parts *parts)
{
    struct lk_buf text = lk_buf_init(mem);

    lk_vec_foreach(part, &parts->items)
        lk_buf_addn(&text, part->text, part->size);
    return (struct lk_bytes){text.data, text.len};
}
