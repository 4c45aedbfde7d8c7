package ui

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
)

func TestCustomFormat(t *testing.T) {
	t.Parallel()
	attrs := []slog.Attr{
		slog.String(AttrUnit, "/live/a"),
		slog.String(AttrTFPath, "/usr/bin/terraform"),
		slog.String(AttrTFArgs, "plan -json"),
	}
	tests := []struct{ format, want string }{
		{`<%level(case=upper,width=6)|%prefix(path=short-relative,prefix="[",suffix="]")|%msg(path=relative)>`, "<STDOUT|[a]|Hi there>"},
		{`%level(format=tiny)%t%msg`, "s\tHi there"},
		{`%level(format=short,case=capitalize) %tf-path(path=filename) %tf-command %(content=text)%% %msg`, "Std terraform plan text% Hi there"},
		{`%tf-command()-args|%tf-command-args`, "plan-args|plan -json"},
		{`%prefix|%prefix(path=relative)|%prefix(path=short)|%tf-path|%tf-path(path=dir)`, "/live/a|./a|/live/a|/usr/bin/terraform|" + filepath.FromSlash("/usr/bin")},
		{`100% done%n%interval`, "100% done\n0003"},
		{`%msg(width=4)|%msg(width=10,align=right)|%msg(width=11,align=center)|%msg( width = 9 )|`, "Hi t|  Hi there| Hi there  |Hi there |"},
		{`%(content='a, (b) "c"', escape=json)`, `a, (b) \"c\"`},
		{`%(content="say \"x\" \\ \n")`, `say "x" \ \n`},
		{`%(content=x,prefix="<",suffix=">",width=3)`, "<x  >"},
		{`%(prefix="<",suffix=">",width=3)`, "   "},
		{`%msg(case=lower,color=red)%msg(color=gradient)%level(color=preset)%level(color=disable)`, "hi thereHi therestdoutstdout"},
		{`%time|%time(format="Y-m-d H:i:s.u")|%time(format='D, j M y h:g A a T P O')`, "15:04:05.067|2024-03-05 15:04:05..067890|Tue, 5 Mar 24 03:3 PM pm CET +01:00 +0100"},
		{`%time(format=rfc3339)|%time(format=rfc3339-nano)|%time(format=date-time)|%time(format=date-only)|%time(format=time-only)`,
			"2024-03-05T15:04:05+01:00|2024-03-05T15:04:05.06789+01:00|2024-03-05 15:04:05|2024-03-05|15:04:05"},
		{`%`, "%"},
	}
	for _, tt := range tests {
		f, err := ParseFormat(tt.format)
		out, _ := logOne(t, LogOptions{Format: mustFormat(t, f, err)}, LevelStdout, "Hi there", attrs...)
		equal(t, out, tt.want+"\n")
	}
}

func TestFormatColors(t *testing.T) {
	t.Parallel()
	for option, want := range map[string]string{
		"color=red":        "\x1b[31mx\x1b[0m",
		"color=light-blue": "\x1b[94mx\x1b[0m",
		"color=202":        "\x1b[38;5;202mx\x1b[0m",
		"color=preset":     "\x1b[33mx\x1b[0m",
	} {
		c, _, errBuf := testConsole("", true, true)
		f, err := ParseFormat("%(content=x," + option + ")")
		slog.New(NewHandler(c, LogOptions{Format: mustFormat(t, f, err)})).Warn("m")
		equal(t, errBuf.String(), want+"\n")
	}
}

func TestFormatErrors(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{
		`%bad`:                   `invalid placeholder name "bad", available names: interval,time,level,msg,prefix,tf-path,tf-command-args,tf-command`,
		`a %_`:                   `invalid placeholder name "_"`,
		`%level(nonsense=1)`:     `placeholder "%level": invalid option name "nonsense", available names: content,escape,case,width,align,prefix,suffix,color,format`,
		`%level(format=long)`:    `invalid value "long" for option "format", available values: full,short,tiny`,
		`%msg(path=short)`:       `available values: relative`,
		`%prefix(path=x)`:        `available values: relative,short-relative,short`,
		`%tf-path(path=x)`:       `available values: filename,dir`,
		`%msg(width=wide)`:       `want a number of characters`,
		`%msg(width=-1)`:         `want a number of characters`,
		`%msg(align=middle)`:     `available values: left,center,right`,
		`%msg(case=title)`:       `available values: upper,lower,capitalize`,
		`%msg(escape=xml)`:       `available values: json`,
		`%msg(color=pink)`:       `light-white,gradient,preset,disable,0..255`,
		`%msg(color=256)`:        `invalid value "256" for option "color"`,
		`%msg(width=3`:           `closing parenthesis missing`,
		`%msg(prefix="a)`:        `closing quote missing`,
		`%msg(prefix="a"`:        `closing parenthesis missing`,
		`%msg(width, prefix="a"`: `want (name=value, ...)`,
		`%msg(`:                  `want (name=value, ...)`,
	} {
		_, err := ParseFormat(format)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", format, err, want)
		}
	}
}
