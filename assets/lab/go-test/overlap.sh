# class: test-failure
# tool: go-test
# ecosystem: go
# step: Test
# needs: apt:golang-go
# proof: --- FAIL: TestWindow/overlapping
cat >go.mod <<'END'
module example.org/metering

go 1.19
END
cat >window.go <<'END'
// Package metering adds up what meters report.
package metering

// Window is a half-open span of seconds.
type Window struct{ From, To int64 }

// Overlap is how many seconds two windows share.
func (w Window) Overlap(other Window) int64 {
	from, to := w.From, w.To
	if other.From > from {
		from = other.From
	}
	if other.To > to {
		to = other.To
	}
	return to - from
}
END
cat >window_test.go <<'END'
package metering

import "testing"

func TestWindow(t *testing.T) {
	for name, tt := range map[string]struct {
		a, b Window
		want int64
	}{
		"same":        {Window{0, 60}, Window{0, 60}, 60},
		"overlapping": {Window{0, 60}, Window{30, 90}, 30},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tt.a.Overlap(tt.b); got != tt.want {
				t.Errorf("%v.Overlap(%v) = %d, want %d", tt.a, tt.b, got, tt.want)
			}
		})
	}
}
END
#%% step
go test ./...
