/*
 * rules/dates.h
 *     Versions that are timestamps.
 */
#ifndef LK_RULES_DATES_H
#define LK_RULES_DATES_H

#include "parser/version.h"

struct lk_date {
    long number; /* YYYYMMDD, as written */
    bool is_day; /* of the calendar, and the hour is one */
};

/*
 * lk_date_of returns whether a version is meant to be a timestamp: one number of 14, 12 or 8 digits
 * that starts with a year from 1990 to 2099.
 */
bool lk_date_of(struct lk_version version, struct lk_date *ret);

/* lk_is_day returns whether there is such a day in the calendar. */
bool lk_is_day(long year, long month, long day);

#endif
