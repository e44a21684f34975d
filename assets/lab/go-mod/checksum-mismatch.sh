# class: dependency-error
# tool: go
# ecosystem: go
# step: Download modules
# needs: apt:golang-go apt:zip
# proof: SECURITY ERROR
# proof: checksum mismatch
module=../proxy/example.com/harbor/wire/@v
mkdir -p "$module" "../src/example.com/harbor/wire@v1.2.0"
printf 'module example.com/harbor/wire\n\ngo 1.19\n' >"$module/v1.2.0.mod"
cp "$module/v1.2.0.mod" ../src/example.com/harbor/wire@v1.2.0/go.mod
printf 'package wire\n\nconst Version = "1.2.0"\n' >../src/example.com/harbor/wire@v1.2.0/wire.go
(cd ../src && zip -qr "../proxy/example.com/harbor/wire/@v/v1.2.0.zip" example.com)
echo '{"Version":"v1.2.0","Time":"2024-03-01T09:00:00Z"}' >"$module/v1.2.0.info"
echo v1.2.0 >"$module/list"
cat >go.mod <<'END'
module example.com/harbor/pilot

go 1.19

require example.com/harbor/wire v1.2.0
END
cat >go.sum <<'END'
example.com/harbor/wire v1.2.0 h1:2zTn8eQ0b1kHqV4Jr2m0yQn8Yb0mK9n3pZ2f6m1xW4c=
example.com/harbor/wire v1.2.0/go.mod h1:9dJ0c3Zp7T1yQn8Yb0mK9n3pZ2f6m1xW4c2zTn8eQ0b=
END
printf 'package main\n\nimport _ "example.com/harbor/wire"\n\nfunc main() {}\n' >main.go
rm -rf "$HOME/go/pkg/mod/cache/download/example.com" "$HOME/go/pkg/mod/example.com"
#%% step
GOPROXY=file://$PWD/../proxy GONOSUMDB='*' go mod download -x
