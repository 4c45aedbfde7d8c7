package remote

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/terrace-iac/terrace/test/parts"
)

// pgTables makes a schema with a table as the binary does.
func pgTables(t *testing.T, db *sql.DB, schema string) {
	t.Helper()
	for _, query := range []string{
		"CREATE SCHEMA " + schema, "CREATE SEQUENCE IF NOT EXISTS public.global_states_id_seq AS bigint",
		"CREATE TABLE " + schema + ".states (id bigint NOT NULL DEFAULT nextval('public.global_states_id_seq') PRIMARY KEY, name text UNIQUE, data text)",
	} {
		if _, err := db.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
}

func TestE2EPG(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := with(parts.Use(t, parts.Postgres), "pg", map[string]any{"schema_name": "vpc"})
	db, err := pgOpen(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := (pg{}).State(ctx, s); !errors.Is(err, ErrNoState) {
		t.Errorf("no schema: got %v", err)
	}
	if l, err := LockOf(ctx, s); l != nil || err != nil {
		t.Errorf("no schema: got %+v %v", l, err)
	}
	pgTables(t, db, "vpc")
	pgTables(t, db, "app")
	keepsStates(t, s, func(s Settings, text string) {
		t.Helper()
		if _, err := db.Exec("INSERT INTO vpc.states (name, data) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET data = $2", s.workspace(), text); err != nil {
			t.Fatal(err)
		}
	})
	if found, err := (pg{}).List(ctx, s); err != nil || spellsOut(found) != "vpc[] vpc[dev]" {
		t.Errorf("list: got %v %v", found, err)
	}
	if again, err := pgOpen(s); err != nil || again != db {
		t.Errorf("the connections are not shared: %v", err)
	}
}

// PostgreSQL tells which session holds an advisory lock, of a state that is
// there and of one that is being made.
func TestE2EPGLock(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	server := parts.Use(t, parts.Postgres)
	s := with(server, "pg", map[string]any{"schema_name": "vpc", "conn_str": server.URL + "&application_name=holder"})
	db, err := pgOpen(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	holder, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	held := func(query string, args ...any) {
		t.Helper()
		if _, err := holder.ExecContext(ctx, "SELECT pg_advisory_lock("+query+")", args...); err != nil {
			t.Fatal(err)
		}
		l, err := LockOf(ctx, s)
		if err != nil || l == nil || l.Who != "postgres@127.0.0.1" || l.ID != "" || time.Since(l.Created) > time.Hour || !strings.HasPrefix(l.Info, "holder, PostgreSQL session ") {
			t.Errorf("%s: got %+v %v", query, l, err)
		}
		if _, err := holder.ExecContext(ctx, "SELECT pg_advisory_unlock_all()"); err != nil {
			t.Fatal(err)
		}
		if l, err := LockOf(ctx, s); l != nil || err != nil {
			t.Errorf("%s, released: got %+v %v", query, l, err)
		}
	}
	for _, number := range pgTableOf(s).creation() {
		held("$1", number)
	}
	pgTables(t, db, "vpc")
	if _, err := db.Exec("INSERT INTO vpc.states (name, data) VALUES ('default', $1)", storedState); err != nil {
		t.Fatal(err)
	}
	held("(SELECT id FROM vpc.states)")
}

// The unit's own variables count, before those of our process, and after what
// the settings say.
func TestPGDSN(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		conn string
		env  []string
		want string
	}{
		{"", []string{"PG_CONN_STR=host=h", "PGPASSWORD=it's"}, `password='it\'s' host=h`},
		{"user=u", []string{"PG_CONN_STR=host=h", "PGHOST=g"}, "host='g' user=u"},
		{"postgres://u@h:1/d", []string{"PGUSER=v", "PGSSLMODE=disable"}, "user='v' sslmode='disable' dbname='d' host='h' port='1' user='u'"},
	} {
		got, err := pgDSN(Settings{Config: map[string]any{"conn_str": tt.conn}, Env: tt.env})
		if err != nil || got != tt.want {
			t.Errorf("%s: got %s %v, want %s", tt.conn, got, err, tt.want)
		}
	}
	s := Settings{Backend: "pg", Config: map[string]any{"conn_str": "postgres://u:secret@127.0.0.1:1/d?sslmode=disable"}}
	if _, err := (pg{}).State(context.Background(), s); !errors.Is(err, ErrUnreadable) || strings.Contains(err.Error(), "secret") {
		t.Errorf("nobody there: got %v", err)
	}
	s.Config["conn_str"] = "postgres://u:secret@%zz/"
	if _, err := (pg{}).State(context.Background(), s); !errors.Is(err, ErrUnreadable) || strings.Contains(err.Error(), "secret") {
		t.Errorf("broken: got %v", err)
	}
}
