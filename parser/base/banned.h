/*
 * parser/base/banned.h
 *     Functions of the C library that are never right here: their use does not compile.
 */
#ifndef LK_PARSER_BASE_BANNED_H
#define LK_PARSER_BASE_BANNED_H

/* System headers first, so that their own declarations are not what we forbid. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LK_BANNED(function) sorry_##function##_is_banned

#undef atoi
#undef atol
#undef gmtime
#undef localtime
#undef sprintf
#undef strcat
#undef strcpy
#undef strncat
#undef strncpy
#undef strtok
#undef system
#undef vsprintf

#define atoi(text) LK_BANNED(atoi)
#define atol(text) LK_BANNED(atol)
#define gmtime(when) LK_BANNED(gmtime)
#define localtime(when) LK_BANNED(localtime)
#define sprintf(...) LK_BANNED(sprintf)
#define strcat(to, from) LK_BANNED(strcat)
#define strcpy(to, from) LK_BANNED(strcpy)
#define strncat(to, from, size) LK_BANNED(strncat)
#define strncpy(to, from, size) LK_BANNED(strncpy)
#define strtok(text, set) LK_BANNED(strtok)
#define system(command) LK_BANNED(system)
#define vsprintf(...) LK_BANNED(vsprintf)

#endif
