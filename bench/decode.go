package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// decode reads a log as one would at first: each line by encoding/json into what is wanted of it, counted by delivery.
func decode(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil {
		return err
	}
	acknowledged := map[string]bool{} // by delivery
	attempts := 0
	for _, name := range files {
		if err := decodeFile(name, func(delivery, outcome string) {
			attempts++
			acknowledged[delivery] = acknowledged[delivery] || outcome == "acknowledged"
		}); err != nil {
			return err
		}
	}
	good := 0
	for _, yes := range acknowledged {
		if yes {
			good++
		}
	}
	fmt.Printf("%d attempts, %d deliveries, %d acknowledged\n", attempts, len(acknowledged), good)
	return nil
}

func decodeFile(name string, attempt func(delivery, outcome string)) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 64<<10), 16<<20)
	for lines.Scan() {
		var line struct {
			Event    string `json:"event"`
			Delivery string `json:"delivery"`
			Attempt  int    `json:"attempt"`
			Outcome  string `json:"outcome"`
			Host     string `json:"host"`
			MS       struct {
				Total float64 `json:"total"`
			} `json:"ms"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return fmt.Errorf("decode a line of %q: %w", name, err)
		}
		if line.Event == "attempt" {
			attempt(line.Delivery, line.Outcome)
		}
	}
	return lines.Err()
}
