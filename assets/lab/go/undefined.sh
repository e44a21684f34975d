# class: build-failure
# tool: go-build
# ecosystem: go
# step: Build
# needs: apt:golang-go
# proof: undefined: parseLimit
mkdir -p cmd/relayd
printf 'module example.org/relay\n\ngo 1.19\n' >go.mod
cat >cmd/relayd/main.go <<'END'
package main

import (
	"fmt"
	"os"
	"strconv"
)

func main() {
	limit, err := parseLimit(os.Getenv("RELAY_LIMIT"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("limit", limit)
}
END
#%% step
go build ./...
