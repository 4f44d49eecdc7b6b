/*
 * parser/naming.c
 *     The table of conventions, and what several of them share: see naming.h.
 */
#include "parser/naming.h"

#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/marker.h"

#define LK_NAMING(identifier) extern const struct lk_naming lk_naming_##identifier;
#include "parser/namings.def"
#undef LK_NAMING

static const struct lk_naming *const namings[] = {
#define LK_NAMING(identifier) &lk_naming_##identifier,
#include "parser/namings.def"
#undef LK_NAMING
};

const struct lk_naming *const *
lk_namings(size_t *count)
{
    *count = LK_ARRAY_SIZE(namings);
    return namings;
}

const struct lk_naming *
lk_naming_find(const char *name)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(namings); i++)
        if (strcmp(namings[i]->name, name) == 0)
            return namings[i];
    return NULL;
}

void
lk_spans_add(TALLOC_CTX *mem, struct lk_spans *spans, uint32_t start, uint32_t end)
{
    *lk_vec_add(mem, &spans->items) = (struct lk_span){start, end};
}

struct lk_parts
lk_parts_whole(TALLOC_CTX *mem, const struct lk_source *source)
{
    struct lk_parts parts = {0};

    lk_spans_add(mem, &parts.up, 0, source->size);
    return parts;
}

struct lk_parts
lk_naming_split(TALLOC_CTX *mem, const struct lk_naming *naming, const struct lk_source *source)
{
    if (naming != NULL && naming->split != NULL)
        return naming->split(mem, source);
    if (naming != NULL && naming->markers != NULL)
        return lk_marker_split(mem, source, naming->markers);
    return lk_parts_whole(mem, source);
}

bool
lk_naming_proven(const struct lk_naming *naming, const struct lk_source *source)
{
    if (naming->markers != NULL && lk_marker_any(source, naming->markers))
        return true;
    return naming->marks != NULL && naming->marks(source);
}

const char *
lk_hook_word(enum lk_hook_event event)
{
    static const char *const words[] = {
#define LK_HOOK(name, key, when) key,
#include "parser/hooks.def"
#undef LK_HOOK
    };

    return event < LK_HOOK_COUNT ? words[event] : "hook";
}

const char *
lk_kind_name(enum lk_migration_kind kind)
{
    static const char *const names[LK_KIND_COUNT] = {
        [LK_KIND_VERSIONED] = "versioned",   [LK_KIND_BASELINE] = "baseline",
        [LK_KIND_REPEATABLE] = "repeatable", [LK_KIND_UNDO] = "undo",
        [LK_KIND_DRAFT] = "draft",
    };

    return names[kind];
}

/* is_companion_word returns whether files called like that lie beside migrations and are none. */
static bool
is_companion_word(const char *word, size_t length)
{
    static const struct {
        size_t length;
        const char *word;
    } words[] = {
#define WORD(word) {sizeof(word) - 1, word}
        WORD("cleanup"),   WORD("data"),     WORD("drop"),     WORD("dump"),    WORD("example"),
        WORD("examples"),  WORD("fixture"),  WORD("fixtures"), WORD("queries"), WORD("query"),
        WORD("reset"),     WORD("sample"),   WORD("schema"),   WORD("seed"),    WORD("seeds"),
        WORD("structure"), WORD("teardown"), WORD("test"),     WORD("tests"),   WORD("truncate"),
#undef WORD
    };

    if (length < sizeof("data") - 1 || length > sizeof("structure") - 1)
        return false;
    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++)
        if (words[i].length == length && (*word | 0x20) == words[i].word[0] &&
            lk_word_is(word, length, words[i].word))
            return true;
    return false;
}

/* divides returns whether a character stands between the words of a name. */
static bool
divides(char c)
{
    return c == '_' || c == '-' || c == '.' || c == ' ';
}

enum lk_name_verdict
lk_unnumbered(const char *path, const char *what, const char **problem)
{
    for (const char *word = path, *end; *word != '\0'; word = end) {
        for (end = word; *end != '\0' && !divides(*end);)
            end++;
        if (is_companion_word(word, (size_t)(end - word)))
            return LK_NAME_OTHER;
        while (divides(*end))
            end++;
    }
    *problem = what;
    return LK_NAME_INVALID;
}

/* digits_fit returns whether the number in `length` digits is at most `highest`. */
static bool
digits_fit(const char *digits, size_t length, const char *highest)
{
    size_t zeros = strspn(digits, "0");
    size_t limit = strlen(highest);

    if (zeros >= length)
        return true;
    length -= zeros;
    return length < limit || (length == limit && strncmp(digits + zeros, highest, limit) <= 0);
}

enum lk_name_verdict
lk_underscored_read(TALLOC_CTX *mem, const char *path, const char *end, const char *highest,
                    struct lk_name *ret, const char **problem)
{
    size_t digits = lk_version_length(path, false);

    if (digits == 0)
        return lk_unnumbered(path, "the name starts with the version, a number", problem);
    if (path[digits] != '_' || path + digits >= end) {
        *problem = "an underscore stands between the version and the description";
        return LK_NAME_INVALID;
    }
    if (!digits_fit(path, digits, highest)) {
        *problem = strcmp(highest, LK_HIGHEST_INT32) == 0 ? "the version does not fit 32 bits"
                                                          : "the version does not fit 64 bits";
        return LK_NAME_INVALID;
    }
    ret->kind = LK_KIND_VERSIONED;
    ret->version = lk_version_new(mem, path, digits);
    ret->description = lk_description(mem, path + digits + 1, end);
    return LK_NAME_VALID;
}

bool
lk_order_by_name(TALLOC_CTX *mem, const struct lk_naming *naming, const char *folder,
                 const struct lk_scripts *scripts, struct lk_version_list *ret)
{
    (void)folder;
    lk_vec_foreach(script, &scripts->paths) {
        struct lk_name name;
        const char *problem;
        if (naming->read(mem, *script, &name, &problem) == LK_NAME_VALID)
            lk_vec_push(mem, &ret->items, name.version.text);
    }
    return true;
}

/* line_says returns whether a line is "key = value". */
static bool
line_says(const char *line, size_t length, const char *key, const char *value)
{
    static const char blanks[] = " \t\r";
    const char *end = line + length;

    line += strspn(line, blanks);
    if (!lk_starts_with(line, key))
        return false;
    line += strlen(key);
    line += strspn(line, blanks);
    if (line >= end || (*line != '=' && *line != ':'))
        return false;
    line += 1 + strspn(line + 1, blanks);
    const char *stop = line + strcspn(line, " \t\r\n#");
    return lk_word_is(line, (size_t)(stop - line), value);
}

size_t
lk_scripts_place(const struct lk_scripts *scripts, const char *path)
{
    size_t low = 0, high = scripts->others.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (lk_path_compare(scripts->others.items[middle], path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool
lk_scripts_have(const struct lk_scripts *scripts, const char *path)
{
    size_t place = lk_scripts_place(scripts, path);

    return place < scripts->others.count && strcmp(scripts->others.items[place], path) == 0;
}

char *
lk_naming_beside_path(TALLOC_CTX *mem, const struct lk_naming *naming, const char *script)
{
    if (naming->beside[0] == '*')
        return lk_fmt(mem, "%s%s", script, naming->beside + 1);
    return lk_path_join(mem, lk_path_dir(mem, script), naming->beside);
}

unsigned
lk_naming_beside(const struct lk_naming *naming, const char *folder,
                 const struct lk_scripts *scripts, const char *script)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = NULL;
    struct lk_error ignored = {0};
    struct lk_bytes bytes;
    unsigned says = 0;

    if (naming->beside == NULL || scripts->others.count == 0)
        return 0;
    scratch = lk_mem_new(NULL);
    const char *path = lk_naming_beside_path(scratch, naming, script);
    if (!lk_scripts_have(scripts, path))
        return 0;
    if (lk_file_read(scratch, lk_path_join(scratch, folder, path), &bytes, &ignored))
        for (const char *at = bytes.data; *at != '\0';) {
            size_t length = strcspn(at, "\n");
            for (const struct lk_beside *line = naming->beside_lines; line->key != NULL; line++)
                if (line_says(at, length, line->key, line->value))
                    says |= line->says;
            at += length + (at[length] == '\n');
        }
    lk_error_clear(&ignored);
    return says;
}

/* is_known returns whether a line says nothing, or something that is known. */
static bool
is_known(const struct lk_naming *naming, const char *line, size_t length)
{
    size_t blank = strspn(line, " \t\r");

    if (blank >= length || strchr("#!", line[blank]) != NULL)
        return true;
    for (const struct lk_beside *known = naming->beside_lines; known->key != NULL; known++)
        if (line_says(line, length, known->key, known->value))
            return true;
    return false;
}

char *
lk_naming_beside_unknown(TALLOC_CTX *mem, const struct lk_naming *naming, const char *folder,
                         const struct lk_scripts *scripts, const char *script)
{
    struct lk_error ignored = {0};
    struct lk_bytes bytes;

    if (naming->beside == NULL || scripts->others.count == 0)
        return NULL;
    const char *path = lk_naming_beside_path(mem, naming, script);
    if (!lk_scripts_have(scripts, path))
        return NULL;
    if (lk_file_read(mem, lk_path_join(mem, folder, path), &bytes, &ignored))
        for (const char *at = bytes.data; *at != '\0';) {
            size_t length = strcspn(at, "\n");
            if (!is_known(naming, at, length)) {
                size_t blank = strspn(at, " \t\r");
                return lk_strndup(mem, at + blank, strcspn(at + blank, "\r\n"));
            }
            at += length + (at[length] == '\n');
        }
    lk_error_clear(&ignored);
    return NULL;
}

char *
lk_description(TALLOC_CTX *mem, const char *start, const char *end)
{
    char *text = lk_strndup(mem, start, (size_t)(end - start));

    for (char *at = text; *at != '\0'; at++)
        if (*at == '_' || *at == '-')
            *at = ' ';
    return text;
}

bool
lk_numbered_read(const char *path, bool dotted, struct lk_numbered_name *ret)
{
    static const char *const endings[] = {".down.sql", ".up.sql", ".sql"};
    static const char *const members[] = {"/down.sql", "/up.sql", "/migration.sql"};
    size_t length = strlen(path);

    *ret = (struct lk_numbered_name){.at = path};
    for (size_t i = 0; i < LK_ARRAY_SIZE(endings) && ret->end == NULL; i++) {
        const char *end =
            lk_ends_with(path, members[i])
                ? path + length - strlen(members[i])
                : (lk_ends_with(path, endings[i]) ? path + length - strlen(endings[i]) : NULL);
        ret->end = end;
        ret->down = end != NULL && i == 0;
    }
    if (ret->end == NULL || memchr(path, '/', (size_t)(ret->end - path)) != NULL)
        return false;
    if (*ret->at == 'V' || *ret->at == 'v')
        ret->at++;
    ret->version = lk_version_length(ret->at, dotted);
    ret->description = ret->at + ret->version;
    if (ret->version == 0 || ret->description > ret->end)
        return false;
    while (ret->description < ret->end && strchr("_-. ", *ret->description) != NULL)
        ret->description++;
    return true;
}

/* in_shape_of returns an example's name with another version and description in it. */
static char *
in_shape_of(TALLOC_CTX *mem, const char *example, const char *version, const char *description)
{
    size_t prefix = strcspn(example, "0123456789");
    const char *separator = example + prefix + lk_version_length(example + prefix, false);
    const char *place = strstr(example, "%s");

    if (place < separator) /* names without a version */
        return NULL;
    return lk_fmt(mem, "%.*s%s%.*s%s%s", (int)prefix, example, version, (int)(place - separator),
                  separator, description, place + 2);
}

/*
 * version_of returns the version that a name seems to have, its digits starting at `at`, and where
 * it ends. What stands in front of "__" is one as a whole where nothing but its separators is
 * wrong: "4-1" is "4_1".
 */
static char *
version_of(TALLOC_CTX *mem, const struct lk_naming *naming, const char *at, const char **end)
{
    static const char digits[] = "0123456789", separators[] = "-. _";
    const char *stop = strstr(naming->example, "__") != NULL ? strstr(at, "__") : NULL;
    struct lk_buf version = lk_buf_init(mem);
    size_t length = lk_version_length(at, true);

    *end = at + length;
    if (stop == NULL || at + strspn(at, "0123456789-. _") < stop)
        return lk_strndup(mem, at, length);
    while (at < stop) {
        size_t number = strspn(at, digits);
        lk_buf_addn(&version, at, number);
        at += number;
        size_t gap = strspn(at, separators);
        if (at + gap < stop)
            lk_buf_addc(&version, strspn(at, ".") == gap ? '.' : '_');
        at += gap;
    }
    *end = stop;
    return version.data;
}

char *
lk_naming_suggest(TALLOC_CTX *mem, const struct lk_naming *naming, const char *path)
{
    struct lk_name name;
    const char *problem = NULL;
    const char *base = lk_path_base(path);
    bool repeatable = base[0] == 'R' && strchr(naming->example, 'V') != NULL;
    size_t prefix = strcspn(base, "0123456789");
    const char *rest;
    const char *version = version_of(mem, naming, base + prefix, &rest);
    struct lk_buf words = lk_buf_init(mem);
    bool down = lk_ends_with(base, ".down.sql");
    const char *end = base + strlen(base);

    if (repeatable && (version[0] == '\0' || strchr("_- .", base[1]) != NULL))
        rest = base + 1;
    end -= down ? strlen(".down.sql") : lk_ends_with(base, ".up.sql") ? strlen(".up.sql") : 0;
    for (; rest < end && !lk_word_is(rest, strlen(rest), ".sql"); rest++) {
        bool word = (*rest >= 'a' && *rest <= 'z') || (*rest >= 'A' && *rest <= 'Z') ||
                    (*rest >= '0' && *rest <= '9') || (*rest & 0x80) != 0;
        if (word)
            lk_buf_addc(&words, *rest);
        else if (words.len > 0 && words.data[words.len - 1] != '_')
            lk_buf_addc(&words, '_');
    }
    if ((version[0] == '\0' && !repeatable) || words.len == 0)
        return NULL;
    char *made = repeatable ? lk_fmt(mem, "R__%s.sql", words.data)
                            : in_shape_of(mem, naming->example, version, words.data);
    if (made == NULL || strcmp(made, path) == 0)
        return NULL;
    if (down && lk_ends_with(made, ".up.sql"))
        made = lk_fmt(mem, "%.*s.down.sql", (int)(strlen(made) - strlen(".up.sql")), made);
    return naming->read(mem, made, &name, &problem) == LK_NAME_VALID ? made : NULL;
}
