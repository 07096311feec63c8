# SPDX-License-Identifier: GPL-2.0-only
# Completion for xl on a host: ". tools/xl/completion.bash" in bash.
# Commands and their options come from xl's own help, domains from the running machine.

_paravane_xl_commands()
{
	"$1" help 2>/dev/null | sed -n 's/^ \([a-z-]*\) .*/\1/p'
}

# Lines of a command's help that begin with an option: all the options in them.
_paravane_xl_options()
{
	"$1" help "$2" 2>/dev/null | sed -n '/^-/p' |
		grep -oE '(^|[ ,])(-[A-Za-z]|--[a-z_-]+)\b' | tr -d ' ,'
}

_paravane_xl_domains()
{
	"$1" list 2>/dev/null | awk 'NR > 1 { print $1 }'
}

_paravane_xl()
{
	local xl=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} verb=1 files='' words=''
	local before=${COMP_WORDS[COMP_CWORD - 1]}

	while [ "$verb" -lt "$COMP_CWORD" ] && [[ ${COMP_WORDS[verb]} == -* ]]; do
		verb=$((verb + 1))
	done
	if [ "$COMP_CWORD" -eq "$verb" ]; then
		words="$(_paravane_xl_commands "$xl") help"
		[[ $word != -* ]] || words='-v -f -t -N'
	elif [[ $word == -* ]]; then
		words=$(_paravane_xl_options "$xl" "${COMP_WORDS[verb]}")
	else
		case ${COMP_WORDS[verb]} in
		help)
			words=$(_paravane_xl_commands "$xl")
			;;
		create)
			files=1
			;;
		config-update | dump-core)
			if [ "$COMP_CWORD" -gt $((verb + 1)) ] && [[ $before != -k && $before != --kept ]]; then
				files=1
			else
				words=$(_paravane_xl_domains "$xl")
			fi
			;;
		info | dmesg | top | debug-keys) ;;
		*)
			words=$(_paravane_xl_domains "$xl")
			;;
		esac
	fi
	if [ "$files" ]; then
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	else
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
	fi
}
complete -F _paravane_xl xl
