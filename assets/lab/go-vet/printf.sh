# class: build-failure
# tool: go-vet
# ecosystem: go
# step: Vet
# needs: apt:golang-go
# proof: fmt.Printf format %d has arg
printf 'module example.org/relay\n\ngo 1.19\n' >go.mod
cat >main.go <<'END'
package main

import (
	"fmt"
	"sync"
)

type counter struct {
	sync.Mutex
	name string
	hits int
}

func show(c counter) {
	fmt.Printf("%d hits of %s\n", c.name, c.hits)
}

func main() { show(counter{name: "start"}) }
END
#%% step
go vet ./...
