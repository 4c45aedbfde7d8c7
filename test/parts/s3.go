package parts

// Keys of the servers that speak S3. They open nothing outside this machine.
const (
	AccessKey = "terraceadmin"
	SecretKey = "terrace-secret"
	Region    = "us-east-1"
)

// awsEnv points clients at servers of S3 and STS and keeps them from asking
// the machine for credentials.
func awsEnv(s3, sts string) map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL_S3": s3, "AWS_ENDPOINT_URL_STS": sts, "AWS_REGION": Region,
		"AWS_ACCESS_KEY_ID": AccessKey, "AWS_SECRET_ACCESS_KEY": SecretKey, "AWS_EC2_METADATA_DISABLED": "true",
	}
}

// startMinIO starts MinIO with a key of its own for encryption, so that
// AES256 and aws:kms with the key "k1" work.
func startMinIO(b *box) (*Server, error) {
	data, err := b.mkdir("data")
	if err != nil {
		return nil, err
	}
	env := map[string]string{
		"MINIO_ROOT_USER": AccessKey, "MINIO_ROOT_PASSWORD": SecretKey, "MINIO_UPDATE": "off", "MINIO_BROWSER": "off",
		"MINIO_KMS_SECRET_KEY": "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
	}
	addr, err := attempts(func(port string) error {
		p, err := b.run(list(env), "minio", "server", "--quiet", "--address", "127.0.0.1:"+port, data)
		if err != nil {
			return err
		}
		return p.until(answers("http://127.0.0.1:" + port + "/minio/health/cluster"))
	})
	return &Server{Addr: addr, URL: "http://" + addr, Env: awsEnv("http://"+addr, "http://"+addr)}, err
}

// startVersitygw starts its IAM server, which also answers as STS, and the
// gateway beside it.
func startVersitygw(b *box) (*Server, error) {
	dirs := map[string]string{}
	for _, name := range []string{"iam", "data", "versions"} {
		dir, err := b.mkdir(name)
		if err != nil {
			return nil, err
		}
		dirs[name] = dir
	}
	serve := func(port string, args ...string) error {
		p, err := b.run(nil, "versitygw", append([]string{"-q", "-p", "127.0.0.1:" + port, "-a", AccessKey, "-s", SecretKey, "--health", "/healthz"}, args...)...)
		if err != nil {
			return err
		}
		return p.until(answers("http://127.0.0.1:" + port + "/healthz"))
	}
	socket := b.path("iam.sock")
	iam, err := attempts(func(port string) error { return serve(port, "iam", "--dir", dirs["iam"], "--private-ports", socket) })
	if err != nil {
		return nil, err
	}
	gateway, err := attempts(func(port string) error {
		return serve(port, "--iam-standalone-endpoint", socket, "posix", "--versioning-dir", dirs["versions"], dirs["data"])
	})
	env := awsEnv("http://"+gateway, "http://"+iam)
	env["AWS_ENDPOINT_URL_IAM"] = "http://" + iam
	return &Server{Addr: gateway, URL: "http://" + gateway, Env: env}, err
}

// startDynalite starts a server of DynamoDB tables, which keeps them in memory.
func startDynalite(b *box) (*Server, error) {
	addr, err := attempts(func(port string) error {
		p, err := b.run([]string{"PATH=" + dirsOnPath()}, "dynalite", "--host", "127.0.0.1", "--port", port, "--createTableMs", "20", "--deleteTableMs", "20", "--updateTableMs", "20")
		if err != nil {
			return err
		}
		return p.until(answers("http://127.0.0.1:" + port + "/"))
	})
	return &Server{Addr: addr, URL: "http://" + addr, Env: map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": "http://" + addr}}, err
}

// startFakeGCS starts a server of Cloud Storage, which keeps buckets in memory.
func startFakeGCS(b *box) (*Server, error) {
	addr, err := attempts(func(port string) error {
		at := "127.0.0.1:" + port
		p, err := b.run(nil, "fake-gcs-server", "-scheme", "http", "-host", "127.0.0.1", "-port", port,
			"-public-host", at, "-external-url", "http://"+at, "-backend", "memory")
		if err != nil {
			return err
		}
		return p.until(answers("http://" + at + "/storage/v1/b?project=p"))
	})
	return &Server{Addr: addr, URL: "http://" + addr, Env: map[string]string{
		"STORAGE_EMULATOR_HOST": addr, "GOOGLE_OAUTH_ACCESS_TOKEN": "dummy",
	}}, err
}
