# Each target is one script, which works without make too.
.PHONY: run test build demo bench

run:
	@sh scripts/run.sh

test:
	@sh scripts/test.sh

build:
	@sh scripts/build.sh

demo:
	@sh scripts/demo.sh

bench:
	@sh scripts/bench.sh
