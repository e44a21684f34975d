# class: network-error
# tool: go
# ecosystem: go
# step: go mod download
# needs: apt:golang-go
# proof: connect: connection refused
cat >go.mod <<'END'
module example.com/harbor/tug

go 1.19

require example.com/harbor/ropes v0.9.4
END
#%% step
GOPROXY=http://127.0.0.1:18092 GONOSUMDB='*' go mod download
