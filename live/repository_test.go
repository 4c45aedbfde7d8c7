package live

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func fileOf(t *testing.T, src string) *File {
	t.Helper()
	f, err := Parse([]byte(src), FileName)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestPlace(t *testing.T) {
	t.Parallel()
	plain := `environment "dev" { path = "dev" }
environment "prod" { path = "prod" }`
	regions := `environment "dev" { path = ["eu/dev", "us/dev"] }
environment "prod" { path = "*/prod" }`
	deep := `environment "dev" { path = "live/**/dev" }
environment "prod" { path = ["live/prod", "live/eu/prod"] }`
	for _, c := range []struct{ src, unit, want string }{
		{plain, "dev/us-east-1/vpc", "dev|dev|us-east-1/vpc"},
		{plain, "prod/us-east-1/vpc", "prod|prod|us-east-1/vpc"},
		{plain, "dev", "dev|dev|."},
		{plain, "devel/vpc", "||"},
		{plain, "global/dev/vpc", "||"},
		{regions, "eu/dev/vpc", "dev|eu/dev|eu/vpc"},
		{regions, "eu/prod/vpc", "prod|eu/prod|eu/vpc"},
		{regions, "us/prod/x/y", "prod|us/prod|us/x/y"},
		{regions, "eu/global/dns", "||"},
		{deep, "live/a/b/dev/vpc", "dev|live/a/b/dev|a/b/vpc"},
		{deep, "live/dev/vpc", "dev|live/dev|vpc"},
		{deep, "live/dev/x/dev/vpc", "dev|live/dev|x/dev/vpc"},
		{deep, "live/prod/vpc", "prod|live/prod|vpc"},
		{deep, "live/eu/prod/vpc", "prod|live/eu/prod|eu/vpc"},
	} {
		p, err := fileOf(t, c.src).Place(c.unit)
		if got := p.Environment + "|" + p.Folder + "|" + p.Slot; err != nil || got != c.want {
			t.Errorf("%s: %s, %v, want %s", c.unit, got, err, c.want)
		}
	}
}

func TestOverlap(t *testing.T) {
	t.Parallel()
	f := fileOf(t, "environment \"a\" { path = \"x\" }\nenvironment \"b\" { path = \"*/y\" }\n")
	l, err := f.Assign([]string{"x/y/vpc", "x/z"})
	var overlap *OverlapError
	if !errors.As(err, &overlap) || !strings.Contains(err.Error(), "x/y/vpc: the unit is in several environments: a (x; terrace.hcl:1) and b (*/y; terrace.hcl:2)") {
		t.Errorf("err = %v", err)
	}
	if len(l.Places) != 1 {
		t.Errorf("places = %v", l.Places)
	}
}

func TestAssign(t *testing.T) {
	t.Parallel()
	f := fileOf(t, "environment \"dev\" { path = \"eu/dev\" }\nenvironment \"prod\" { path = \"eu/prod\" }\n")
	l, err := f.Assign([]string{"eu/dev/vpc", "eu/dev/db", "eu/global/dns", "mgmt/a/x", "mgmt/b", "eu/prod/vpc", "eu/dev/vpc", "."})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(l.Outside); got != "[{. [.]} {eu/global [eu/global/dns]} {mgmt [mgmt/a/x mgmt/b]}]" {
		t.Errorf("outside = %s", got)
	}
	var dev []string
	for _, p := range l.In("dev") {
		dev = append(dev, p.Slot)
	}
	if !slices.Equal(dev, []string{"db", "vpc"}) {
		t.Errorf("dev = %q", dev)
	}
	if p, ok := l.At("prod", "vpc"); !ok || p.Path != "eu/prod/vpc" {
		t.Errorf("At = %v, %v", p, ok)
	}
	if p, ok := l.Of("eu/global/dns"); !ok || p.Environment != "" {
		t.Errorf("Of = %v, %v", p, ok)
	}
	if _, ok := l.Of("eu/none"); ok {
		t.Error("Of finds what is not there")
	}
}
