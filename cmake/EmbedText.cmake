# Makes a C file with the text of a file as one string constant.
#
#   cmake -DOUTPUT=file -DINPUT=file -DNAME=lk_name -P EmbedText.cmake

file(READ ${INPUT} text)
string(REPLACE "\\" "\\\\" text "${text}")
string(REPLACE "\"" "\\\"" text "${text}")
string(REPLACE "\n" "\\n\"\n    \"" text "${text}")
file(WRITE ${OUTPUT} "extern const char ${NAME}[];\nconst char ${NAME}[] =\n    \"${text}\";\n")
