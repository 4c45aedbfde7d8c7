package sops

import "errors"

var errParts = errors.New("the parts of the data key do not fit together")

// combine recovers a data key from parts of it. Each byte of the key is the
// value at 0 of a polynomial over GF(2^8); a part holds its values at one place,
// which is the part's last byte.
func combine(parts [][]byte) ([]byte, error) {
	size := len(parts[0]) - 1
	seen := map[byte]bool{}
	for _, p := range parts {
		if len(p) != size+1 || size < 1 || seen[p[size]] {
			return nil, errParts
		}
		seen[p[size]] = true
	}
	key := make([]byte, size)
	for i, part := range parts {
		weight := byte(1) // of this part at 0, after Lagrange
		for j, other := range parts {
			if i != j {
				weight = multiply(weight, multiply(other[size], invert(other[size]^part[size])))
			}
		}
		for n := range key {
			key[n] ^= multiply(part[n], weight)
		}
	}
	return key, nil
}

// multiply in the field of AES.
func multiply(a, b byte) byte {
	var product byte
	for ; b > 0; b >>= 1 {
		if b&1 == 1 {
			product ^= a
		}
		carry := a & 0x80
		a <<= 1
		if carry != 0 {
			a ^= 0x1b
		}
	}
	return product
}

// invert gives a^254, which is 1/a.
func invert(a byte) byte {
	result := byte(1)
	for range 254 {
		result = multiply(result, a)
	}
	return result
}
