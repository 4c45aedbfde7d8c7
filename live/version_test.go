package live

import (
	"strings"
	"testing"
)

func TestParsePin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ source, constraint, want string }{
		{"", "", "local||<local>|"},
		{"../../modules/vpc", "", "local|../../modules/vpc|<local>|"},
		{"git::https://user:secret@Example.com/acme/modules.git//vpc?ref=v0.0.6", "", "ref|example.com/acme/modules//vpc|v0.0.6|"},
		{"git@example.com:acme/modules.git//vpc?ref=v0.0.6&depth=1", "", "ref|example.com/acme/modules//vpc|v0.0.6|"},
		{"git::ssh://git@example.com:22/acme/modules//vpc", "", "unpinned|example.com/acme/modules//vpc|(unpinned)|"},
		{"git::ssh://git@example.com:2222/acme/modules", "", "unpinned|example.com:2222/acme/modules|(unpinned)|"},
		{"git::file:///srv/modules.git//vpc?ref=main", "", "ref|/srv/modules//vpc|main|"},
		{"tfr://reg.example.com/acme/vpc/aws?version=1.2.3", "", "version|reg.example.com/acme/vpc/aws|1.2.3|"},
		{"tfr:///acme/vpc/aws", "~> 4.0", "range|acme/vpc/aws|~> 4.0|>= 4.0, < 5.0"},
		{"tfr:///acme/vpc/aws", "~> 4.1.2, != 4.1.5", "range|acme/vpc/aws|~> 4.1.2, != 4.1.5|>= 4.1.2, < 4.2.0, != 4.1.5"},
		{"tfr:///acme/vpc/aws", ">= 1, < 3", "range|acme/vpc/aws|>= 1, < 3|"},
		{"tfr:///acme/vpc/aws", "= 4.0.1", "version|acme/vpc/aws|4.0.1|"},
		{"tfr:///acme/vpc/aws", "", "unpinned|acme/vpc/aws|(unpinned)|"},
		{"https://example.com/vpc-1.2.3.zip", "", "unpinned|example.com/vpc-1.2.3.zip|(unpinned)|"},
	} {
		p, err := ParsePin(c.source, c.constraint, t.TempDir())
		if got := string(p.Kind) + "|" + p.Module + "|" + p.String() + "|" + p.Range; err != nil || got != c.want {
			t.Errorf("%s %s: %s, %v, want %s", c.source, c.constraint, got, err, c.want)
		}
	}
	if _, err := ParsePin("tfr://x/y", "", t.TempDir()); err == nil {
		t.Error("a broken source is taken")
	}
}

// Another version in the place of a pin's, and the repository of its module.
func TestPinAt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ source, constraint, version, want string }{
		{"git::https://token@example.com/m.git//vpc?ref=v0.0.5&depth=1", "", "v0.0.6", "ref|v0.0.6||behind|example.com/m"},
		{"git::ssh://git@example.com/m.git?ref=main", "", "v1.0.0", "ref|v1.0.0||not comparable|example.com/m"},
		{"git::file:///srv/m//vpc?ref=v0.0.6", "", "v0.0.5", "ref|v0.0.5||ahead|/srv/m"},
		{"tfr:///a/b/c?version=1.2.3", "", "1.2.4", "version|1.2.4||behind|a/b/c"},
		{"tfr:///a/b/c", "= 1.2.3", "1.2.4", "version|1.2.4||behind|a/b/c"},
		{"tfr:///a/b/c//sub", "1.2.3", "~> 2.0", "range|~> 2.0|>= 2.0, < 3.0|not comparable|a/b/c"},
		{"tfr:///a/b/c", "~> 4.0", "~> 4.0", "range|~> 4.0|>= 4.0, < 5.0|same|a/b/c"},
	} {
		p, err := ParsePin(c.source, c.constraint, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		q := p.At(c.version)
		if got := strings.Join([]string{string(q.Kind), q.Version, q.Range, string(p.Compare(q)), q.Repository()}, "|"); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.source, c.constraint, got, c.want)
		}
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	ref := func(v string) Pin { return Pin{Kind: PinRef, Module: "m", Version: v} }
	for _, c := range []struct {
		a, b Pin
		want Relation
	}{
		{ref("v0.0.5"), ref("v0.0.6"), Behind},
		{ref("v0.0.10"), ref("v0.0.9"), Ahead},
		{ref("v1.0.0"), ref("v1.0.0"), Same},
		{ref("vpc-v1.2.3"), ref("vpc-v1.10.0"), Behind},
		{ref("vpc/1.2.3"), ref("vpc/1.2.4"), Behind},
		{ref("k8s-1.25-v1.0.0"), ref("k8s-1.25-v1.0.1"), Behind},
		{ref("k8s-1.25-v1.0.0"), ref("k8s-1.26-v1.0.1"), NotComparable},
		{ref("v1.0.0"), ref("1.0.1"), NotComparable},
		{ref("v1.0.0-rc.1"), ref("v1.0.0"), NotComparable},
		{ref("v1.0.0+b"), ref("v1.0.1"), Behind},
		{ref("v1.2"), ref("v1.3"), NotComparable},
		{ref("v1.2.3.4"), ref("v1.2.3.5"), NotComparable},
		{ref("main"), ref("main"), Same},
		{ref("main"), ref("v1.0.0"), NotComparable},
		{ref("v1.0.0"), Pin{Kind: PinNone, Module: "m"}, NotComparable},
		{ref("v1.0.0"), Pin{Kind: PinRef, Module: "n", Version: "v1.0.0"}, Different},
		{ref("v1.0.0"), Pin{Kind: PinLocal, Module: "../m"}, Different},
		{Pin{Kind: PinLocal, Module: "../m"}, Pin{Kind: PinLocal, Module: "../../m"}, Same},
		{Pin{Kind: PinExact, Module: "m", Version: "v1.0.0"}, Pin{Kind: PinExact, Module: "m", Version: "1.0.1"}, Behind},
		{Pin{Kind: PinRange, Module: "m", Version: "~> 1.0"}, Pin{Kind: PinRange, Module: "m", Version: "~> 2.0"}, NotComparable},
	} {
		if got := c.a.Compare(c.b); got != c.want {
			t.Errorf("%v to %v: %s, want %s", c.a, c.b, got, c.want)
		}
	}
}

func TestNewest(t *testing.T) {
	t.Parallel()
	tags := []string{"v0.0.9", "v0.0.10", "v0.1.0-rc1", "vpc-v9.0.0", "main", "0.0.3"}
	for _, c := range []struct {
		pin      Pin
		want     string
		outdated bool
	}{
		{Pin{Kind: PinRef, Version: "v0.0.5"}, "v0.0.10", true},
		{Pin{Kind: PinRef, Version: "v0.0.10"}, "v0.0.10", false},
		{Pin{Kind: PinRef, Version: "v1.0.0"}, "v0.0.10", false},
		{Pin{Kind: PinRef, Version: "vpc-v1.0.0"}, "vpc-v9.0.0", true},
		{Pin{Kind: PinRef, Version: "other-v1.0.0"}, "", false},
		{Pin{Kind: PinRef, Version: "main"}, "v0.0.10", false},
		{Pin{Kind: PinNone}, "v0.0.10", false},
	} {
		got, ok := c.pin.Newest(tags)
		if got != c.want || ok != (c.want != "") || c.pin.Outdated(got) != c.outdated {
			t.Errorf("%v: %q, outdated %v", c.pin, got, c.pin.Outdated(got))
		}
	}
	versions := []string{"5.0.0", "4.2.1", "4.10.0", "4.11.0-beta1", "3.0.0"}
	if got := (Pin{Kind: PinRange, Version: "~> 4.0"}).Resolve(versions); got != "4.10.0" {
		t.Errorf("Resolve = %q", got)
	}
	if got := (Pin{Kind: PinRange, Version: "~> 6.0"}).Resolve(versions); got != "" {
		t.Errorf("Resolve = %q", got)
	}
}
