/*
 * rules/schema/literal_time.c
 *     Strings that are no dates and times whatever DateStyle and the time zone are: see literal.h.
 *
 * Source: ParseDateTime(), DecodeDateTime(), DecodeTimeOnly(), DecodeInterval(), ValidateDate(),
 * src/backend/utils/adt/datetime.c.
 */
#include <ctype.h>

#include "parser/base/text.h"
#include "rules/dates.h"
#include "rules/schema/literal.h"

static bool
is_no_format(struct lk_literal *literal, const char *type)
{
    return lk_literal_refuse(literal, "22007", "invalid input syntax for type %s: \"%s\"", type,
                             literal->text);
}

static bool
is_out_of_range(struct lk_literal *literal)
{
    return lk_literal_refuse(literal, "22008", "date/time field value out of range: \"%s\"",
                             literal->text);
}

/*
 * has_no_value returns whether a text has no digit and no sign, and none of the words that stand
 * for a time by themselves.
 */
static bool
has_no_value(const char *text)
{
    static const char *const words[] = {"now",   "today",    "tomorrow", "yesterday",
                                        "epoch", "infinity", "allballs"};

    for (const char *at = text; *at != '\0';) {
        size_t length = 0;
        while (isalpha((unsigned char)at[length]))
            length++;
        for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++)
            if (lk_word_is(at, length, words[i]))
                return false;
        at += length;
        if (length == 0 && *at != ' ' && *at != '_')
            return false;
        at += length == 0;
    }
    return true;
}

/* read_number reads up to `most` digits, at least `least`; returns what follows, or NULL. */
static const char *
read_number(const char *at, size_t least, size_t most, long *ret)
{
    size_t length = strspn(at, "0123456789");

    if (length < least || length > most)
        return NULL;
    *ret = 0;
    for (; length > 0; length--)
        *ret = *ret * 10 + (*at++ - '0');
    return at;
}

/* skip_zone skips Z, +01, -0530 and +05:30, where there is one. */
static const char *
skip_zone(const char *at)
{
    if (*at == 'Z' || *at == 'z')
        return at + 1;
    if (*at != '+' && *at != '-')
        return at;
    if ((at[1] != '0' && at[1] != '1') || !isdigit((unsigned char)at[2]) ||
        (at[1] == '1' && at[2] > '4'))
        return at; /* that would be refused by itself */
    bool colon = at[3] == ':';
    const char *minutes = at + 3 + colon;
    if (minutes[0] >= '0' && minutes[0] <= '5' && isdigit((unsigned char)minutes[1]))
        return minutes + 2;
    return colon ? at : minutes;
}

#define MICROSECONDS 6 /* digits of a fraction that count */

/*
 * read_time reads 12:30, 12:30:59 and 12:30:59.5; returns what follows, NULL where it is of another
 * form. `*ret_valid`: there is such a time.
 */
static const char *
read_time(const char *at, bool *ret_valid)
{
    long hour, minute, second = 0;
    bool fraction = false;

    at = read_number(at, 1, 2, &hour);
    if (at == NULL || *at++ != ':' || (at = read_number(at, 2, 2, &minute)) == NULL)
        return NULL;
    if (*at == ':') {
        at = read_number(at + 1, 2, 2, &second);
        if (at == NULL)
            return NULL;
        at += *at == '.';
        for (size_t place = 0; isdigit((unsigned char)*at); place++)
            fraction |= *at++ != '0' && place < MICROSECONDS;
    }
    *ret_valid = minute <= 59 && second <= 60 &&
                 (hour < 24 || (hour == 24 && minute == 0 && second == 0 && !fraction));
    return at;
}

/* is_span returns whether a text is a number and a unit that dates do not know: "1 day". */
static bool
is_span(const char *at)
{
    static const char *const units[] = {"second", "seconds", "minute", "minutes", "hour",
                                        "hours",  "day",     "days",   "week",    "weeks",
                                        "month",  "months",  "year",   "years"};
    long number;

    at = read_number(at, 1, 3, &number);
    if (at == NULL || *at++ != ' ')
        return false;
    for (size_t i = 0; i < LK_ARRAY_SIZE(units); i++)
        if (strcasecmp(at, units[i]) == 0)
            return true;
    return false;
}

bool
lk_literal_is_no_date(struct lk_literal *literal, const char *type)
{
    const char *at = lk_literal_skip(literal->text);
    long year, month, day;
    bool valid = true;

    if (has_no_value(literal->text) || is_span(literal->text))
        return is_no_format(literal, type);
    at = read_number(at, 4, 4, &year);
    if (at == NULL || *at != '-' || (at = read_number(at + 1, 1, 2, &month)) == NULL ||
        *at != '-' || (at = read_number(at + 1, 1, 2, &day)) == NULL)
        return false;
    if ((*at == ' ' || *at == 'T') && at[1] != '\0') {
        at = read_time(at + 1, &valid);
        if (at == NULL)
            return false;
        at = skip_zone(at + (*at == ' '));
    }
    return lk_literal_is_end(at) && (!valid || year == 0 || !lk_is_day(year, month, day)) &&
           is_out_of_range(literal);
}

bool
lk_literal_is_no_time(struct lk_literal *literal, const char *type)
{
    bool valid;

    if (has_no_value(literal->text))
        return is_no_format(literal, type);
    const char *at = read_time(lk_literal_skip(literal->text), &valid);
    return at != NULL && lk_literal_is_end(at) && !valid && is_out_of_range(literal);
}

/* is_unit returns whether a word may be a unit, of which ten letters count, or stands for none. */
static bool
is_unit(const char *word, size_t length)
{
    static const char *const units[] = {
        "at",         "c",       "cent",       "centuries", "century",    "d",          "day",
        "days",       "dec",     "decade",     "decades",   "decs",       "h",          "hour",
        "hours",      "hr",      "hrs",        "m",         "microsecon", "mil",        "millennia",
        "millennium", "mils",    "millisecon", "min",       "mins",       "minute",     "minutes",
        "mon",        "mons",    "month",      "months",    "ms",         "msec",       "msecond",
        "mseconds",   "msecs",   "on",         "qtr",       "quarter",    "s",          "sec",
        "second",     "seconds", "secs",       "timezone",  "timezone_h", "timezone_m", "us",
        "usec",       "usecond", "useconds",   "usecs",     "w",          "week",       "weeks",
        "y",          "year",    "years",      "yr",        "yrs"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(units); i++)
        if (lk_word_is(word, LK_MIN(length, (size_t)10), units[i]))
            return true;
    return false;
}

bool
lk_literal_is_no_interval(struct lk_literal *literal, const char *type)
{
    const char *at = lk_literal_skip(literal->text);
    bool unknown = false;
    long number;

    if (*at != 'P' && has_no_value(literal->text)) /* that of ISO 8601 can do without */
        return is_no_format(literal, type);
    while (*at != '\0') { /* numbers and units in turn */
        size_t length = 0;
        at = read_number(at + (*at == '-' || *at == '+'), 1, 4, &number);
        if (at == NULL || *at != ' ')
            return false;
        at = lk_literal_skip(at);
        while (isalpha((unsigned char)at[length]))
            length++;
        if (length == 0)
            return false;
        unknown |= !is_unit(at, length);
        at = lk_literal_skip(at + length);
    }
    return unknown && is_no_format(literal, type);
}
