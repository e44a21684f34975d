# class: dependency-error
# tool: go
# ecosystem: go
# step: Build binaries
# needs: apt:golang-go
# proof: missing go.sum entry
cat >go.mod <<'END'
module example.com/harbor/berth

go 1.19

require golang.org/x/sync v0.7.0
END
mkdir -p cmd/berthd
printf 'package main\n\nimport "golang.org/x/sync/errgroup"\n\nfunc main() { _ = errgroup.Group{} }\n' >cmd/berthd/main.go
#%% step
GOPROXY=off go build ./cmd/...
