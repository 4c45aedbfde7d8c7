package config

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// hugeNumbers complains of numbers such as 1e999999999: written out with all
// their digits, as strings and JSON are, they would fill the memory.
func hugeNumbers(src []byte, path string) hcl.Diagnostics {
	if !mayBeHuge(src) {
		return nil
	}
	tokens, _ := hclsyntax.LexConfig(src, path, hcl.InitialPos)
	for _, t := range tokens {
		if t.Type == hclsyntax.TokenNumberLit && isHuge(string(t.Bytes)) {
			return hugeNumber(t.Range)
		}
	}
	return nil
}

// hugeJSONNumbers is hugeNumbers for valid JSON.
func hugeJSONNumbers(src []byte, path string) hcl.Diagnostics {
	if !mayBeHuge(src) {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	for {
		t, err := d.Token()
		if err != nil {
			return nil
		}
		if n, ok := t.(json.Number); ok && isHuge(n.String()) {
			end := int(d.InputOffset())
			return hugeNumber(hcl.Range{Filename: path, Start: position(src, end-len(n)), End: position(src, end)})
		}
	}
}

func hugeNumber(at hcl.Range) hcl.Diagnostics {
	return hcl.Diagnostics{{
		Severity: hcl.DiagError, Summary: "Number out of range", Subject: at.Ptr(),
		Detail: "The exponent of a number may have four digits.",
	}}
}

// isHuge says that a number's exponent has more than four digits.
func isHuge(number string) bool {
	_, exponent, _ := strings.Cut(strings.ToLower(number), "e")
	return len(strings.TrimLeft(exponent, "+-0")) > 4
}

// mayBeHuge says whether a text holds an e with many digits behind it.
func mayBeHuge(src []byte) bool {
	for i, c := range src {
		if c != 'e' && c != 'E' {
			continue
		}
		digits := bytes.TrimLeft(src[i+1:], "+-0")
		n := 0
		for n < len(digits) && digits[n] >= '0' && digits[n] <= '9' {
			n++
		}
		if n > 4 {
			return true
		}
	}
	return false
}
