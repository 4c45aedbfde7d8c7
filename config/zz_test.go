package config
import ("testing";"time")
func TestZZ(t *testing.T) {
	for _, s := range []string{"inputs = { a = 1e99999999 }\n", "inputs = { a = \"${1e9999999}\" }\n", "inputs = { a = [for x in 1e99999999 : x] }", "prevent_destroy = 1e9999999"} {
		s0 := time.Now()
		files := map[string]string{"app/terragrunt.hcl": s}
		root := tree(t, files)
		u, _ := NewLoader(&fakeHost{root: root}, Options{}).Unit(t.Context(), root+"/app")
		_, err := u.Config(t.Context())
		t.Log(len(s), err != nil, time.Since(s0))
		if err == nil { r, err := u.Render(t.Context()); if err == nil { b, err := r.JSON(false); t.Log(len(b), err, time.Since(s0)); t.Log(len(r.HCL()), time.Since(s0)) } }
	}
}
