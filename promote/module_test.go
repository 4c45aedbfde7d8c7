package promote

import (
	"reflect"
	"testing"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	before := writeTree(t, map[string]string{
		"main.tf":     "variable \"kept\" {}\nvariable \"gone\" {}\nvariable \"eased\" {}\nvariable \"tightened\" { default = 1 }\noutput \"old\" { value = 1 }\n",
		"versions.tf": "terraform {\n  required_providers {\n    aws = { source = \"hashicorp/aws\", version = \"~> 4.0\" }\n    tls = \"~> 1.0\"\n  }\n}\n",
		"sub/main.tf": "variable \"inner\" {}\n",
	})
	after := writeTree(t, map[string]string{
		"main.tf":      "variable \"kept\" {}\nvariable \"eased\" { default = 2 }\nvariable \"tightened\" {}\nvariable \"soft\" { default = null }\n",
		"more.tf.json": `{"variable": {"hard": {}}, "output": {"new": {"value": 1}}, "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "~> 5.0"}, "dns": {"source": "hashicorp/dns"}}}}`,
		"broken.tf":    "variable {",
	})
	a, err := ReadModule(before)
	if err != nil {
		t.Fatal(err)
	}
	b, err := ReadModule(after)
	if err != nil {
		t.Fatal(err)
	}
	want := Difference{
		AddedVariables: []string{"soft"}, NewlyRequired: []string{"hard", "tightened"}, RemovedVariables: []string{"gone"}, NoLongerRequired: []string{"eased"},
		AddedOutputs: []string{"new"}, RemovedOutputs: []string{"old"}, AddedProviders: []string{"dns"}, RemovedProviders: []string{"tls"},
		ChangedProviders: []ProviderChange{{"aws", "~> 4.0", "~> 5.0"}},
	}
	if got := Compare(a, b); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, not\n%+v", got, want)
	}
	if !Compare(a, a).Empty() || Compare(a, b).Empty() {
		t.Error("Empty is wrong")
	}
}
