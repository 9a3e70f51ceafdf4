#!/usr/bin/env -S zsh -f
# SPDX-License-Identifier: MIT
# complete_in.zsh LINES: prints each line of the file LINES, a tab, and what zsh makes of its last word by ./_ringcheck:
# an interactive zsh on a terminal of its own is given the line and told to complete it.  What else that zsh says is a
# complaint.
setopt extended_glob
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PS1= PROMPT_EOL_MARK= fpath=($PWD $fpath); unsetopt beep; autoload -U compinit; compinit -u -D'
zpty -w shell 'complete-line() { BUFFER=$line CURSOR=$#line; zle complete-word; print -r -- "<<<$BUFFER>>>"; BUFFER= }'
zpty -w shell 'zle -N complete-line; bindkey "^G" complete-line; print loaded-$((1 + 1))'
zpty -r shell said '*loaded-2*' || exit 1
while IFS= read -r line; do
    zpty -w shell "line=${(qq)line}; print asked-\$((1 + 1))"
    zpty -r shell said '*asked-2*' || exit 1
    zpty -w -n shell $'\a'
    zpty -r shell said '*<<<*>>>*' || exit 1
    complaint=${${said%%<<<*}//$'\e'\[[0-9;?]#[a-zA-Z]/}
    complaint=${${complaint//[[:space:]]/}//'^G'/} # a key pressed before zle listens is echoed
    [[ -z $complaint ]] || print -r -- "$line: $complaint" >&2
    completed=${${said#*<<<}%%>>>*}
    [[ $completed != "$line" ]] && word=${${completed% }##* } || word=
    print -r -- "$line"$'\t'"$word"
done <$1
zpty -d shell
