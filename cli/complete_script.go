package cli

import (
	"fmt"
	"io"
	"strings"
)

// describeVar makes the answer to COMP_LINE carry a tab and a description
// after each word, for the shells that show one.
const describeVar = "TERRACE_COMPLETE_HELP"

func shells() []string { return []string{"bash", "zsh", "fish", "powershell"} }

// writeCandidates answers a shell that asks through COMP_LINE.
func writeCandidates(w io.Writer, list []candidate, describe bool) {
	for _, c := range list {
		if describe && c.Help != "" {
			fmt.Fprintf(w, "%s\t%s\n", c.Word, c.Help)
			continue
		}
		fmt.Fprintln(w, c.Word)
	}
}

// completionScript is what a shell sources. The scripts ask the program
// itself, so they never get older than the table.
func completionScript(shell string) (string, error) {
	text := map[string]string{"bash": bashScript, "zsh": zshScript, "fish": fishScript, "powershell": powershellScript}[shell]
	if text == "" {
		return "", &usageError{fmt.Sprintf("invalid shell: %q, must be one of: %s", shell, strings.Join(shells(), ", "))}
	}
	return strings.NewReplacer("PROG", progName, "DESCRIBE", describeVar).Replace(text), nil
}

const bashScript = `# bash completion for PROG
_PROG() {
  local cur=${COMP_WORDS[COMP_CWORD]} word
  COMPREPLY=()
  while IFS= read -r word; do
    # bash takes "=" as the end of a word, so only what follows it is replaced
    case $cur in
      =) word=${word#*=} ;;
      *) if [[ $COMP_WORDBREAKS == *=* && $word == --*=* && $cur != *=* ]]; then word=${word#*=}; fi ;;
    esac
    COMPREPLY+=("$word")
  done < <(COMP_LINE="$COMP_LINE" COMP_POINT="$COMP_POINT" PROG 2>/dev/null)
}
complete -o default -o bashdefault -F _PROG PROG
`

const zshScript = `#compdef PROG
# zsh completion for PROG
_PROG() {
  local -a described
  local line
  while IFS= read -r line; do
    local word=${line%%$'\t'*} text=
    [[ $line == *$'\t'* ]] && text=${line#*$'\t'}
    word=${word//:/\\:}
    described+=("${word}${text:+:$text}")
  done < <(COMP_LINE="${(j: :)words[1,CURRENT-1]} ${words[CURRENT]}" DESCRIBE=1 PROG 2>/dev/null)
  if (( ${#described} )); then
    _describe -t words 'PROG' described
  else
    _files
  fi
}
if [ "$funcstack[1]" = "_PROG" ]; then
  _PROG "$@"
else
  compdef _PROG PROG
fi
`

const fishScript = `# fish completion for PROG
function __PROG_complete
    set -lx COMP_LINE (commandline -cp)
    set -lx DESCRIBE 1
    PROG 2>/dev/null
end
complete -c PROG -a '(__PROG_complete)'
`

const powershellScript = `# PowerShell completion for PROG
Register-ArgumentCompleter -Native -CommandName PROG -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $line = $commandAst.ToString()
    if ($cursorPosition -gt $line.Length) { $line = $line + ' ' }
    $env:COMP_LINE = $line
    $env:DESCRIBE = '1'
    try {
        PROG 2>$null | ForEach-Object {
            $word, $text = $_ -split "` + "`t" + `", 2
            if (-not $text) { $text = $word }
            [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $text)
        }
    } finally {
        Remove-Item Env:COMP_LINE, Env:DESCRIBE
    }
}
`
