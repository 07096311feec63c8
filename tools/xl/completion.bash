# SPDX-License-Identifier: GPL-2.0-only
# Completion for xl on a host: ". tools/xl/completion.bash" in bash.
# Commands come from xl's own help, domains from the running machine.

_paravane_xl()
{
	local xl=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} words

	if [ "$COMP_CWORD" -eq 1 ]; then
		words=$("$xl" help 2>/dev/null | sed -n 's/^ \([a-z-]*\) .*/\1/p')
	else
		case ${COMP_WORDS[1]} in
		create)
			compopt -o filenames
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
			return
			;;
		help)
			words=$("$xl" help 2>/dev/null | sed -n 's/^ \([a-z-]*\) .*/\1/p')
			;;
		info | dmesg | top | debug-keys)
			return
			;;
		*)
			words=$("$xl" list 2>/dev/null | awk 'NR > 1 { print $1 }')
			;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _paravane_xl xl
