# Two commands are enough on Debian 12: `make demo` and `make test`. Both install what is missing (as root), build and run.
PRESET ?= release
BUILD := build/$(PRESET)
DEMO ?= full

.PHONY: help demo test build bench format lint configure build-packages test-packages
help:
	@echo "make demo    set up, then train, evaluate and run a silicon potential in LAMMPS (DEMO=short: at most 3 minutes)"
	@echo "make test    set up, then all tests"
	@echo "make build   the program: build/release/bin/kiln"
	@echo "make bench   speed against the hardware's floor: build/bench.json"
	@echo "make format  clang-format on every source"
	@echo "make lint    formatting and folder order, nothing changed"

build-packages:
	@tools/packages.sh build

test-packages:
	@tools/packages.sh build test

# One configuration for both: TESTS=OFF builds the program only.
configure: | build/.
	@cmake --preset $(PRESET) $(if $(KILN_DATA),-DKILN_DATA=$(KILN_DATA)) -DKILN_TESTS=$(TESTS) > build/configure.log 2>&1 || { cat build/configure.log; exit 1; }

build: build-packages
	@$(MAKE) --no-print-directory configure TESTS=OFF
	@cmake --build $(BUILD)

build/.:
	@mkdir -p build

demo: build
	@DEMO=$(DEMO) KILN_BUILD=$(BUILD) tools/demo.sh

test: test-packages
	@$(MAKE) --no-print-directory configure TESTS=ON
	@cmake --build $(BUILD)
	@ctest --test-dir $(BUILD) --output-on-failure -j 2

bench: build
	@$(BUILD)/bin/kiln_bench --output build/bench.json

format: test-packages
	@git ls-files '*.h' '*.cpp' | xargs clang-format -i

lint: test-packages
	@git ls-files '*.h' '*.cpp' | xargs clang-format --dry-run -Werror
	@tests/include_order.sh
