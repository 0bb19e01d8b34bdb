"""The scripts by which a shell asks for completions: `hpt` with VARIABLE set and the words typed so far.

bash hands over the line as it is, because it breaks words at `=` and `:`; the others hand over words. After what ends in `/`, `.`, `,` or
`=` no blank is set: more follows. Where nothing is offered the shell completes files.
"""

from __future__ import annotations

from collections.abc import Mapping

VARIABLE = "_HPT_COMPLETE"

_BASH = r"""
_hpt_completion() {
    local IFS=$'\n'
    COMPREPLY=( $(_HPT_COMPLETE=bash COMP_WORDBREAKS="$COMP_WORDBREAKS" hpt "${COMP_LINE:0:$COMP_POINT}" 2>/dev/null) )
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/.,=] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o default -F _hpt_completion hpt
"""

_ZSH = r"""
#compdef hpt
_hpt_completion() {
    local -a lines open closed
    local line value text
    lines=("${(@f)$(_HPT_COMPLETE=zsh hpt "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    for line in $lines; do
        value=${line%%$'\t'*}
        text=${line#$value}
        text=${value//:/\\:}${text:+:${text#$'\t'}}
        if [[ $value == *[/.,=] ]]; then open+=("$text"); else closed+=("$text"); fi
    done
    if (( $#open + $#closed == 0 )); then _files; return; fi
    (( $#closed )) && _describe -V hpt closed
    (( $#open )) && _describe -V hpt open -S ''
    return 0
}
compdef _hpt_completion hpt
"""

_FISH = r"""
function _hpt_completion
    set -l words (commandline -opc)
    set -l begun (commandline -ct)
    set -lx _HPT_COMPLETE fish
    set -l found (hpt $words[2..-1] "$begun" 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path "$begun"
    end
end
complete --command hpt --no-files --arguments '(_hpt_completion)'
"""

SCRIPTS: Mapping[str, str] = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
