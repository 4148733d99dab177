# shellcheck shell=bash disable=SC2034
# Sourced by the scripts beside it: where the tree is, how to build, how to say what went wrong. Not run by itself.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
jobs=${GATEHOUSE_JOBS:-$(nproc)}
# Two checkouts share what ccache keeps.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() {
  say "$*"
  exit 2
}

# The LLVM version in use: that of GATEHOUSE_CXX when it names one, else the first that is installed, 19 first because
# that is what everything is tested with; empty when there is none.
llvm_version() {
  local version
  if [[ ${GATEHOUSE_CXX:-} =~ clang\+\+-([0-9]+)$ ]]; then
    echo "${BASH_REMATCH[1]}"
    return
  fi
  for version in 19 20 21 22; do
    if command -v "clang++-$version" >/dev/null; then
      echo "$version"
      return
    fi
  done
}

# Sets and exports GATEHOUSE_CXX unless the caller did: clang 19 or later, else GCC 13 or later.
choose_compiler() {
  local version candidate
  [[ -n ${GATEHOUSE_CXX:-} ]] && return
  version=$(llvm_version)
  if [[ -n $version ]]; then
    GATEHOUSE_CXX=clang++-$version
  else
    for candidate in g++ g++-15 g++-14 g++-13; do
      if command -v "$candidate" >/dev/null && (($("$candidate" -dumpversion | cut -d. -f1) >= 13)); then
        GATEHOUSE_CXX=$candidate
        break
      fi
    done
  fi
  [[ -n ${GATEHOUSE_CXX:-} ]] || die "no clang++ 19 or later and no g++ 13 or later; scripts/setup installs one"
  [[ $GATEHOUSE_CXX == clang++-19 ]] || say "building with GATEHOUSE_CXX=$GATEHOUSE_CXX"
  export GATEHOUSE_CXX
}

# quietly LOG COMMAND...: runs it with its output in LOG; the end of LOG is shown only when it fails.
quietly() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  if "$@" >"$log" 2>&1; then return 0; fi
  say "this failed: $*"
  tail -n 40 "$log" >&2
  say "all of its output: $log"
  return 1
}

# configure PRESET: quick when nothing changed. The compiler is named on the command line because a preset's own
# environment hides the caller's.
configure() {
  choose_compiler
  local compiler=()
  [[ $GATEHOUSE_CXX == clang++-19 ]] || compiler=("-DCMAKE_CXX_COMPILER=$(command -v "$GATEHOUSE_CXX")")
  quietly "build/$1-configure.log" cmake --preset "$1" "${compiler[@]}"
}

# build PRESET [TARGET...]: everything when no target is named.
build() {
  local preset=$1 targets=()
  shift
  (($# == 0)) || targets=(--target "$@")
  quietly "build/$preset-build.log" cmake --build --preset "$preset" -j "$jobs" "${targets[@]}"
}
