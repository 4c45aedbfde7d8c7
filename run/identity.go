package run

import (
	"context"
	"sync"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/run/awsauth"
)

// Identity says who AWS takes an environment's credentials for.
func (r *Runner) Identity(ctx context.Context, env config.Env) (config.Identity, error) {
	id, err := r.identities.get(awsauth.Env(env), func(env awsauth.Env) (awsauth.Identity, error) { return awsauth.WhoAmI(ctx, env) })
	return config.Identity{Account: id.Account, ARN: id.ARN, UserID: id.UserID}, err
}

// AccountAlias gives the name of the account that they belong to.
func (r *Runner) AccountAlias(ctx context.Context, env config.Env) (string, error) {
	return r.aliases.get(awsauth.Env(env), func(env awsauth.Env) (string, error) { return awsauth.Alias(ctx, env) })
}

// cloudAnswers keeps what the cloud has said of credentials.
//
// Key: the credentials. Lifetime: that of the Runner. Stale: never, since
// credentials do not change hands. A failure is not kept.
type cloudAnswers[T any] struct{ entries sync.Map }

type cloudAnswer[T any] struct {
	mu    sync.Mutex // held while asking, so that units that start together ask once
	ready bool
	value T
}

func (c *cloudAnswers[T]) get(env awsauth.Env, ask func(awsauth.Env) (T, error)) (T, error) {
	e, _ := c.entries.LoadOrStore(env.Key(), &cloudAnswer[T]{})
	entry := e.(*cloudAnswer[T])
	entry.mu.Lock()
	defer entry.mu.Unlock()
	if entry.ready {
		return entry.value, nil
	}
	value, err := ask(env)
	if err == nil {
		entry.value, entry.ready = value, true
	}
	return value, err
}
