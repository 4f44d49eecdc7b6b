# offer.zsh FOLDER LINE: what an interactive zsh with the completions of FOLDER offers after LINE
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "fpath=(${(q)1} \$fpath); autoload -Uz compinit && compinit -u -D; stty cols 200"
zpty -w shell "zstyle ':completion:*' list-packed no; LISTMAX=1000; PROMPT='<rea''dy>'"
zpty -r shell text '*<ready>'
zpty -n -w shell "$2"$'\t'
zpty -n -w shell $'\C-u'"print en''d"$'\n'
zpty -r shell text '*end?*'
print -r -- $text
