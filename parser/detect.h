/*
 * parser/detect.h
 *     Which files of a folder are scripts of migrations, and which convention they follow.
 */
#ifndef LK_PARSER_DETECT_H
#define LK_PARSER_DETECT_H

#include "parser/naming.h"

/* lk_script_is_kept returns whether a file is SQL, or a program that some convention knows. */
bool lk_script_is_kept(const char *name);

/*
 * lk_script_is_own returns whether a script belongs to the folder itself rather than to one below:
 * it lies in it, is a migration that is a folder, or lies where `naming` has its scripts. NULL
 * asks for SQL of any convention that has them in the folder.
 */
bool lk_script_is_own(const struct lk_naming *naming, const char *script);

/* lk_folder_is_home returns whether some convention has its scripts in folders of that name. */
bool lk_folder_is_home(const char *name);

/*
 * lk_naming_detect returns the convention of a folder, or NULL: the most particular one that reads
 * nearly as many names as the one that reads most.
 */
const struct lk_naming *lk_naming_detect(const char *folder, const struct lk_scripts *scripts);

/*
 * lk_naming_spread returns the convention (`only` that one, unless NULL) of a folder in which no
 * script lies, but whose subfolders are numbered parts of one history, 2024/V1__a.sql and
 * 2025/V2__b.sql; or NULL. A version that is there twice tells that they are histories of their
 * own.
 */
const struct lk_naming *lk_naming_spread(const struct lk_naming *only,
                                         const struct lk_scripts *scripts);

#endif
