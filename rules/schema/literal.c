/*
 * rules/schema/literal.c
 *     Strings that are no values of a type: see literal.h.
 *
 * Source: parse_bool_with_len() in src/backend/utils/adt/bool.c, pg_strtoint32_safe() in
 * numutils.c, numeric_in(), float8in_internal(), string_to_uuid(), hex_decode(), byteain(),
 * bit_in(), network_in() and inet_net_pton_ipv4(), range_parse().
 */
#include "rules/schema/literal.h"

#include <ctype.h>
#include <stdarg.h>

#include "rules/schema/builtin.h"

/* From this version on integers can be written 0x1F, 0o17, 0b11 and 1_000. */
#define INTEGERS_HAVE_BASES 16

bool
lk_literal_refuse(struct lk_literal *literal, const char *sqlstate, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    literal->sqlstate = sqlstate;
    literal->message = talloc_vasprintf(literal->mem, format, args);
    va_end(args);
    return true;
}

static bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

const char *
lk_literal_skip(const char *text)
{
    while (is_space(*text))
        text++;
    return text;
}

bool
lk_literal_is_end(const char *text)
{
    return *lk_literal_skip(text) == '\0';
}

static bool
is_no_syntax(struct lk_literal *literal, const char *type)
{
    return lk_literal_refuse(literal, "22P02", "invalid input syntax for type %s: \"%s\"", type,
                             literal->text);
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
has_bases(const struct lk_literal *literal)
{
    return literal->version == 0 || literal->version >= INTEGERS_HAVE_BASES;
}

/* ---- boolean ---- */

static bool
is_no_bool(struct lk_literal *literal, const char *type)
{
    static const struct {
        const char *word;
        size_t least; /* letters that tell it */
    } words[] = {{"true", 1}, {"false", 1}, {"yes", 1}, {"no", 1},
                 {"on", 2},   {"off", 2},   {"1", 1},   {"0", 1}};
    const char *start = lk_literal_skip(literal->text);
    size_t length = strlen(start);

    while (length > 0 && is_space(start[length - 1]))
        length--;
    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++)
        if (length >= words[i].least && length <= strlen(words[i].word) &&
            strncasecmp(start, words[i].word, length) == 0)
            return false;
    return is_no_syntax(literal, type);
}

/* ---- numbers ---- */

/* skip_digits skips digits, between which there may be a _ each where `grouped`. */
static const char *
skip_digits(const char *text, const char *digits, bool grouped)
{
    while (*text != '\0' &&
           (strchr(digits, *text) != NULL ||
            (grouped && *text == '_' && text[1] != '\0' && strchr(digits, text[1]) != NULL)))
        text++;
    return text;
}

/* skip_based skips 0x1F and its like; returns NULL for what is none. */
static const char *
skip_based(const char *text)
{
    static const char *const digits[] = {"xX0123456789abcdefABCDEF", "oO01234567", "bB01"};

    if (*text != '0' || text[1] == '\0')
        return NULL;
    for (size_t i = 0; i < LK_ARRAY_SIZE(digits); i++) {
        if (text[1] != digits[i][0] && text[1] != digits[i][1])
            continue;
        const char *end = skip_digits(text + 2, digits[i] + 2, true);
        return end == text + 2 ? NULL : end;
    }
    return NULL;
}

/* is_beyond returns whether decimal digits, without a sign, make more than a type's most. */
static bool
is_beyond(const char *digits, const char *end, bool negative, uint64_t most)
{
    uint64_t value = 0;

    for (; digits < end; digits++) {
        if (!is_digit(*digits))
            continue;
        if (value > (UINT64_MAX - 9) / 10)
            return true;
        value = value * 10 + (uint64_t)(*digits - '0');
    }
    return value > most + negative;
}

static bool
is_no_integer(struct lk_literal *literal, const char *type, uint64_t most)
{
    const char *start = lk_literal_skip(literal->text);
    bool negative = *start == '-';

    start += negative || *start == '+';
    const char *end = has_bases(literal) ? skip_based(start) : NULL;
    if (end != NULL)
        return !lk_literal_is_end(end) && is_no_syntax(literal, type);
    end = is_digit(*start) ? skip_digits(start, "0123456789", has_bases(literal)) : start;
    bool beyond = is_beyond(start, end, negative, most);
    if (end == start || !lk_literal_is_end(end)) /* if both, it depends on the version */
        return !beyond && is_no_syntax(literal, type);
    return beyond && lk_literal_refuse(literal, "22003", "value \"%s\" is out of range for type %s",
                                       literal->text, type);
}

static bool
is_no_int2(struct lk_literal *literal, const char *type)
{
    return is_no_integer(literal, type, INT16_MAX);
}

static bool
is_no_int4(struct lk_literal *literal, const char *type)
{
    return is_no_integer(literal, type, INT32_MAX);
}

static bool
is_no_int8(struct lk_literal *literal, const char *type)
{
    return is_no_integer(literal, type, INT64_MAX);
}

/* skip_decimal skips 12.5e-3, and returns the start where there is no digit. */
static const char *
skip_decimal(const char *text, bool grouped)
{
    static const char digits[] = "0123456789";
    const char *end = is_digit(*text) ? skip_digits(text, digits, grouped) : text;
    bool any = end > text;

    if (*end == '.') {
        const char *fraction = end + 1;
        end = is_digit(*fraction) ? skip_digits(fraction, digits, grouped) : fraction;
        any |= end > fraction;
    }
    if (!any)
        return text;
    if (*end == 'e' || *end == 'E') {
        const char *exponent = lk_literal_skip(end + 1); /* strtol() skips it, too */
        exponent += *exponent == '-' || *exponent == '+';
        if (is_digit(*exponent))
            end = skip_digits(exponent, digits, grouped);
    }
    return end;
}

/* is_word_for_number returns whether a text, without a sign, is NaN or infinity. */
static bool
is_word_for_number(const char *text)
{
    static const char *const words[] = {"nan", "infinity", "inf"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++) {
        size_t length = strlen(words[i]);
        if (strncasecmp(text, words[i], length) == 0 && lk_literal_is_end(text + length))
            return true;
    }
    return false;
}

static bool
is_no_numeric(struct lk_literal *literal, const char *type)
{
    const char *start = lk_literal_skip(literal->text);

    start += *start == '-' || *start == '+';
    const char *end = has_bases(literal) ? skip_based(start) : NULL;
    if (end == NULL)
        end = skip_decimal(start, has_bases(literal));
    return (end == start || !lk_literal_is_end(end)) && !is_word_for_number(start) &&
           is_no_syntax(literal, type);
}

static bool
is_no_float(struct lk_literal *literal, const char *type)
{
    const char *start = lk_literal_skip(literal->text);

    start += *start == '-' || *start == '+';
    if ((start[0] == '0' && (start[1] == 'x' || start[1] == 'X')) ||
        strncasecmp(start, "nan(", 4) == 0) /* as strtod() has it */
        return false;
    const char *end = skip_decimal(start, false);
    if (end != start && strpbrk(start, "eE") != NULL)
        return false; /* it may be out of range before it is of no syntax */
    return (end == start || !lk_literal_is_end(end)) && !is_word_for_number(start) &&
           is_no_syntax(literal, type);
}

/* ---- uuid, bytea, bit strings ---- */

static bool
is_no_uuid(struct lk_literal *literal, const char *type)
{
    const char *at = literal->text;
    bool braces = *at == '{';

    at += braces;
    for (unsigned digits = 0; digits < 32; digits++) {
        if (digits > 0 && digits % 4 == 0 && *at == '-')
            at++;
        if (!isxdigit((unsigned char)*at))
            return is_no_syntax(literal, type);
        at++;
    }
    if (braces && *at++ != '}')
        return is_no_syntax(literal, type);
    return *at != '\0' && is_no_syntax(literal, type);
}

/* character_length returns how many bytes the character at `text` has, in UTF-8. */
static int
character_length(const char *text)
{
    int length = 1;

    while (((unsigned char)text[length] & 0xc0) == 0x80)
        length++;
    return length;
}

static bool
is_no_hex(struct lk_literal *literal, const char *text)
{
    bool odd = false;

    for (; *text != '\0'; text++) {
        if (!odd && strchr(" \n\t\r", *text) != NULL)
            continue;
        if (!isxdigit((unsigned char)*text))
            return lk_literal_refuse(literal, "22023", "invalid hexadecimal digit: \"%.*s\"",
                                     character_length(text), text);
        odd = !odd;
    }
    return odd &&
           lk_literal_refuse(literal, "22023", "invalid hexadecimal data: odd number of digits");
}

static bool
is_no_bytea(struct lk_literal *literal, const char *type)
{
    const char *at = literal->text;

    if (at[0] == '\\' && at[1] == 'x')
        return is_no_hex(literal, at + 2);
    for (; *at != '\0'; at++) {
        if (*at != '\\')
            continue;
        bool octal = at[1] >= '0' && at[1] <= '3' && at[2] >= '0' && at[2] <= '7' && at[3] >= '0' &&
                     at[3] <= '7';
        if (!octal && at[1] != '\\')
            return lk_literal_refuse(literal, "22P02", "invalid input syntax for type %s", type);
        at += octal ? 3 : 1;
    }
    return false;
}

static bool
is_no_bits(struct lk_literal *literal, const char *type)
{
    const char *at = literal->text;
    bool hex = *at == 'x' || *at == 'X';

    (void)type;
    at += hex || *at == 'b' || *at == 'B';
    for (; *at != '\0'; at++)
        if (hex ? !isxdigit((unsigned char)*at) : *at != '0' && *at != '1')
            return lk_literal_refuse(literal, "22P02", "\"%.*s\" is not a valid %s digit",
                                     character_length(at), at, hex ? "hexadecimal" : "binary");
    return false;
}

/* ---- addresses ---- */

/* is_no_quad returns whether digits and dots are no IPv4 address; `whole`: no length follows. */
static bool
is_no_quad(const char *text, bool whole)
{
    unsigned octets = 0;

    for (;; text++) {
        unsigned value = 0;
        if (!is_digit(*text))
            return whole;
        for (; is_digit(*text); text++)
            if ((value = value * 10 + (unsigned)(*text - '0')) > UINT8_MAX)
                return true;
        octets++;
        if (*text != '.')
            return octets > 4 || (whole && octets < 4);
    }
}

static bool
is_no_inet(struct lk_literal *literal, const char *type)
{
    static const char digits[] = "0123456789abcdefABCDEF:./";
    const char *text = literal->text;

    if (strchr(text, ':') != NULL)
        return text[strspn(text, digits)] != '\0' && is_no_syntax(literal, type);
    size_t length = strspn(text, "0123456789.");
    if (text[length] != '\0' && text[length] != '/')
        return is_no_syntax(literal, type);
    return is_no_quad(text, text[length] == '\0') && is_no_syntax(literal, type);
}

/* is_no_cidr knows less: octets can be hexadecimal, and those at the end left out. */
static bool
is_no_cidr(struct lk_literal *literal, const char *type)
{
    const char *text = literal->text;

    return (*text == '\0' || text[strspn(text, "0123456789abcdefABCDEFxX:./")] != '\0') &&
           is_no_syntax(literal, type);
}

/* ---- what consists of others ---- */

static bool
is_no_json(struct lk_literal *literal, const char *type)
{
    return !lk_json_is_valid(literal->text) &&
           lk_literal_refuse(literal, "22P02", "invalid input syntax for type %s", type);
}

static bool
is_no_range(struct lk_literal *literal, const char *type)
{
    static const char empty[] = "empty";
    const char *start = lk_literal_skip(literal->text);

    (void)type;
    return *start != '[' && *start != '(' && strncasecmp(start, empty, strlen(empty)) != 0 &&
           lk_literal_refuse(literal, "22P02", "malformed range literal: \"%s\"", literal->text);
}

static bool
is_no_multirange(struct lk_literal *literal, const char *type)
{
    (void)type;
    return *lk_literal_skip(literal->text) != '{' &&
           lk_literal_refuse(literal, "22P02", "malformed multirange literal: \"%s\"",
                             literal->text);
}

/* What reads the strings of a type, and what messages call it then. */
static const struct {
    bool (*is_none)(struct lk_literal *literal, const char *type);
    const char *type;
} inputs[LK_BT_COUNT] = {
    [LK_BT_bit] = {is_no_bits, NULL},
    [LK_BT_bool] = {is_no_bool, "boolean"},
    [LK_BT_bytea] = {is_no_bytea, "bytea"},
    [LK_BT_cidr] = {is_no_cidr, "cidr"},
    [LK_BT_date] = {lk_literal_is_no_date, "date"},
    [LK_BT_datemultirange] = {is_no_multirange, NULL},
    [LK_BT_daterange] = {is_no_range, NULL},
    [LK_BT_float4] = {is_no_float, "real"},
    [LK_BT_float8] = {is_no_float, "double precision"},
    [LK_BT_inet] = {is_no_inet, "inet"},
    [LK_BT_int2] = {is_no_int2, "smallint"},
    [LK_BT_int4] = {is_no_int4, "integer"},
    [LK_BT_int4multirange] = {is_no_multirange, NULL},
    [LK_BT_int4range] = {is_no_range, NULL},
    [LK_BT_int8] = {is_no_int8, "bigint"},
    [LK_BT_int8multirange] = {is_no_multirange, NULL},
    [LK_BT_int8range] = {is_no_range, NULL},
    [LK_BT_interval] = {lk_literal_is_no_interval, "interval"},
    [LK_BT_json] = {is_no_json, "json"},
    [LK_BT_jsonb] = {is_no_json, "json"},
    [LK_BT_numeric] = {is_no_numeric, "numeric"},
    [LK_BT_nummultirange] = {is_no_multirange, NULL},
    [LK_BT_numrange] = {is_no_range, NULL},
    [LK_BT_time] = {lk_literal_is_no_time, "time"},
    [LK_BT_timestamp] = {lk_literal_is_no_date, "timestamp"},
    [LK_BT_timestamptz] = {lk_literal_is_no_date, "timestamp with time zone"},
    [LK_BT_timetz] = {lk_literal_is_no_time, "time with time zone"},
    [LK_BT_tsmultirange] = {is_no_multirange, NULL},
    [LK_BT_tsrange] = {is_no_range, NULL},
    [LK_BT_tstzmultirange] = {is_no_multirange, NULL},
    [LK_BT_tstzrange] = {is_no_range, NULL},
    [LK_BT_uuid] = {is_no_uuid, "uuid"},
    [LK_BT_varbit] = {is_no_bits, NULL},
};

/*
 * is_no_array returns whether a string is no array of values of a type. Which fault the server sees
 * first depends on its version: where there are two, nothing is told.
 */
static bool
is_no_array(struct lk_literal *literal, uint16_t element)
{
    struct lk_array_elements elements = {0};
    struct lk_literal value = *literal;

    if (element == LK_BT_box) /* has a delimiter of its own */
        return false;
    bool whole = lk_literal_elements(literal, &elements);
    lk_vec_foreach(text, &elements.items) {
        value.text = *text;
        if (!lk_literal_is_refused(&value, element))
            continue;
        literal->sqlstate = value.sqlstate;
        literal->message = value.message;
        return whole;
    }
    /* of a time it is not always known whether it is none */
    bool told = elements.items.count == 0 || strchr("DT", lk_builtin_category(element)) == NULL;
    return !whole && told;
}

bool
lk_literal_is_refused(struct lk_literal *literal, uint16_t type)
{
    if ((type & LK_BT_ARRAY) != 0)
        return is_no_array(literal, type & (uint16_t)~LK_BT_ARRAY);
    return type < LK_BT_COUNT && inputs[type].is_none != NULL &&
           inputs[type].is_none(literal, inputs[type].type);
}
