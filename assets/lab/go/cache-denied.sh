# class: permission-error
# tool: go-build
# ecosystem: go
# step: Build
# needs: apt:golang-go
# user: nobody
# proof: permission denied
printf 'module example.org/relay\n\ngo 1.19\n' >go.mod
printf 'package main\n\nfunc main() { println("relay") }\n' >main.go
#%% step
GOCACHE=/var/cache/go-build go build -o relay .
