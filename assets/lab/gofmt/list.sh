# class: build-failure
# tool: gofmt
# ecosystem: go
# step: Format
# needs: apt:golang-go
# proof: these files are not formatted: limit.go
printf 'module example.org/relay\n\ngo 1.19\n' >go.mod
cat >limit.go <<'END'
package relay

func limit( of int ) int {
    if of>10 { return 10 }
    return of
}
END
#%% step
unformatted=$(gofmt -l .)
test -z "$unformatted" || { echo "these files are not formatted: $unformatted"; gofmt -d .; exit 1; }
