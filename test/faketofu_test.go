package test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// fakeTofu stands in for tofu and terraform. Each call appends one JSON line to $REC:
//
//	{"argv":["plan"],"dir":"/…","env":{"TF_VAR_a":"1"}}
//
// where env holds TF_VAR_*, TF_CLI_ARGS* and TG_CTX_* and the variables that $REC_ENV names.
// It answers `version -json` and `-version`. What else a command does is read from the file
// faketofu.txt in the folder it runs in, one action a line:
//
//	COMMAND stdout TEXT     print a line
//	COMMAND stderr TEXT
//	COMMAND exit CODE       end with that status
//	COMMAND fail N CODE     end with CODE on the first N calls of this command
//	COMMAND touch FILE      make an empty file
//	COMMAND await FILE      go on when the file exists
//	COMMAND stdin           copy stdin to stdout
//	COMMAND hold FILE       make the file, then run until a signal arrives; note each signal
//
// COMMAND * means every command but version. Files are relative to $WORK. `output -json`
// without an action prints an empty object.
func fakeTofu() {
	args := os.Args[1:]
	record(map[string]any{"argv": args, "dir": workingDir(), "env": notedEnv()})
	if isVersion(args) {
		return
	}
	command := firstWord(args)
	acted := false
	for _, a := range actions(command) {
		acted = true
		a.do(command)
	}
	if !acted && command == "output" {
		fmt.Println("{}")
	}
}

// action is one line of faketofu.txt that concerns the running command.
type action struct{ verb, rest string }

func actions(command string) []action {
	file, err := os.Open("faketofu.txt")
	if err != nil {
		return nil
	}
	defer file.Close()
	var found []action
	for lines := bufio.NewScanner(file); lines.Scan(); {
		who, what, _ := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		if who == command || who == "*" {
			verb, rest, _ := strings.Cut(what, " ")
			found = append(found, action{verb, rest})
		}
	}
	return found
}

func (a action) do(command string) {
	switch a.verb {
	case "stdout":
		fmt.Println(a.rest)
	case "stderr":
		fmt.Fprintln(os.Stderr, a.rest)
	case "exit":
		os.Exit(number(a.rest))
	case "fail":
		times, code, _ := strings.Cut(a.rest, " ")
		if countCall(command) <= number(times) {
			os.Exit(number(code))
		}
	case "touch":
		touch(a.rest)
	case "await":
		await(a.rest)
	case "stdin":
		if _, err := io.Copy(os.Stdout, os.Stdin); err != nil {
			die(err)
		}
	case "hold":
		hold(a.rest)
	default:
		die(fmt.Errorf("faketofu.txt: unknown action %q", a.verb))
	}
}

// hold notes every signal that arrives within a moment of the first, then ends with 1.
func hold(file string) {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	touch(file)
	note := func(s os.Signal) { record(map[string]any{"signal": s.String(), "dir": workingDir()}) }
	select {
	case s := <-signals:
		note(s)
	case <-time.After(2 * time.Minute):
		die(fmt.Errorf("no signal arrived"))
	}
	moment := time.After(500 * time.Millisecond)
	for {
		select {
		case s := <-signals:
			note(s)
		case <-moment:
			os.Exit(1)
		}
	}
}

func await(file string) {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(inWork(file)); err == nil {
			return
		}
	}
	die(fmt.Errorf("%s did not appear", file))
}

func touch(file string) {
	if err := os.WriteFile(inWork(file), nil, 0o644); err != nil {
		die(err)
	}
}

// countCall returns how many times the command was called in this folder, this call included.
func countCall(command string) int {
	file := ".faketofu-" + command
	old, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		die(err)
	}
	if err := os.WriteFile(file, append(old, 'x'), 0o644); err != nil {
		die(err)
	}
	return len(old) + 1
}

func isVersion(args []string) bool {
	if len(args) == 0 || !strings.HasSuffix(args[0], "version") {
		return false
	}
	if len(args) > 1 && strings.HasSuffix(args[1], "-json") {
		fmt.Println(`{"terraform_version":"1.11.4","platform":"linux_amd64","provider_selections":{},"terraform_outdated":false}`)
	} else {
		fmt.Println("Terraform v1.11.4\non linux_amd64")
	}
	return true
}

// record appends with one write, so that lines of calls that run at once do not mix.
func record(entry map[string]any) {
	file := os.Getenv("REC")
	if file == "" {
		return
	}
	line, err := json.Marshal(entry)
	if err != nil {
		die(err)
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		die(err)
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		die(err)
	}
	if err := f.Close(); err != nil {
		die(err)
	}
}

func notedEnv() map[string]string {
	named := strings.Split(os.Getenv("REC_ENV"), ",")
	noted := map[string]string{}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		wanted := strings.HasPrefix(name, "TF_VAR_") || strings.HasPrefix(name, "TF_CLI_ARGS") || strings.HasPrefix(name, "TG_CTX_")
		for _, n := range named {
			wanted = wanted || n == name
		}
		if wanted {
			noted[name] = value
		}
	}
	return noted
}

func firstWord(args []string) string {
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") {
			return arg
		}
	}
	return ""
}

func inWork(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(os.Getenv("WORK"), file)
}

func workingDir() string {
	dir, err := os.Getwd()
	if err != nil {
		die(err)
	}
	return dir
}

func number(text string) int {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		die(err)
	}
	return n
}

func die(err error) {
	fmt.Fprintln(os.Stderr, "faketofu:", err)
	os.Exit(70)
}
