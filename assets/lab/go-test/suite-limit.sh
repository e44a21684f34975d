# class: timeout
# tool: go-test
# ecosystem: go
# step: Test
# needs: apt:golang-go
# proof: panic: test timed out after 20s
printf 'module example.org/queue\n\ngo 1.19\n' >go.mod
cat >queue.go <<'END'
// Package queue hands on jobs.
package queue

// Next waits for a job.
func Next(jobs <-chan string) string { return <-jobs }
END
cat >queue_test.go <<'END'
package queue

import "testing"

func TestNext(t *testing.T) {
	jobs := make(chan string, 1)
	jobs <- "rebuild"
	if got := Next(jobs); got != "rebuild" {
		t.Fatal(got)
	}
}

func TestNextOfNone(t *testing.T) {
	if got := Next(make(chan string)); got != "" {
		t.Fatal(got)
	}
}
END
#%% step
go test -timeout 20s -v ./...
