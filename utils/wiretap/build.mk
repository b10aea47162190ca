programs += wiretap
files += usr/share/man/man1/wiretap.1:wiretap/wiretap.1
checks += wiretap

# Mutations of the captures of tests/captures, guided by coverage: RUNS of them
RUNS ?= 1000000
.PHONY: fuzz-wiretap
fuzz-wiretap:
	@mkdir -p $(OUT)/fuzz-corpus
	clang -std=gnu11 -D_GNU_SOURCE -O1 -g -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -I../include -I. -o $(OUT)/fuzz-wiretap \
		wiretap/fuzz/target.c $(filter-out %/main.c,$(wildcard wiretap/*.c))
	$(OUT)/fuzz-wiretap -runs=$(RUNS) -max_len=131072 -timeout=20 $(OUT)/fuzz-corpus ../tests/captures
