package config

import (
	"fmt"
	"math/big"
	"net"

	"github.com/apparentlymart/go-cidr/cidr"
	ctycidr "github.com/hashicorp/go-cty-funcs/cidr"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/gocty"
)

func stdNetworks() []funcSpec {
	return []funcSpec{
		{Name: "cidrhost", Summary: "The address of a host in a network, by its number. Negative numbers count from the end.", Example: `cidrhost("10.0.0.0/16", 5) # "10.0.0.5"`, build: pure(stdCidrHost())},
		{Name: "cidrnetmask", Summary: "The mask of an IPv4 network.", Example: `cidrnetmask("10.0.0.0/16") # "255.255.0.0"`, build: pure(ctycidr.NetmaskFunc)},
		{Name: "cidrsubnet", Summary: "A network within a network, by the bits to add to the prefix and its number.", Example: `cidrsubnet("10.0.0.0/16", 8, 1) # "10.0.1.0/24"`, build: pure(stdCidrSubnet())},
		{Name: "cidrsubnets", Summary: "Consecutive networks within a network, by the bits that each adds to the prefix.", Example: `cidrsubnets("10.0.0.0/16", 8, 4) # ["10.0.0.0/24", "10.0.16.0/20"]`, build: pure(ctycidr.SubnetsFunc)},
	}
}

// stdCidrHost takes the host number as a big integer: IPv6 networks have more
// hosts than an int can count.
func stdCidrHost() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "prefix", Type: cty.String}, {Name: "hostnum", Type: cty.Number}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			var number big.Int
			if err := gocty.FromCtyValue(args[1], &number); err != nil {
				return cty.NilVal, function.NewArgError(1, err)
			}
			network, err := parseNetwork(args[0])
			if err != nil {
				return cty.NilVal, err
			}
			ip, err := cidr.HostBig(network, &number)
			if err != nil {
				return cty.NilVal, err
			}
			return cty.StringVal(ip.String()), nil
		},
	})
}

func stdCidrSubnet() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{
			{Name: "prefix", Type: cty.String},
			{Name: "newbits", Type: cty.Number},
			{Name: "netnum", Type: cty.Number},
		},
		Type: function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			var bits int
			if err := gocty.FromCtyValue(args[1], &bits); err != nil {
				return cty.NilVal, function.NewArgError(1, err)
			}
			var number big.Int
			if err := gocty.FromCtyValue(args[2], &number); err != nil {
				return cty.NilVal, function.NewArgError(2, err)
			}
			network, err := parseNetwork(args[0])
			if err != nil {
				return cty.NilVal, err
			}
			subnet, err := cidr.SubnetBig(network, bits, &number)
			if err != nil {
				return cty.NilVal, err
			}
			return cty.StringVal(subnet.String()), nil
		},
	})
}

func parseNetwork(prefix cty.Value) (*net.IPNet, error) {
	_, network, err := net.ParseCIDR(prefix.AsString())
	if err != nil {
		return nil, function.NewArgError(0, fmt.Errorf("invalid CIDR expression: %w", err))
	}
	return network, nil
}
