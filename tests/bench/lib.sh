# lib.sh: what the benchmarks share. Sourced, not run.

root=$(cd "$(dirname "$0")/../.." && pwd)
lockkeeper=${LOCKKEEPER:-$root/build/release/lockkeeper}
npm=$root/build/deps/npm/node_modules
squawk=$npm/@squawk-cli/linux-x64/bin/squawk
dbmate=$npm/@dbmate/linux-x64/bin/dbmate
if [ "${SCRATCH:-}" ]; then # of the script that has called itself
    scratch=$SCRATCH
else
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/lockkeeper-bench.XXXXXX")
    trap 'rm -rf "$scratch"' EXIT
fi

need() {
    [ -x "$1" ] || { printf 'bench: %s is missing: run scripts/setup and build the release preset\n' "$1" >&2; exit 2; }
}

now_ns() { date +%s%N; }

# peak_kb CMD...: the most memory a command had resident, in kB.
peak_kb() {
    /usr/bin/time -f %M -o "$scratch/peak" "$@" >/dev/null 2>&1 || true
    tail -n 1 "$scratch/peak"
}

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
