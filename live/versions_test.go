package live

import "testing"

func TestVersions(t *testing.T) {
	t.Parallel()
	f := fileOf(t, `environment "dev" { path = "dev" }
environment "stage" {
  path  = "stage"
  after = ["dev"]
}
environment "prod" {
  path  = "prod"
  after = ["stage"]
}
`)
	pin := func(path, version string) UnitVersions {
		return UnitVersions{Path: path, Module: Pin{Kind: PinRef, Module: "m", Version: version}}
	}
	units := []UnitVersions{pin("dev/a", "v2.0.0"), pin("stage/a", "v1.0.0"), pin("prod/a", "v1.0.0"),
		// An environment that does not have the component, or of which nothing is known, is passed over.
		pin("dev/b", "v2.0.0"), pin("prod/b", "v1.0.0"),
		pin("dev/c", "v2.0.0"), {Path: "stage/c", Note: "unreadable"}, pin("prod/c", "v3.0.0"), pin("global/d", "v1.0.0")}
	var paths []string
	for _, u := range units {
		paths = append(paths, u.Path)
	}
	l, err := f.Assign(paths)
	if err != nil {
		t.Fatal(err)
	}
	v := l.Versions(units)
	got := ""
	for _, row := range v.Rows {
		got += row.Slot + ":"
		for _, name := range v.Environments {
			switch c := row.Cells[name]; {
			case c == nil:
				got += " -"
			default:
				got += " " + c.Note + "(" + string(c.Relation) + ")"
			}
		}
		got += "\n"
	}
	if want := "a: () (behind) (same)\nb: () - (behind)\nc: () unreadable() (ahead)\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if len(v.Outside) != 1 || v.Outside[0].Path != "global/d" || len(v.Cells()) != 9 {
		t.Errorf("outside = %v", v.Outside)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(wholeFile)
	f.Add(guardedFile)
	f.Add(`environment "a" { path = [null, "${x}", {}, upper("x")] }`)
	f.Fuzz(func(t *testing.T, src string) {
		file, err := Parse([]byte(src), FileName)
		if (file == nil) == (err == nil) {
			t.Fatalf("%v, %v", file, err)
		}
		if err == nil {
			if _, err := file.Assign([]string{"a/b", "a"}); err != nil && err.Error() == "" {
				t.Error("an error without words")
			}
		}
	})
}
