# class: configuration-error
# tool: make
# ecosystem: c-cpp
# step: Package
# needs: apt:make
# proof: No rule to make target 'dist-arm64'
cat >Makefile <<'END'
VERSION := 2.8.1

dist-amd64:
	tar -czf spooler-$(VERSION)-amd64.tar.gz src

.PHONY: dist-amd64
END
mkdir src
printf 'int main(void) { return 0; }\n' >src/spooler.c
#%% step
make dist-amd64
make dist-arm64
