# For hands that type `make`; the scripts do the work.
.PHONY: run test check

run:
	./run

test:
	./test

check:
	.ci/run
