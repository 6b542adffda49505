# The front door. Every target is a preset of CMakePresets.json and a program; both can be used without make.
JOBS   ?= $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 600

TOOLS   = c++:g++ cmake:cmake ninja:ninja-build '<nlohmann/json.hpp>:nlohmann-json3-dev' '<zlib.h>:zlib1g-dev'
TESTING = $(TOOLS) '<gtest/gtest.h>:libgtest-dev' '<rapidcheck.h>:librapidcheck-dev' '<eigen3/Eigen/Core>:libeigen3-dev' \
          python3:python3 python3-numpy
PEERS   = '<boost/numeric/odeint.hpp>:libboost-dev' '<cvodes/cvodes.h>:libsundials-dev' '<benchmark/benchmark.h>:libbenchmark-dev'
DEMO    = lynx_and_hare spiral_neural_ode
BUILD   = cmake --build --parallel $(JOBS) --preset
CTEST   = ctest --parallel $(JOBS) --preset

.DEFAULT_GOAL := help
.PHONY: help demo test test-all test-aarch64 sanitize fuzz bench bench-peers bench-report docs format install clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' Makefile

demo:  ## train on real data, draw the result, say where the pictures are
	@tools/require.sh $(TOOLS) gnuplot:gnuplot-nox
	cmake --preset release
	$(BUILD) release --target $(DEMO)
	@for program in $(DEMO); do echo "+ $$program"; (cd build/release && examples/$$program) || exit 1; done
	@echo "The pictures:"; ls $(CURDIR)/build/release/pictures/*

test:  ## build and run every test
	@tools/require.sh $(TESTING)
	cmake --preset ci
	$(BUILD) ci
	$(CTEST) ci

test-all: test  ## test, then the same with clang++, then every header compiled alone
	@command -v clang++ >/dev/null || tools/require.sh clang++-14:clang-14
	cmake --preset clang -DCMAKE_CXX_COMPILER=$$(command -v clang++-14 || command -v clang++)
	$(BUILD) clang
	$(CTEST) clang
	$(BUILD) ci --target all_verify_interface_header_sets

sanitize:  ## test with the address and undefined-behavior sanitizers
	@tools/require.sh $(TESTING)
	cmake --preset dev
	$(BUILD) dev
	$(CTEST) dev

test-aarch64:  ## test kernels and arithmetic for 64-bit ARM, under emulation
	@tools/require.sh $(TESTING) aarch64-linux-gnu-g++:g++-aarch64-linux-gnu qemu-aarch64:qemu-user
	cmake --preset aarch64
	$(BUILD) aarch64
	$(CTEST) aarch64

fuzz:  ## FUZZ_SECONDS (600) of libFuzzer for each reader of files
	@tools/require.sh $(TOOLS)
	@command -v clang++ >/dev/null || tools/require.sh clang++-14:clang-14
	cmake --preset fuzz -DCMAKE_CXX_COMPILER=$$(command -v clang++-14 || command -v clang++)
	$(BUILD) fuzz
	@for program in build/fuzz/tests/fuzz/fuzz.*; do \
	    name=$${program##*/fuzz.}; found=build/fuzz/found/$$name; mkdir -p $$found; \
	    seeds=$$(ls -d tests/fuzz/corpus/$$name tests/data/reference 2>/dev/null); echo "+ $$name"; \
	    nice -n 19 $$program -max_total_time=$(FUZZ_SECONDS) -malloc_limit_mb=512 -timeout=20 -verbosity=0 -print_final_stats=1 \
	        -artifact_prefix=$$found. $$found $$seeds || exit 1; done

bench:  ## time the library beside its limits and the peers that are installed
	@tools/require.sh $(TOOLS) gnuplot:gnuplot-nox
	@tools/require.sh --optional $(PEERS)
	cmake --preset bench
	$(BUILD) bench
	@mkdir -p build/results; uptime | sed 's/.*average[s]*: //' >build/results/load.txt
	@cd build; for program in bench/benchmarks/benchmarks.*; do name=$${program##*/}; [ -x "$$program" ] && [ -f "$$program" ] || continue; echo "+ $$name"; \
	    "$$program" >results/$$name.md; status=$$?; cat results/$$name.md; [ $$status = 0 ] || exit 1; done

bench-peers:  ## time heyoka, diffrax and torchdiffeq at equal accuracy beside the library
	@tools/require.sh $(TOOLS) gnuplot:gnuplot-nox python3:python3 python3-venv
	@tools/require.sh --optional $(PEERS)
	cmake --preset bench
	$(BUILD) bench --target benchmarks.work_precision
	python3 -m venv build/peers
	build/peers/bin/pip install --quiet --requirement benchmarks/peers/python/requirements.txt
	@mkdir -p build/results
	@cd build; for program in bench/benchmarks/benchmarks.work_precision.*; do echo "+ $${program##*/}"; \
	    "$$program" >results/$${program##*/}.md || exit 1; done
	@cd build; for peer in heyoka diffrax torchdiffeq spiral; do echo "+ $$peer"; \
	    peers/bin/python -B ../benchmarks/peers/python/peer_$$peer.py results || exit 1; done
	@cd build; python3 -B ../benchmarks/peers/python/compare.py results >results/peers.md && cat results/peers.md

bench-report:  ## put what was measured last into docs/benchmarks
	python3 -B tools/bench_report.py build docs/benchmarks

docs:  ## the documentation as web pages; a warning is an error
	@tools/require.sh mkdocs:mkdocs mkdocs-material python3:python3
	python3 tools/check_docs.py
	mkdocs build --quiet --strict --site-dir $(CURDIR)/build/docs
	@echo "The documentation: $(CURDIR)/build/docs/index.html"
	@echo "With its search:   python3 -m http.server --directory $(CURDIR)/build/docs"

format:  ## lay out every source with clang-format
	@tools/require.sh clang-format:clang-format
	find src tests examples benchmarks model_problems -name acceptance -prune -o \
	    \( -name '*.hpp' -o -name '*.cpp' \) -print | xargs clang-format -i

install:  ## build the library and install it under PREFIX (/usr/local)
	@tools/require.sh $(TOOLS)
	cmake --preset release
	$(BUILD) release --target costate_libraries
	cmake --install build/release --prefix "$(PREFIX)"

clean:  ## remove what was built
	rm -rf build
