programs += wiretap
files += usr/share/man/man1/wiretap.1:wiretap/wiretap.1
checks += wiretap

# Mutations of the exchanges in tests/captures, guided by coverage: RUNS of them
RUNS ?= 1000000
.PHONY: fuzz-wiretap
fuzz-wiretap:
	@rm -rf $(OUT)/fuzz-seeds
	@mkdir -p $(OUT)/fuzz-corpus
	@python3 wiretap/fuzz/seeds.py ../tests/captures $(OUT)/fuzz-seeds
	@clang -std=gnu11 -D_GNU_SOURCE -O2 -g -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -I../include -I. -o $(OUT)/fuzz-wiretap \
		wiretap/fuzz/target.c $(filter-out %/main.c,$(wildcard wiretap/*.c))
	$(OUT)/fuzz-wiretap -runs=$(RUNS) -max_len=4096 -timeout=20 -verbosity=0 -print_final_stats=1 \
		-artifact_prefix=$(OUT)/ $(OUT)/fuzz-corpus $(OUT)/fuzz-seeds
