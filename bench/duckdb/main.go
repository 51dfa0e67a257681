// Command duckdb asks DuckDB what `faultline report` says first: of each host, attempts, deliveries, how many were acknowledged, and how long attempts took.
//
//	duckdb LOG
//
// It is a module of its own, as it links DuckDB, which is large; the benchmarks build it where that can be had.
package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	_ "github.com/duckdb/duckdb-go/v2"
)

const question = `
WITH attempts AS (
  SELECT delivery, attempt, outcome, host, ms.total AS total
  FROM read_json(?, format = 'newline_delimited', columns = {
    event: 'VARCHAR', delivery: 'VARCHAR', attempt: 'BIGINT', outcome: 'VARCHAR', host: 'VARCHAR', ms: 'STRUCT(total DOUBLE)'})
  WHERE event = 'attempt'
), deliveries AS (
  SELECT host, delivery, count(*) AS attempts, bool_or(outcome = 'acknowledged') AS acknowledged FROM attempts GROUP BY host, delivery
)
SELECT d.host, sum(d.attempts)::BIGINT, count(*), count(*) FILTER (WHERE d.acknowledged),
  (SELECT quantile_cont(total, 0.99) FROM attempts a WHERE a.host = d.host)
FROM deliveries d GROUP BY d.host ORDER BY d.host`

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "duckdb: %v\n", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer db.Close()
	rows, err := db.Query(question, filepath.Join(dir, "*.jsonl"))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var host string
		var attempts, deliveries, acknowledged int64
		var p99 float64
		if err := rows.Scan(&host, &attempts, &deliveries, &acknowledged, &p99); err != nil {
			return err
		}
		fmt.Printf("%s: %d attempts, %d deliveries, %d acknowledged, p99 %.1f ms\n", host, attempts, deliveries, acknowledged, p99)
	}
	return rows.Err()
}
