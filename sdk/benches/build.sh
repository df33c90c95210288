#!/usr/bin/env bash
# What building costs: CPU seconds (user + system) of the generator and of the SDK crate alone, a
# clean build of a program with one call, its size and its crates. Uses only cargo and the shell.
#
#   sdk/benches/build.sh            # in a folder of its own below target/
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
export CARGO_TARGET_DIR=$root/target/bench-build
# What has not changed counts too.
export CARGO_INCREMENTAL=0
TIMEFORMAT='%U %S %R'

cpu() { # label, command...
    local label=$1 spent
    shift
    spent=$({ time "$@" >/dev/null 2>&1; } 2>&1)
    awk -v label="$label" '{ printf "%-44s %6.2f CPU s %6.2f s\n", label, $1 + $2, $3 }' <<<"$spent"
}

cargo build --quiet --package xtask
cpu "codegen, nothing to write" "$CARGO_TARGET_DIR/debug/xtask" codegen --check

for profile in dev release check; do
    case $profile in
        dev) build=(cargo build --package cloudnet) ;;
        release) build=(cargo build --package cloudnet --release) ;;
        check) build=(cargo check --package cloudnet) ;;
    esac
    "${build[@]}" --quiet
    for _ in 1 2 3; do
        touch sdk/src/lib.rs
        cpu "cloudnet alone, $profile" "${build[@]}" --quiet
    done
done

program=$CARGO_TARGET_DIR/one-call
mkdir -p "$program/src"
cat >"$program/Cargo.toml" <<TOML
[package]
name = "one-call"
version = "0.0.0"
edition = "2024"
[dependencies]
cloudnet = { path = "$root/sdk" }
tokio = { version = "1", features = ["rt", "net", "time"] }
[profile.release]
strip = true
[workspace]
TOML
cat >"$program/src/main.rs" <<'RUST'
fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let vpc = cloudnet::vpc::Client::builder().region("cn-hangzhou").build().unwrap();
    println!("{:?}", runtime.block_on(vpc.create_vpc().vpc_name("prod").send()));
}
RUST
cp Cargo.lock "$program/"
cd "$program"
export CARGO_TARGET_DIR=$program/target
rm -rf "$CARGO_TARGET_DIR"
cpu "a program with one call, clean, dev" cargo build --quiet
cpu "a program with one call, clean, release" cargo build --quiet --release
printf '%-44s %s bytes\n' "its stripped release binary" "$(wc -c <"$CARGO_TARGET_DIR/release/one-call")"
printf '%-44s %s\n' "crates in its tree" "$(cargo tree --edges normal,build --prefix none --no-dedupe | sed 's/ (\*)//' | sort -u | wc -l)"
