package remote

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"strings"
	"time"

	"github.com/lib/pq"
)

// pg keeps states in a table of a PostgreSQL database, one row a workspace.
type pg struct{ c *Connections }

func (pg) InitArgs(s Settings) (map[string]any, error) {
	return forwarded(s.Config, none, pgBoolean), nil
}

func pgBoolean(key string) bool {
	return key == "skip_schema_creation" || key == "skip_table_creation" || key == "skip_index_creation"
}

// pgTable is the table that holds a unit's states.
type pgTable struct{ schema, name string }

func pgTableOf(s Settings) pgTable {
	return pgTable{
		schema: or(s.text("schema_name", "PG_SCHEMA_NAME"), "terraform_remote_state"),
		name:   or(s.text("table_name", "PG_TABLE_NAME"), "states"),
	}
}

func (t pgTable) String() string { return "table " + t.schema + "." + t.name }
func (t pgTable) quoted() string {
	return pq.QuoteIdentifier(t.schema) + "." + pq.QuoteIdentifier(t.name)
}

// creation is the numbers of the locks under which a row is made: OpenTofu's,
// and Terraform's, which is one for all tables of a database.
func (t pgTable) creation() []int64 {
	h := fnv.New32()
	_, _ = h.Write([]byte(t.schema + "\x00" + t.name)) // never fails
	return []int64{-int64(h.Sum32()), -1}
}

// State reads the workspace's row. A table that is not there yet holds no
// state; whatever else goes wrong is left to the binary.
func (p pg) State(ctx context.Context, s Settings) (*State, error) {
	s = p.c.sharing(s)
	table := pgTableOf(s)
	where := fmt.Sprintf("%s, workspace %s", table, s.workspace())
	db, err := pgOpen(s)
	if err != nil {
		return nil, unasked(where, err)
	}
	ctx, cancel := context.WithTimeout(ctx, httpTimeout)
	defer cancel()
	var text []byte
	err = db.QueryRowContext(ctx, "SELECT data FROM "+table.quoted()+" WHERE name = $1", s.workspace()).Scan(&text)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, ctx.Err()
	case errors.Is(err, sql.ErrNoRows), pgAbsent(err):
		return nil, fmt.Errorf("%s: %w", where, ErrNoState)
	case err != nil:
		return nil, unasked(where, err)
	}
	return parsed(where, text)
}

// pgAbsent tells whether a schema or a table is not there.
func pgAbsent(err error) bool {
	var e *pq.Error
	return errors.As(err, &e) && (e.Code == "42P01" || e.Code == "3F000")
}

// Lock tells which session holds the lock. The binary writes down nothing of
// it, so who holds it is the database's user and where that comes from; there
// is no ID that could be released, and since when is when the session began.
func (p pg) Lock(ctx context.Context, s Settings) (*Lock, error) {
	s = p.c.sharing(s)
	db, err := pgOpen(s)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, httpTimeout)
	defer cancel()
	table := pgTableOf(s)
	var id int64
	err = db.QueryRowContext(ctx, "SELECT id FROM "+table.quoted()+" WHERE name = $1", s.workspace()).Scan(&id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) && !pgAbsent(err) {
		return nil, fmt.Errorf("%s: %w", table, err)
	}
	if err == nil {
		return pgHolder(ctx, db, id)
	}
	for _, number := range table.creation() {
		if l, err := pgHolder(ctx, db, number); l != nil || err != nil {
			return l, err
		}
	}
	return nil, nil
}

// pgHolder finds the session that holds an advisory lock: its number is kept
// in two halves.
func pgHolder(ctx context.Context, db *sql.DB, number int64) (*Lock, error) {
	const ask = `SELECT l.pid, coalesce(a.usename, ''), coalesce(host(a.client_addr), ''), coalesce(a.application_name, ''), a.backend_start
		FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
		AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND l.classid::bigint = $1 AND l.objid::bigint = $2 LIMIT 1`
	var session int
	var user, address, program string
	var since sql.NullTime
	err := db.QueryRowContext(ctx, ask, int64(uint32(number>>32)), int64(uint32(number))).Scan(&session, &user, &address, &program, &since)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("asking PostgreSQL for locks: %w", err)
	}
	l := &Lock{
		Who:  fmt.Sprintf("%s@%s", or(user, "unknown"), or(address, "local")),
		Info: fmt.Sprintf("PostgreSQL session %d; SELECT pg_terminate_backend(%d) ends it", session, session),
	}
	if program != "" {
		l.Info = program + ", " + l.Info
	}
	if since.Valid {
		l.Created = since.Time
	}
	return l, nil
}

// List gives the states of every schema that has a table of this name.
func (p pg) List(ctx context.Context, s Settings) ([]Location, error) {
	s = p.c.sharing(s)
	db, err := pgOpen(s)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, httpTimeout)
	defer cancel()
	name := pgTableOf(s).name
	schemas, err := pgTexts(ctx, db, `SELECT table_schema FROM information_schema.columns
		WHERE table_name = $1 AND column_name IN ('id', 'name', 'data') GROUP BY table_schema HAVING count(*) = 3 ORDER BY table_schema`, name)
	if err != nil {
		return nil, err
	}
	var found []Location
	for _, schema := range schemas {
		names, err := pgTexts(ctx, db, "SELECT name FROM "+pgTable{schema, name}.quoted()+" ORDER BY name")
		if err != nil {
			return nil, fmt.Errorf("%s: %w", pgTable{schema, name}, err)
		}
		for _, workspace := range names {
			found = append(found, Location{Key: schema, Workspace: strings.TrimPrefix(workspace, "default")})
		}
	}
	return found, nil
}

func pgTexts(ctx context.Context, db *sql.DB, query string, args ...any) ([]string, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err tells
	var texts []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, rows.Err()
}

// pgOpen gives the connections to the database, shared by all units that name
// it in the same words with the same environment.
func pgOpen(s Settings) (*sql.DB, error) {
	dsn, err := pgDSN(s)
	if err != nil {
		return nil, err
	}
	return sharedClient(s, []string{dsn}, func(http.RoundTripper) (*sql.DB, error) {
		connector, err := pq.NewConnector(dsn)
		if err != nil {
			return nil, errors.New("conn_str cannot be understood")
		}
		db := sql.OpenDB(connector)
		db.SetMaxOpenConns(8)
		db.SetConnMaxIdleTime(30 * time.Second)
		return db, nil
	})
}

// pgVariables are the settings of a connection that the environment may hold.
func pgVariables() [][2]string {
	return [][2]string{
		{"PGHOST", "host"}, {"PGHOSTADDR", "hostaddr"}, {"PGPORT", "port"}, {"PGDATABASE", "dbname"}, {"PGUSER", "user"},
		{"PGPASSWORD", "password"}, {"PGPASSFILE", "passfile"}, {"PGSERVICE", "service"}, {"PGOPTIONS", "options"},
		{"PGSSLMODE", "sslmode"}, {"PGSSLCERT", "sslcert"}, {"PGSSLKEY", "sslkey"}, {"PGSSLROOTCERT", "sslrootcert"},
		{"PGSSLSNI", "sslsni"}, {"PGCONNECT_TIMEOUT", "connect_timeout"}, {"PGTARGETSESSIONATTRS", "target_session_attrs"},
	}
}

// pgDSN is the connection's description. The library reads variables of our
// own process; those of the unit are put in front of what the settings say.
func pgDSN(s Settings) (string, error) {
	dsn := s.text("conn_str", "PG_CONN_STR")
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		var err error
		//lint:ignore SA1019 only so can anything be put in front of an address
		if dsn, err = pq.ParseURL(dsn); err != nil {
			return "", errors.New("conn_str cannot be understood")
		}
	}
	quote := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	var parts []string
	for _, v := range pgVariables() {
		if value := s.variable(v[0]); value != "" {
			parts = append(parts, v[1]+"='"+quote.Replace(value)+"'")
		}
	}
	return strings.Join(append(parts, dsn), " "), nil
}
