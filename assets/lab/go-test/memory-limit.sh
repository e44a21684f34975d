# class: resource-exhaustion
# tool: go-test
# ecosystem: go
# step: Test
# needs: apt:golang-go
# proof: runtime: out of memory: cannot allocate
printf 'module example.org/tiles\n\ngo 1.19\n' >go.mod
cat >tiles.go <<'END'
// Package tiles cuts maps.
package tiles

// Cut makes room for so many tiles.
func Cut(count int) [][]byte {
	tiles := make([][]byte, count)
	for i := range tiles {
		tiles[i] = make([]byte, 64<<20)
	}
	return tiles
}
END
cat >tiles_test.go <<'END'
package tiles

import "testing"

func TestCut(t *testing.T) {
	if got := len(Cut(64)); got != 64 {
		t.Fatal(got)
	}
}
END
go test -c -o tiles.test
#%% step
ulimit -v 1500000
./tiles.test -test.v
