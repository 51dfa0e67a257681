package harness

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Celery is the app of testdata/tasks.py with a Redis of its own: a queue, what is needed to start a worker for it, and the journal
// in which its tasks note what they saw.
type Celery struct {
	broker  string
	journal string
}

// Note is a line of the journal. What is "attempt" (one HTTP request of a task, and what it came to), "other" (a request that is no
// webhook), "stuck" (the process Pid will do nothing more) or "end" (the task is over: State is "success" or "failure").
type Note struct {
	What   string
	Task   string
	Event  string
	URL    string
	Try    int
	Pid    int
	Start  float64 // seconds since 1970
	Status int     // 0: no answer
	Error  string  // class of the exception, "" when there was an answer
	State  string
}

// NewCelery starts the Redis.
func NewCelery(t testing.TB) Celery {
	t.Helper()
	return Celery{broker: StartRedis(t), journal: filepath.Join(t.TempDir(), "journal.jsonl")}
}

// Worker is the command of a prefork worker with two processes.
func (c Celery) Worker() []string {
	return []string{python, "-m", "celery", "-A", "tasks", "worker", "-P", "prefork", "-c", "2",
		"--without-gossip", "--without-mingle", "--loglevel", "INFO"}
}

// WorkerReady is what a worker writes once it takes tasks.
const WorkerReady = " ready."

// Env is the environment that a worker, and whoever enqueues, must have.
func (c Celery) Env(t testing.TB) []string {
	t.Helper()
	tasks, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	return []string{"PYTHONPATH=" + tasks, "PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1",
		"E2E_BROKER=" + c.broker, "E2E_JOURNAL=" + c.journal}
}

// Start starts a worker with further variables, and waits until it is ready.
func (c Celery) Start(t testing.TB, env ...string) *Process {
	t.Helper()
	command := c.Worker()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(append(os.Environ(), c.Env(t)...), env...)
	worker := Run(t, "celery", cmd)
	worker.WaitFor(t, WorkerReady)
	return worker
}

// Job is a task to be enqueued.
type Job struct {
	Task  string `json:"task"`
	URL   string `json:"url"`
	Event string `json:"event"`
}

// Enqueue puts the jobs into the queue, in their order.
func (c Celery) Enqueue(t testing.TB, jobs []Job) {
	t.Helper()
	text, err := json.Marshal(jobs)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, filepath.Join("testdata", "enqueue.py"))
	cmd.Env = append(os.Environ(), c.Env(t)...)
	cmd.Stdin = strings.NewReader(string(text))
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("enqueueing: %v\n%s", err, text)
	}
}

// WaitForEnds waits until n tasks are over, retries included, and returns the whole journal.
func (c Celery) WaitForEnds(t testing.TB, n int) []Note {
	t.Helper()
	var notes []Note
	Until(t, "the tasks to end", 2*Patience, func() bool {
		notes = c.notes(t)
		ends := 0
		for _, note := range notes {
			if note.What == "end" {
				ends++
			}
		}
		return ends >= n
	})
	return notes
}

// WaitForStuck waits until a task is stuck, and returns its note.
func (c Celery) WaitForStuck(t testing.TB) (stuck Note) {
	t.Helper()
	Until(t, "a task to be stuck", 2*Patience, func() bool {
		for _, note := range c.notes(t) {
			if note.What == "stuck" {
				stuck = note
			}
		}
		return stuck.Pid != 0
	})
	return stuck
}

func (c Celery) notes(t testing.TB) []Note {
	t.Helper()
	text, err := os.ReadFile(c.journal)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var notes []Note
	for line := range strings.Lines(string(text)) {
		var note Note
		if err := json.Unmarshal([]byte(line), &note); err != nil {
			t.Fatalf("a line of the tasks' journal does not parse: %v\n%s", err, line)
		}
		notes = append(notes, note)
	}
	return notes
}
