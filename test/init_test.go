package test

import (
	"cmp"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What the package initialisers of everything that is linked may cost: they run at every
// start, used or not. Allocations and bytes hardly vary from run to run and from machine to
// machine, so their bounds are near what was measured. The bound on time is wide, because a
// busy machine is slow; it catches what allocates little and takes long. Measured: 19,500
// allocations and 3.2 MB. The library of sops with the clients of all key services has half of
// both, the clients for AWS identity, roles and keys most of the rest. With them a start takes
// 0.40 of `terraform version`, of the 0.5 that are allowed; without sops it would be 0.23.
const (
	maxInitAllocs = 24000
	maxInitBytes  = 4 << 20
	maxInitTime   = 25 * time.Millisecond
)

// heavy lists libraries that cost milliseconds at every start, or megabytes, and stay out.
// An entry of allowedHeavy takes one in, with the packages below it and the reason.
var (
	heavy = []string{
		"cloud.google.com/go",
		"github.com/Azure/",
		"github.com/aws/",
		"github.com/envoyproxy/", // a tenth of `terraform version`; it goes with buildTags
		"github.com/getsops/",
		"github.com/hashicorp/go-getter$",
		"github.com/hashicorp/terraform",
		"github.com/opentofu/",
		"google.golang.org/api",
		"google.golang.org/grpc",
		"k8s.io/",
	}
	allowedHeavy = map[string]string{
		// Roles, who we are: 1.5 ms, 7,800 allocations and 1 MB at every start.
		"github.com/aws/aws-sdk-go-v2/aws":              "credentials of the unit",
		"github.com/aws/aws-sdk-go-v2/config":           "credentials of the unit",
		"github.com/aws/aws-sdk-go-v2/credentials":      "credentials of the unit",
		"github.com/aws/aws-sdk-go-v2/feature/ec2/imds": "credentials of the machine",
		"github.com/aws/aws-sdk-go-v2/internal":         "part of the others",
		"github.com/aws/aws-sdk-go-v2/service/iam":      "get_aws_account_alias",
		"github.com/aws/aws-sdk-go-v2/service/internal": "part of the others",
		"github.com/aws/aws-sdk-go-v2/service/kms":      "sops_decrypt_file",
		// States: 0.1 ms, 720 allocations and 90 KB. The client of DynamoDB, for lock tables,
		// would be 0.8 ms, 3,900 allocations and 670 KB more: remote/dynamo.go does without.
		"github.com/aws/aws-sdk-go-v2/service/s3":      "states in buckets",
		"github.com/aws/aws-sdk-go-v2/service/signin":  "profiles that were logged in to",
		"github.com/aws/aws-sdk-go-v2/service/sso":     "profiles that were logged in to",
		"github.com/aws/aws-sdk-go-v2/service/ssooidc": "profiles that were logged in to",
		"github.com/aws/aws-sdk-go-v2/service/sts":     "iam_role, get_aws_account_id",
		"github.com/aws/smithy-go":                     "part of the others",

		// States on Azure and in Cloud Storage, read without starting the binary: 0.2 ms, 320
		// allocations and 120 KB, those of PostgreSQL's driver and of Google's tokens
		// included. Cloud Storage itself is spoken to over REST.
		"cloud.google.com/go/compute/metadata":                 "credentials of the machine",
		"github.com/Azure/azure-sdk-for-go/sdk/azcore":         "part of the others",
		"github.com/Azure/azure-sdk-for-go/sdk/azidentity":     "credentials of the unit",
		"github.com/Azure/azure-sdk-for-go/sdk/internal":       "part of the others",
		"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob": "states of azurerm",

		// sops_decrypt_file: the library of sops links the clients of all key services, and those
		// of the stores that it can publish to. Any of its packages brings them all.
		"github.com/getsops/sops/v3":              "sops_decrypt_file",
		"github.com/getsops/gopgagent":            "part of sops",
		"github.com/Azure/azure-sdk-for-go/sdk":   "part of sops",
		"github.com/aws/aws-sdk-go-v2/feature/s3": "part of sops",
		"cloud.google.com/go/auth":                "part of sops",
		"cloud.google.com/go/iam":                 "part of sops",
		"cloud.google.com/go/internal":            "part of sops",
		"cloud.google.com/go/kms":                 "part of sops",
		"cloud.google.com/go/longrunning":         "part of sops",
		"cloud.google.com/go/monitoring":          "part of sops",
		"cloud.google.com/go/storage":             "part of sops",
		"google.golang.org/api":                   "part of sops",
		"google.golang.org/grpc":                  "part of sops",
	}
)

func TestInitCost(t *testing.T) {
	t.Parallel()
	bin := terraceBin(t)
	if os.Getenv("GOCOVERDIR") != "" || os.Getenv("TERRACE_BUILD_FLAGS") != "" {
		t.Skip("the binary was built with extras that cost time at the start")
	}
	var best initCost
	for range 20 {
		got := traceInit(t, bin)
		if best.clock == 0 || got.clock < best.clock {
			best = got
		}
		if best.clock <= maxInitTime {
			break
		}
	}
	t.Logf("initialisers: %v, %d allocations, %d bytes", best.clock, best.allocs, best.bytes)
	if best.clock > maxInitTime || best.allocs > maxInitAllocs || best.bytes > maxInitBytes {
		t.Errorf("initialisers cost %v, %d allocations and %d bytes; the bounds are %v, %d and %d.\nThe dearest:\n%s",
			best.clock, best.allocs, best.bytes, maxInitTime, maxInitAllocs, maxInitBytes, strings.Join(best.dearest, "\n"))
	}
}

func TestNoHeavyPackages(t *testing.T) {
	t.Parallel()
	if err := noteSources(moduleRoot()); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "list", "-tags", buildTags, "-deps", ".")
	cmd.Dir = moduleRoot()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for _, path := range heavyOnes(strings.Fields(string(out))) {
		t.Errorf("%s is linked: it makes every start slower; say why in allowedHeavy, or do without", path)
	}
}

// heavyOnes returns the packages that are on the list and not allowed. An entry ending in $
// names a single module without its later major versions.
func heavyOnes(paths []string) []string {
	var found []string
	for _, path := range paths {
		for _, prefix := range heavy {
			module, exact := strings.CutSuffix(prefix, "$")
			hit := strings.HasPrefix(path, prefix)
			if exact {
				hit = path == module || strings.HasPrefix(path, module+"/") && !strings.HasPrefix(path, module+"/v2")
			}
			if hit && !allowed(path) {
				found = append(found, path)
			}
		}
	}
	return found
}

// allowed says whether a package or one above it was taken in.
func allowed(pkg string) bool {
	for ; pkg != "." && pkg != "/"; pkg = path.Dir(pkg) {
		if allowedHeavy[pkg] != "" {
			return true
		}
	}
	return false
}

func TestHeavyOnes(t *testing.T) {
	t.Parallel()
	got := heavyOnes([]string{
		"fmt", "github.com/hashicorp/go-getter/v2", "github.com/hashicorp/go-getter",
		"github.com/hashicorp/go-getter/helper/url", "github.com/hashicorp/hcl/v2", "github.com/aws/aws-sdk-go-v2/service/ec2",
		"github.com/aws/aws-sdk-go-v2/service/sts/types", "github.com/aws/aws-sdk-go-v2/service/stsx",
	})
	want := []string{"github.com/hashicorp/go-getter", "github.com/hashicorp/go-getter/helper/url",
		"github.com/aws/aws-sdk-go-v2/service/ec2", "github.com/aws/aws-sdk-go-v2/service/stsx"}
	if !slices.Equal(got, want) {
		t.Errorf("heavyOnes = %q, want %q", got, want)
	}
}

// initCost is the sum over all package initialisers of one start.
type initCost struct {
	clock         time.Duration
	bytes, allocs int
	dearest       []string // the slowest lines of the trace
}

var initLine = regexp.MustCompile(`^init (\S+) @\S+ ms, (\S+) ms clock, (\d+) bytes, (\d+) allocs`)

func traceInit(t *testing.T, bin string) initCost {
	cmd := exec.Command(bin, "--version")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s --version: %v\n%s", bin, err, stderr.String())
	}
	cost := sumInits(stderr.String())
	if cost.allocs == 0 {
		t.Fatalf("no trace of initialisers in:\n%s", stderr.String())
	}
	return cost
}

func sumInits(trace string) initCost {
	var cost initCost
	type line struct {
		ms   float64
		text string
	}
	var lines []line
	for text := range strings.Lines(trace) {
		m := initLine.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		ms, _ := strconv.ParseFloat(m[2], 64)
		bytes, _ := strconv.Atoi(m[3])
		allocs, _ := strconv.Atoi(m[4])
		cost.clock += time.Duration(ms * float64(time.Millisecond))
		cost.bytes += bytes
		cost.allocs += allocs
		lines = append(lines, line{ms, strings.TrimSpace(text)})
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(b.ms, a.ms) })
	for _, l := range lines[:min(5, len(lines))] {
		cost.dearest = append(cost.dearest, l.text)
	}
	return cost
}

func TestSumInits(t *testing.T) {
	t.Parallel()
	got := sumInits("init runtime @0.05 ms, 0.021 ms clock, 100 bytes, 2 allocs\nsomething else\n" +
		"init example.com/x @1.2 ms, 1.5 ms clock, 1024 bytes, 30 allocs\n")
	if got.clock != 1521*time.Microsecond || got.bytes != 1124 || got.allocs != 32 {
		t.Errorf("sumInits = %+v", got)
	}
	if len(got.dearest) != 2 || !strings.Contains(got.dearest[0], "example.com/x") {
		t.Errorf("dearest = %q", got.dearest)
	}
}
