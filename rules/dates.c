/*
 * rules/dates.c
 *     Versions that are timestamps: see dates.h.
 */
#include "rules/dates.h"

/* digits_at returns the number that `count` digits at `text` make. */
static long
digits_at(const char *text, size_t count)
{
    long ret = 0;

    for (size_t i = 0; i < count; i++)
        ret = ret * 10 + (text[i] - '0');
    return ret;
}

bool
lk_is_day(long year, long month, long day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month >= 1 && month <= 12 && day >= 1 &&
           day <= lengths[month - 1] + (month == 2 && leap);
}

bool
lk_date_of(struct lk_version version, struct lk_date *ret)
{
    if (version.text == NULL)
        return false;
    size_t length = strspn(version.text, "0123456789");
    /* behind the number there may be a name, where versions are names */
    if ((length != 14 && length != 12 && length != 8) || version.text[length] == '.')
        return false;
    long year = digits_at(version.text, 4);
    if (year < 1990 || year > 2099)
        return false;
    ret->number = digits_at(version.text, 8);
    ret->is_day = lk_is_day(year, digits_at(version.text + 4, 2), digits_at(version.text + 6, 2)) &&
                  (length == 8 || digits_at(version.text + 8, 2) < 24);
    return true;
}
