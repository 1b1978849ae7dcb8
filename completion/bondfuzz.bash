# bondfuzz(1) completion for bash. It has no list of its own: commands and options are what --help says,
# names are what `bondfuzz list` prints. Serves a driver's own program, too:
#
#   complete -o filenames -F _bondfuzz bondfuzz-ring

# _bondfuzz_names PROGRAM TABLE [COLUMN]: the names of a table
_bondfuzz_names() {
	"$1" list "$2" 2>/dev/null | awk -v column="${3:-1}" 'NR > 1 { print $column }'
}

# _bondfuzz_words PROGRAM OPTION: what an option of the platform may be
_bondfuzz_words() {
	"$1" list platform --json 2>/dev/null | sed -n "s/.*\"name\":\"$2\".*\"words\":\"\([^\"]*\)\".*/\1/p"
}

# _bondfuzz_value PROGRAM OPTION VALUE-NAME: what may follow an option; 1: files
_bondfuzz_value() {
	case $2 in
	--subject) _bondfuzz_names "$1" subjects ;;
	--strategy) _bondfuzz_names "$1" strategies ;;
	--defect) _bondfuzz_names "$1" defects ;;
	--ops) _bondfuzz_names "$1" ops 2 ;;
	--until) _bondfuzz_names "$1" rules; echo any ;;
	*) case $3 in
		*DIR* | *FILE* | *FOLDER*) return 1 ;;
		esac
		_bondfuzz_words "$1" "${2#--}" ;;
	esac
}

# The value's name of a long or short option in the help of a command: "NAME" of "-s, --subject=NAME".
_bondfuzz_value_name() { # HELP OPTION
	sed -n "s/^  *\(-., \)*\($2=\|$2, --[a-z-]*=\)\([^ ]*\).*/\3/p" <<<"$1" | head -n 1
}

_bondfuzz_long() { # HELP OPTION: the long form of an option
	case $2 in
	--*) echo "$2" ;;
	*) sed -n "s/^ *$2, \(--[a-z-]*\).*/\1/p" <<<"$1" | head -n 1 ;;
	esac
}

_bondfuzz_files() { # WORD: programs, and folders of them
	compgen -d -- "$1"
	compgen -f -X '!*.bond' -- "$1"
}

_bondfuzz() {
	local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]-} help option candidates
	COMPREPLY=()
	if [[ $COMP_CWORD -eq 1 ]]; then
		candidates=$("$program" --help 2>/dev/null | sed -n 's/^  \([a-z]*\) .*/\1/p')
		mapfile -t COMPREPLY < <(compgen -W "$candidates --help --version" -- "$word")
		return
	fi
	help=$("$program" "$command" --help 2>/dev/null)
	# "--subject=h" comes as three words, or with "=" in the last one.
	if [[ $word == '=' ]]; then
		option=$before word=''
	elif [[ $before == '=' ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	elif [[ $before == -* ]]; then
		option=$before
	fi
	if [[ -n $option && -n $(_bondfuzz_value_name "$help" "$option") ]]; then
		if candidates=$(_bondfuzz_value "$program" "$(_bondfuzz_long "$help" "$option")" \
			"$(_bondfuzz_value_name "$help" "$option")"); then
			mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$word")
		else
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
		fi
	elif [[ $word == -* ]]; then
		candidates=$(grep -o '^  \(-., \|    \)--[a-z-]*' <<<"$help" | grep -o -e '--[a-z-]*')
		mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$word")
	elif [[ $command == list ]]; then
		candidates=$(sed -n '/|/{s/^ *//;s/|/ /g;p;q}' <<<"$help")
		mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$word")
	else
		mapfile -t COMPREPLY < <(_bondfuzz_files "$word")
	fi
}
complete -o filenames -F _bondfuzz bondfuzz
