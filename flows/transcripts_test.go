package flows_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"souk/bot/sms"
	"souk/flows"
	"souk/flows/flowstest"
	"souk/internal/postgres/pgtest"
	"souk/orders"
)

var update = flag.Bool("update", false, "write the < lines of the transcripts, and README.md, anew")

// Every conversation, as anyone can read it. The rows of the flows that no transcript walks are named at the end.
func TestTranscripts(t *testing.T) {
	var mu sync.Mutex
	walked := map[string]bool{}
	t.Run("all", func(t *testing.T) {
		for _, f := range flowstest.Read(t, "testdata") {
			t.Run(f.Name, func(t *testing.T) {
				t.Parallel()
				stage := flowstest.NewStage(t, pgtest.New(t), asSMS)
				stage.Driver = flowstest.NewDirect(t, stage, func(row string) {
					mu.Lock()
					defer mu.Unlock()
					walked[row] = true
				})
				flowstest.Run(t, f, stage, *update)
			})
		}
	})
	if testing.Short() || t.Failed() || filtered() {
		return
	}
	for _, row := range flows.Rows(flows.Souk(&orders.Shop{})) {
		if !walked[row] {
			t.Errorf("no transcript walks %s", row)
		}
	}
}

// asSMS is a reply as the SMS channel says it.
func asSMS(r flows.Reply) string {
	text, _ := sms.DefaultBudget().Page(r, r.Offset)
	return text
}

// filtered tells that only some transcripts were asked for.
func filtered() bool {
	run := flag.Lookup("test.run")
	return run != nil && strings.Contains(run.Value.String(), "/")
}

// The diagrams in README.md are generated; they are never stale.
func TestDiagramsAreNotStale(t *testing.T) {
	t.Parallel()
	want, err := flows.Describe(flows.Souk(&orders.Shop{}))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("README.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("README.md")
	if err != nil || string(got) != want {
		t.Errorf("README.md is stale: run go test ./flows -update (%v)", err)
	}
}

func TestTheBookIsSound(t *testing.T) {
	t.Parallel()
	if faults := flows.Check(flows.Souk(&orders.Shop{})); len(faults) > 0 {
		t.Error(strings.Join(faults, "\n"))
	}
	if rows := flows.Rows(flows.Souk(&orders.Shop{})); !slices.IsSorted(rows) || len(rows) < 50 {
		t.Errorf("%d rows", len(rows))
	}
}

// A fault of a flow is shown where its state is declared.
func TestLintPointsAtTheState(t *testing.T) {
	t.Parallel()
	book := flows.Souk(&orders.Shop{})
	for i := range book.Flows {
		if book.Flows[i].Name == "ordering" {
			book.Flows[i].States = slices.DeleteFunc(book.Flows[i].States, func(s flows.State) bool { return s.Name == "regions" })
		}
	}
	faults := strings.Join(flows.Lint(book, os.DirFS("..")), "\n")
	if !strings.Contains(faults, "flows/ordering.go:") || !strings.Contains(faults, `ordering/browsing/byRegion goes to "regions"`) {
		t.Error(faults)
	}
}
