package ui

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// content computes the text of a placeholder for one entry.
type content func(e *entry) string

// step changes the text of a placeholder for one entry.
type step func(e *entry, text string) string

// compilePlaceholder turns a placeholder into a segment. The options apply in a
// fixed order: format, path, content, escape, case, width and align, prefix and
// suffix, color.
func compilePlaceholder(name string, options map[string]string) (segment, error) {
	for _, key := range slices.Sorted(maps.Keys(options)) {
		if valid := optionNames(name); !slices.Contains(valid, key) {
			return nil, fmt.Errorf("placeholder %q: %w", "%"+name, invalid("option name", key, valid))
		}
	}
	text, err := compileContent(name, options)
	if err != nil {
		return nil, fmt.Errorf("placeholder %q: %w", "%"+name, err)
	}
	var steps []step
	for _, compile := range []func(map[string]string) (step, error){compileEscape, compileCase, compileWidth, compileAffixes, compileColor} {
		s, err := compile(options)
		if err != nil {
			return nil, fmt.Errorf("placeholder %q: %w", "%"+name, err)
		}
		if s != nil {
			steps = append(steps, s)
		}
	}
	return func(b []byte, e *entry) []byte {
		t := text(e)
		for _, s := range steps {
			t = s(e, t)
		}
		return append(b, t...)
	}, nil
}

// optionNames lists the options a placeholder takes.
func optionNames(name string) []string {
	names := []string{"content", "escape", "case", "width", "align", "prefix", "suffix", "color"}
	switch name {
	case "level", "time":
		return append(names, "format")
	case "prefix", "msg", "tf-path":
		return append(names, "path")
	}
	return names
}

func invalidValue(option, got string, choices ...string) error {
	return fmt.Errorf("invalid value %q for option %q, available values: %s", got, option, strings.Join(choices, ","))
}

func compileContent(name string, options map[string]string) (content, error) {
	text, err := compileSource(name, options)
	if err != nil {
		return nil, err
	}
	if fixed, ok := options["content"]; ok {
		return func(*entry) string { return fixed }, nil
	}
	return text, nil
}

func compileSource(name string, options map[string]string) (content, error) {
	switch name {
	case "interval":
		return func(e *entry) string { return fmt.Sprintf("%04d", int(e.time.Sub(e.o.Start).Seconds())) }, nil
	case "time":
		return compileTime(options["format"]), nil
	case "level":
		return compileLevel(options["format"])
	case "prefix":
		return compilePrefix(options["path"])
	case "msg":
		return compileMessage(options["path"])
	case "tf-path":
		return compileTFPath(options["path"])
	case "tf-command":
		return func(e *entry) string {
			if len(e.tfArgs) == 0 {
				return ""
			}
			return e.tfArgs[0]
		}, nil
	case "tf-command-args":
		return func(e *entry) string { return strings.Join(e.tfArgs, " ") }, nil
	}
	return func(*entry) string { return "" }, nil // %(content=...)
}

func compileLevel(format string) (content, error) {
	switch format {
	case "", "full":
		return func(e *entry) string { return lookOf(e.level).full }, nil
	case "short":
		return func(e *entry) string { return lookOf(e.level).short }, nil
	case "tiny":
		return func(e *entry) string { return lookOf(e.level).tiny }, nil
	}
	return nil, invalidValue("format", format, "full", "short", "tiny")
}

// compilePrefix shows the unit: its absolute path by default, with "relative"
// that seen from the working directory, with "short-relative" the same without a
// leading "./", with "short" the absolute one. The short ones hide a unit that is
// the working directory itself.
func compilePrefix(path string) (content, error) {
	switch path {
	case "":
		return func(e *entry) string { return e.unit }, nil
	case "short":
		return func(e *entry) string {
			if e.relative == "." {
				return ""
			}
			return e.unit
		}, nil
	case "relative", "short-relative":
		return func(e *entry) string { return e.prefix(path == "short-relative") }, nil
	}
	return nil, invalidValue("path", path, "relative", "short-relative", "short")
}

// prefix is the unit as seen from the working directory.
func (e *entry) prefix(short bool) string {
	switch {
	case e.o.AbsPaths:
		return e.unit
	case short && e.relative == ".":
		return ""
	case short || e.relative == "" || e.relative == "." || strings.HasPrefix(e.relative, "../") || filepath.IsAbs(e.relative):
		return e.relative
	}
	return "./" + e.relative
}

func compileTFPath(path string) (content, error) {
	switch path {
	case "":
		return func(e *entry) string { return e.tfPath }, nil
	case "filename":
		return func(e *entry) string { return e.program() }, nil
	case "dir":
		return func(e *entry) string {
			if e.tfPath == "" {
				return ""
			}
			return filepath.Dir(e.tfPath)
		}, nil
	}
	return nil, invalidValue("path", path, "filename", "dir")
}

// program is the base name of the wrapped program.
func (e *entry) program() string {
	if e.tfPath == "" {
		return ""
	}
	return filepath.Base(e.tfPath)
}

func compileEscape(options map[string]string) (step, error) {
	escape, ok := options["escape"]
	switch {
	case !ok:
		return nil, nil
	case escape == "json":
		return func(_ *entry, text string) string { return string(appendEscaped(nil, text)) }, nil
	}
	return nil, invalidValue("escape", escape, "json")
}

func compileCase(options map[string]string) (step, error) {
	var convert func(string) string
	switch name, ok := options["case"]; {
	case !ok:
		return nil, nil
	case name == "upper":
		convert = strings.ToUpper
	case name == "lower":
		convert = strings.ToLower
	case name == "capitalize":
		convert = capitalize
	default:
		return nil, invalidValue("case", name, "upper", "lower", "capitalize")
	}
	// Letters inside an escape sequence have a meaning of their own.
	return func(_ *entry, text string) string { return convert(stripANSI(text)) }, nil
}

func capitalize(text string) string {
	r, n := utf8.DecodeRuneInString(text)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + text[n:]
}

func compileWidth(options map[string]string) (step, error) {
	width := 0
	if text, ok := options["width"]; ok {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("invalid value %q for option %q, want a number of characters", text, "width")
		}
		width = n
	}
	align, ok := options["align"]
	if ok && align != "left" && align != "center" && align != "right" {
		return nil, invalidValue("align", align, "left", "center", "right")
	}
	if width == 0 {
		return nil, nil
	}
	return func(_ *entry, text string) string { return fit(text, width, align) }, nil
}

// fit pads or cuts text to width visible characters.
func fit(text string, width int, align string) string {
	room := width - visibleWidth(text)
	switch {
	case room < 0:
		return cutVisible(text, width)
	case align == "right":
		return strings.Repeat(" ", room) + text
	case align == "center":
		return pad(strings.Repeat(" ", room/2)+text, width)
	}
	return pad(text, width)
}

// compileAffixes adds prefix and suffix to content that is more than padding.
func compileAffixes(options map[string]string) (step, error) {
	prefix, suffix := options["prefix"], options["suffix"]
	if prefix == "" && suffix == "" {
		return nil, nil
	}
	return func(_ *entry, text string) string {
		if strings.TrimSpace(text) == "" {
			return text
		}
		return prefix + text + suffix
	}, nil
}

func compileColor(options map[string]string) (step, error) {
	name, ok := options["color"]
	switch {
	case !ok || name == "disable":
		return nil, nil
	case name == "gradient":
		return func(e *entry, text string) string {
			if !e.style || text == "" {
				return text
			}
			return e.style.Paint(e.hue(text), text)
		}, nil
	case name == "preset":
		return func(e *entry, text string) string { return e.style.Paint(lookOf(e.level).color, text) }, nil
	}
	c, err := parseColor(name)
	if err != nil {
		return nil, err
	}
	return func(e *entry, text string) string { return e.style.Paint(c, text) }, nil
}

func parseColor(name string) (Color, error) {
	if n, err := strconv.ParseUint(name, 10, 8); err == nil {
		return Color(fmt.Sprintf("38;5;%d", n)), nil
	}
	names := []string{"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"}
	base, isLight := strings.CutPrefix(name, "light-")
	i := slices.Index(names, base)
	switch {
	case i >= 0 && isLight:
		return Color(strconv.Itoa(90 + i)), nil
	case i >= 0:
		return Color(strconv.Itoa(30 + i)), nil
	}
	choices := append(names, "light-black", "light-red", "light-green", "light-yellow",
		"light-blue", "light-magenta", "light-cyan", "light-white", "gradient", "preset", "disable", "0..255")
	return "", invalidValue("color", name, choices...)
}
