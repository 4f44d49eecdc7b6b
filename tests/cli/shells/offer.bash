# offer.bash FOLDER WORD...: what bash with the completions of FOLDER offers for the last WORD
source "$1/lockkeeper.bash"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_lockkeeper
printf '%s\n' "${COMPREPLY[@]}"
