# class: dependency-error
# tool: go-build
# ecosystem: go
# step: Build
# needs: apt:golang-go
# proof: cannot find module providing package github.com/spf13/pflag: import lookup disabled by -mod=readonly
printf 'module example.org/relay\n\ngo 1.19\n' >go.mod
printf 'package main\n\nimport "github.com/spf13/pflag"\n\nfunc main() { pflag.Parse() }\n' >main.go
#%% step
go build -mod=readonly ./...
