# SPDX-License-Identifier: GPL-2.0
# 'make help' lists the targets; docs/developing.md explains them.

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
MAKEFLAGS += --no-print-directory

KERNEL ?= 6.12
KERNELS := 6.1 6.12 7.2
JOBS ?= $(shell nproc)
top := $(CURDIR)
build := $(top)/build
kernels := $(top)/tests/cluster/kernels

# Directories that modules are built from.
module_dirs := include compat lnet kernel ldiskfs tests/unit tests/provoke tests/storage tests/traffic tests/locks tests/echo

# A kernel of the matrix, or with KDIR= any prepared kernel (DKMS does that).
ifdef KDIR
KERNEL := $(or $(KERNELRELEASE),custom)
within :=
else
within = $(kernels) run $(KERNEL) --
KDIR = $(shell $(kernels) kdir $(KERNEL))
WERROR ?= 1
endif
out = $(build)/$(KERNEL)
tree = $(out)/src

# Warnings are errors for us, not for a user's DKMS build.
strict = $(if $(filter 1,$(WERROR)),W=1) $(if $(within),SHEEN_TESTS=1)
cflags = $(if $(filter 1,$(WERROR)),-Werror) $(if $(filter debug,$(KERNEL)),-g) -I$(out) $(CFLAGS_EXTRA)
# UNRESOLVED=warn links modules although symbols are missing; ROOMS='lnet ldiskfs' builds only those.
kbuild = $(within) $(MAKE) -C $(KDIR) M=$(tree) -j$(JOBS) $(strict) SHEEN_CFLAGS='$(cflags)' \
	CONFIG_DEBUG_INFO_BTF_MODULES= ROOMS='$(ROOMS)' $(if $(filter warn,$(UNRESOLVED)),KBUILD_MODPOST_WARN=1)
# Messages name the file to edit, not its copy in build/.
readable = 2>&1 | sed -u -e 's,$(tree)/,,g' -e '/^make\[.*\(Entering\|Leaving\) directory/d' \
	-e '/Skipping BTF generation/d' -e '/the compiler differs from the one/,/You are using/d'

.PHONY: help
help:
	@echo 'make demo                  boot nodes, make a file system on them, show it at work'
	@echo 'make check                 all tests; the last line counts them'
	@echo 'make bench                 compare Sheen, NFSv4.2 and local ext4 (ARGS=--quick: in small)'
	@echo 'make shell                 leave nodes running with a shell on any of them'
	@echo 'make modules [KERNEL=k]    modules for kernel k: $(KERNELS) debug (default $(KERNEL))'
	@echo '                           KDIR=dir: for any other kernel. ROOM=dir: compile only that directory'
	@echo 'make tools                 userspace tools, in build/tools'
	@echo '                           make check ARGS="--kernel 6.12 --only lnet": some tests'
	@echo 'make unit                  unit tests on the debug kernel'
	@echo 'make sparse [KERNEL=k] [ROOM=dir]   sparse over the modules'
	@echo 'make clean                 remove build/ (the cache of kernels and images stays)'

.PHONY: sync
sync:
	@mkdir -p $(tree)
	@cd $(top) && rsync -aRq --delete --delete-missing-args --prune-empty-dirs \
		--include='*/' --include='*.[chS]' --include=Kbuild --include='*.mk' --include='*.sh' --exclude='*' \
		Kbuild $(foreach d,$(module_dirs),$(wildcard $(d))) $(tree)/
	@$(within) $(top)/compat/probe.sh $(KDIR) $(out) $(JOBS)

.PHONY: modules
ifdef ROOM
room_objects = $(or $(patsubst $(top)/%.c,%.o,$(shell find $(top)/$(ROOM) -name '*.c')),$(error no .c file in $(ROOM)))
modules: sync
	@$(kbuild) $(room_objects) $(readable)
else
modules: sync
	@$(kbuild) modules $(readable)
endif

# kernel/x.c is compiled once more by sparse; only what it says of our files counts.
.PHONY: sparse
sparse: sync
	@$(kbuild) C=2 CF='-D__CHECK_ENDIAN__' $(if $(ROOM),$(room_objects),modules) \
		$(readable) | tee $(out)/sparse.log | grep -v '^  ' ; \
	! grep -E '^(include|compat|lnet|kernel|ldiskfs|tests)/.*(warning|error):' $(out)/sparse.log

.PHONY: tools
tools:
	@if [ -e utils/Makefile ]; then $(MAKE) -C utils OUT=$(build)/tools -j$(JOBS) all; fi

# What dkms.conf calls: in place, with whatever the user's kernel warns about.
.PHONY: dkms
dkms:
	@compat/probe.sh $(KDIR) $(build)/dkms $(JOBS)
	@$(MAKE) -C $(KDIR) M=$(top) SHEEN_CFLAGS=-I$(build)/dkms modules

.PHONY: dependencies
dependencies:
	@packaging/dependencies

.PHONY: check
check: dependencies
	@tests/check $(ARGS)

.PHONY: unit
unit:
	@tests/check --only '^unit' $(ARGS)

.PHONY: shell
shell: dependencies
	@tests/cluster/run --kernel $(KERNEL) --nodes mds,oss,c1,c2 --disks mds=4G,oss=8G:8G

.PHONY: demo
demo: dependencies
	@tests/demo/demo $(ARGS)

.PHONY: bench
bench: dependencies
	@tests/bench/bench $(ARGS)

.PHONY: clean
clean:
	rm -rf $(build)
